//! A connection in full, as pieces of HTML that views makes.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mtlscope_views::html::Spacing;
use serde::Deserialize;

use super::Shared;
use super::refusal::Refusal;
use crate::fragments;
use crate::library::{Capture, Missing, Whole};
use crate::table::Key;

/// How a ladder is drawn.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Drawn {
    to_scale: bool,
}

/// The verdict, the ladder, the certificates.
pub(super) async fn connection(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    Query(Drawn { to_scale }): Query<Drawn>,
) -> Result<Response, Refusal> {
    let whole = whole(&shared, &key).await?;
    let spacing = if to_scale { Spacing::ToScale } else { Spacing::Even };
    let files = capture(&shared, &whole, Capture::file_names);
    Ok(html(fragments::connection(&whole, files, spacing, &shared.library.context())))
}

/// How many steps share a row of the ladder.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Run {
    count: usize,
}

/// A step: of a message, its fields and its bytes.
pub(super) async fn step(
    State(shared): State<Shared>,
    Path((key, place)): Path<(String, usize)>,
    Query(Run { count }): Query<Run>,
) -> Result<Response, Refusal> {
    let whole = whole(&shared, &key).await?;
    fragments::step(&whole, place, count).map(html).ok_or(Refusal::NotFound)
}

/// Two connections side by side.
pub(super) async fn compare(
    State(shared): State<Shared>,
    Path((one, other)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (one, other) = (whole(&shared, &one).await?, whole(&shared, &other).await?);
    let name = |whole: &Whole| capture(&shared, whole, |capture| capture.name().into_owned());
    Ok(html(fragments::comparison((&one, &name(&one)), (&other, &name(&other)))))
}

/// The page of a rule.
pub(super) async fn rule(Path(id): Path<String>) -> Result<Response, Refusal> {
    fragments::rule_page(&id).map(html).ok_or(Refusal::NotFound)
}

/// What is known of the capture that a connection is in.
fn capture<T: Default>(shared: &Shared, whole: &Whole, ask: impl FnOnce(&Capture) -> T) -> T {
    let open = shared.library.look();
    open.captures.get(usize::from(whole.key.capture)).map_or_else(T::default, ask)
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
