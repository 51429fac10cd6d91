//! What the page is told where it does not get what it asked for: a status, and a sentence.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Not from this page, or without the token.
    Forbidden(&'static str),
    /// There is nothing of this name.
    NotFound,
    /// The request makes no sense.
    Bad(String),
    /// What was sent is larger than is taken.
    TooLarge(String),
    /// What was sent is not what it should be.
    Unusable(String),
    /// It was there, and cannot be read any more.
    Gone(String),
    /// Something on this machine failed.
    Failed(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, sentence) = match self {
            Self::Forbidden(why) => (StatusCode::FORBIDDEN, why.to_owned()),
            Self::NotFound => (StatusCode::NOT_FOUND, "There is nothing here.".to_owned()),
            Self::Bad(why) => (StatusCode::BAD_REQUEST, why),
            Self::TooLarge(why) => (StatusCode::PAYLOAD_TOO_LARGE, why),
            Self::Unusable(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::Gone(why) => (StatusCode::GONE, why),
            Self::Failed(why) => (StatusCode::INTERNAL_SERVER_ERROR, why),
        };
        (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
    }
}
