//! The page itself: files that are part of the program.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use crate::fragments;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Each file, its type, and what is in it.
const FILES: &[(&str, &str, &str)] = &[
    ("page.css", STYLE, include_str!("../../assets/page.css")),
    ("main.js", SCRIPT, include_str!("../../assets/main.js")),
    ("ask.js", SCRIPT, include_str!("../../assets/ask.js")),
    ("table.js", SCRIPT, include_str!("../../assets/table.js")),
    ("filter.js", SCRIPT, include_str!("../../assets/filter.js")),
    ("picture.js", SCRIPT, include_str!("../../assets/picture.js")),
    ("connection.js", SCRIPT, include_str!("../../assets/connection.js")),
    ("print.js", SCRIPT, include_str!("../../assets/print.js")),
    ("bring.js", SCRIPT, include_str!("../../assets/bring.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

/// The page.
pub(super) async fn index() -> Response {
    let html = include_str!("../../assets/page.html");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// What belongs to it.
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    if name == "views.css" {
        return Ok(([(header::CONTENT_TYPE, STYLE)], fragments::STYLE).into_response());
    }
    let (_, kind, content) = FILES.iter().find(|(known, ..)| *known == name).ok_or(Refusal::NotFound)?;
    Ok(([(header::CONTENT_TYPE, *kind)], *content).into_response())
}
