//! A capture that is dropped onto the page: it goes, piece by piece, to a private file of this machine, and is read from
//! there. It is held in memory nowhere.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use serde::Deserialize;
use tempfile::{NamedTempFile, TempPath};

use super::Shared;
use super::refusal::Refusal;

/// How long a refusal is waited for; what is read longer than this is a capture.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the next piece of an upload is waited for.
const SILENCE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

/// Takes a capture, and reads it.
pub(super) async fn upload(
    State(shared): State<Shared>,
    Query(Named { name }): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let most = shared.library.limits().upload;
    let said =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > most) {
        return Err(too_large(&name, most));
    }
    let file = store(body, &name, most).await?;
    let ended = shared.library.open_upload(&name, file);
    match tokio::time::timeout(PATIENCE, ended).await {
        Ok(Ok(Err(why))) => Err(Refusal::Unusable(why)),
        Ok(_) | Err(_) => Ok(StatusCode::ACCEPTED),
    }
}

async fn store(body: Body, name: &str, most: u64) -> Result<TempPath, Refusal> {
    let failed =
        |error: io::Error| Refusal::Failed(format!("{name} cannot be stored: {error} (is the disk full?)"));
    // Mode 0600; it vanishes when nobody needs it any more.
    let mut file = NamedTempFile::with_prefix("mtlscope-").map_err(failed)?;
    let mut pieces = body.into_data_stream();
    let mut taken = 0;
    while let Some(piece) = tokio::time::timeout(SILENCE, pieces.next())
        .await
        .map_err(|_| Refusal::Bad(format!("{name}: nothing came for a minute.")))?
    {
        let piece = piece.map_err(|_| Refusal::Bad(format!("{name}: the upload broke off.")))?;
        taken += piece.len() as u64;
        if taken > most {
            return Err(too_large(name, most));
        }
        // A write to a file of this machine: short enough to do here.
        file.write_all(&piece).map_err(failed)?;
    }
    file.flush().map_err(failed)?;
    Ok(file.into_temp_path())
}

fn too_large(name: &str, most: u64) -> Refusal {
    Refusal::TooLarge(format!(
        "{name} is larger than the {} MB that the page takes. Give it to the program instead: `mtlscope web CAPTURE` reads it \
         where it is, of any size.",
        most >> 20
    ))
}
