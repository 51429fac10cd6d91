//! Keys that are given while the page is open.

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use mtlscope_dissect::decrypt::KeyLog;
use mtlscope_dissect::input::SecretOrigin;

use super::Shared;
use super::refusal::Refusal;

/// Takes a key log. What it opens, opens in place.
pub(super) async fn add(State(shared): State<Shared>, body: Body) -> Result<StatusCode, Refusal> {
    let most = shared.library.limits().keys.saturating_sub(shared.library.bytes_of_keys());
    let text = to_bytes(body, most).await.map_err(|_| {
        Refusal::TooLarge(format!("These are more keys than are taken: {} MB are left.", most >> 20))
    })?;
    let added = KeyLog::new().add(&text, SecretOrigin::KeyLog);
    if added.client_randoms.is_empty() && added.premasters.is_empty() {
        return Err(Refusal::Unusable(
            "No line of this is a key. A key log has lines such as `CLIENT_RANDOM <64 hex digits> <96 hex digits>`; programs \
             write it where SSLKEYLOGFILE says."
                .to_owned(),
        ));
    }
    shared.library.add_keys(&text);
    Ok(StatusCode::NO_CONTENT)
}
