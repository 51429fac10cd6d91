//! The rows that are on the screen, and the picture above them. However many connections there are, the browser holds a
//! screen full.

use axum::Json;
use axum::extract::{Query as Asked, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Shared;
use super::filter::Mistake;
use crate::library::{Filtering, Meant};
use crate::table::{Picture, Query, Shown};

/// Rows at a time.
const MOST: usize = 500;

/// Which of the rows that are meant.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Window {
    from: usize,
    count: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: 0, count: 100 }
    }
}

#[derive(Serialize)]
struct Rows<'a> {
    /// All there are.
    total: usize,
    /// Those that are meant.
    meant: usize,
    from: usize,
    rows: Vec<Shown<'a>>,
    filtering: Option<Filtering>,
}

/// A window of the rows that are meant.
pub(super) async fn rows(
    State(shared): State<Shared>,
    Asked(query): Asked<Query>,
    Asked(window): Asked<Window>,
) -> Response {
    let Meant { places, filtering } = match shared.library.rows(&query) {
        Ok(meant) => meant,
        Err(error) => return Mistake::of(&query.filter, &error).into_response(),
    };
    let from = window.from.min(places.len());
    let until = from.saturating_add(window.count.min(MOST)).min(places.len());
    let open = shared.library.look();
    let shown = places.get(from..until).unwrap_or_default();
    let rows = shown.iter().filter_map(|place| open.table.shown(*place)).collect();
    Json(Rows { total: open.table.len(), meant: places.len(), from, rows, filtering }).into_response()
}

/// How finely time is cut.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Slices {
    slices: usize,
}

impl Default for Slices {
    fn default() -> Self {
        Self { slices: 120 }
    }
}

#[derive(Serialize)]
struct Drawn<'a> {
    picture: Picture<'a>,
}

/// What is counted over the rows that are meant.
pub(super) async fn picture(
    State(shared): State<Shared>,
    Asked(query): Asked<Query>,
    Asked(slices): Asked<Slices>,
) -> Response {
    let places = match shared.library.rows(&query) {
        Ok(meant) => meant.places,
        Err(error) => return Mistake::of(&query.filter, &error).into_response(),
    };
    let open = shared.library.look();
    Json(Drawn { picture: open.table.picture(&places, slices.slices) }).into_response()
}
