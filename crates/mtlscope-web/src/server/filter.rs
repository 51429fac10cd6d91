//! The filter box: what is wrong with a filter and where, and the fields a word may become.

use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mtlscope_views::fields::{Field, list, registry};
use mtlscope_views::filter::{FilterError, OverConnections};
use serde::{Deserialize, Serialize};

/// Suggestions at a time.
const MOST: usize = 12;

/// What is wrong with a filter.
#[derive(Serialize)]
pub(super) struct Mistake {
    message: String,
    /// Where, in units of UTF-16 as JavaScript counts.
    start: usize,
    end: usize,
}

impl Mistake {
    pub(super) fn of(text: &str, error: &FilterError) -> Self {
        let place = error.place();
        let units = |end: usize| text.get(..end).unwrap_or(text).encode_utf16().count();
        Self { message: error.message(), start: units(place.start), end: units(place.end) }
    }
}

impl IntoResponse for Mistake {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(self)).into_response()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    text: String,
}

/// Whether a filter is one: null, or what is wrong with it.
pub(super) async fn check(Query(typed): Query<Typed>) -> Json<Option<Mistake>> {
    Json(OverConnections::compile(&typed.text).err().map(|error| Mistake::of(&typed.text, &error)))
}

#[derive(Serialize)]
struct Suggestion {
    name: &'static str,
    kind: &'static str,
    about: &'static str,
}

/// The fields that a word may become: those it begins first, then those it is in.
pub(super) async fn fields(Query(typed): Query<Typed>) -> Response {
    let word = typed.text.to_lowercase();
    let begins = |field: &&Field| field.name.to_lowercase().starts_with(&word);
    let holds = |field: &&Field| !begins(field) && field.name.to_lowercase().contains(&word);
    let found = registry::all().filter(begins).chain(registry::all().filter(holds)).take(MOST);
    let suggestions: Vec<Suggestion> = found
        .map(|field| Suggestion { name: field.name, kind: list::word(field.kind), about: field.about })
        .collect();
    Json(suggestions).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_as_javascript_does() {
        let text = "server_name == \"🦀\" and tls.nonsense";
        let error = OverConnections::compile(text).unwrap_err();
        let mistake = Mistake::of(text, &error);
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(String::from_utf16(&units[mistake.start..mistake.end]).unwrap(), "tls.nonsense");
    }
}
