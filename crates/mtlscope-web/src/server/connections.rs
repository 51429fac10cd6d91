//! A connection in full, as pieces of HTML that views makes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::refusal::Refusal;
use crate::fragments;
use crate::library::{Missing, Whole};
use crate::table::Key;

/// The verdict, the ladder, the certificates.
pub(super) async fn connection(
    State(shared): State<Shared>,
    Path(key): Path<String>,
) -> Result<Response, Refusal> {
    let whole = whole(&shared, &key).await?;
    Ok(html(fragments::connection(&whole.connection, &whole.findings)))
}

/// A message: its fields and its bytes.
pub(super) async fn step(
    State(shared): State<Shared>,
    Path((key, step)): Path<(String, usize)>,
) -> Result<Response, Refusal> {
    let whole = whole(&shared, &key).await?;
    fragments::step(&whole.connection, step).map(html).ok_or(Refusal::NotFound)
}

/// Two connections side by side.
pub(super) async fn compare(
    State(shared): State<Shared>,
    Path((one, other)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (one, other) = (whole(&shared, &one).await?, whole(&shared, &other).await?);
    let name = |whole: &Whole| {
        let open = shared.library.look();
        let capture = open.captures.get(usize::from(whole.key.capture)).map_or("", |capture| capture.name());
        format!("{capture}#{}", whole.key.id)
    };
    Ok(html(fragments::comparison(
        (&one.connection, &one.findings, &name(&one)),
        (&other.connection, &other.findings, &name(&other)),
    )))
}

async fn whole(shared: &Shared, key: &str) -> Result<Arc<Whole>, Refusal> {
    let key: Key = key.parse().map_err(|()| Refusal::NotFound)?;
    let library = Arc::clone(&shared.library);
    // Reads a part of the capture: not on the thread that answers.
    let found = tokio::task::spawn_blocking(move || library.whole(key)).await;
    match found {
        Ok(Ok(whole)) => Ok(whole),
        Ok(Err(Missing::Unknown)) => Err(Refusal::NotFound),
        Ok(Err(Missing::Gone(why))) => Err(Refusal::Gone(why)),
        Err(_) => Err(Refusal::Failed("The capture could not be read.".to_owned())),
    }
}

fn html(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}
