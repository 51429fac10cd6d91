//! Who may ask. Any page of any site may send requests to loopback, and any user of this machine too; so each request must
//! name this server as its host (against DNS rebinding), must not come from a foreign page, and must hold the session that
//! the token in the printed address was exchanged for.

use std::io;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::refusal::Refusal;
use super::secret::Secret;

/// No script, no style, no picture but ours, and no word to anybody else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What goes with every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What a request must show.
#[derive(Debug)]
pub(super) struct Guard {
    port: u16,
    token: Secret,
    session: Secret,
    /// Whether the token was exchanged: it opens the page once.
    used: Mutex<bool>,
}

impl Guard {
    pub(super) fn new(port: u16) -> io::Result<Self> {
        Ok(Self { port, token: Secret::new()?, session: Secret::new()?, used: Mutex::default() })
    }

    pub(super) fn token(&self) -> &str {
        self.token.text()
    }

    /// Whether the request was sent to this server by its name, and not by a page of another.
    fn is_at_home(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let homes = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port));
        let only = |name: HeaderName| {
            let mut values = headers.get_all(name).iter();
            (values.next(), values.next().is_none())
        };
        let (host, once) = only(header::HOST);
        let host = host
            .and_then(|host| host.to_str().ok())
            .filter(|host| once && homes.iter().any(|home| home == host));
        let Some(host) = host else {
            return Err(Refusal::Forbidden("This is no name of this server."));
        };
        let (origin, once) = only(header::ORIGIN);
        let is_own = |origin: &HeaderValue| {
            origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://")) == Some(host)
        };
        let comes_from_here = match origin {
            Some(origin) => once && is_own(origin),
            // A browser says where it comes from whenever it sends something.
            None => *method == Method::GET || *method == Method::HEAD,
        };
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if comes_from_here && matches!(site, None | Some(b"same-origin" | b"none")) {
            return Ok(());
        }
        Err(Refusal::Forbidden("Another page may not ask this server."))
    }

    /// Cookies know no ports: each server of this kind on the machine needs a name of its own.
    fn cookie(&self) -> String {
        format!("mtlscope-{}", self.port)
    }

    fn has_session(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(known, value)| known == name && self.session.is(value))
    }

    /// Takes the token, once.
    fn takes(&self, request: &Request) -> bool {
        let query = request.uri().query().unwrap_or_default();
        let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
        if request.uri().path() != "/" || !token.is_some_and(|token| self.token.is(token)) {
            return false;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut *used, true)
    }

    fn open(&self) -> Response {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie(), self.session.text());
        // The token leaves the address, so that it is in no history and no picture of the screen.
        (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned())])
            .into_response()
    }
}

/// Lets a request through to its route, or refuses it.
pub(super) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let guard = &shared.guard;
    let mut response = if let Err(refusal) = guard.is_at_home(request.method(), request.headers()) {
        refusal.into_response()
    } else if guard.has_session(request.headers()) {
        match request.uri().path() == "/" && request.uri().query().is_some() {
            // The printed address again, in the same browser.
            true => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
            false => next.run(request).await,
        }
    } else if guard.takes(&request) {
        guard.open()
    } else {
        Refusal::Forbidden(
            "This page opens with the address that mtlscope printed, once, in the browser that used it first. \
             Start mtlscope again for a new one.",
        )
        .into_response()
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
