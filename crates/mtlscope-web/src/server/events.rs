//! What is open and how far it was read, at once or as it changes (Server-Sent Events).

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;

use super::Shared;
use crate::library::Library;

/// The least time between two events: nobody reads faster.
const PAUSE: Duration = Duration::from_millis(200);

/// What the page shows of everything that is open.
#[derive(Serialize)]
struct State_<'a> {
    captures: Vec<crate::library::ShownCapture<'a>>,
    rows: usize,
    /// Connections for which there was no room.
    let_go: u64,
    /// Rises with each change of the table.
    version: u64,
    /// Rises with each key log that is given.
    generation: u64,
    /// Bytes of an upload that are taken.
    upload: u64,
}

/// What is open, now.
pub(super) async fn state(State(shared): State<Shared>) -> Response {
    Json(now(&shared.library)).into_response()
}

/// What is open, whenever it changes.
pub(super) async fn events(
    State(shared): State<Shared>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let pulse = shared.library.pulse();
    let library = shared.library;
    let stream = stream::unfold((library, pulse, true), |(library, mut pulse, is_first)| async move {
        if !is_first {
            pulse.changed().await.ok()?;
            tokio::time::sleep(PAUSE).await;
        }
        pulse.mark_unchanged();
        let event = Event::default().data(now(&library).to_string());
        Some((Ok(event), (library, pulse, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

fn now(library: &Library) -> serde_json::Value {
    let open = library.look();
    let captures = (0..).zip(&open.captures).filter_map(|(number, capture)| capture.shown(number)).collect();
    let state = State_ {
        captures,
        rows: open.table.len(),
        let_go: open.table.let_go(),
        version: open.table.version(),
        generation: open.generation,
        upload: library.limits().upload,
    };
    // Strings and numbers can always be written.
    serde_json::to_value(state).unwrap_or_default()
}
