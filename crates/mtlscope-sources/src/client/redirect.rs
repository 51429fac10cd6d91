//! Where an answer sends the client next (curl's `-L`).

use url::Url;

use super::Report;
use crate::http::Request;

/// The address to which an answer redirects, and the request to make there: as curl does it, POST becomes GET at 301, 302
/// and 303, and what logs in is not told to another host.
pub fn redirected(at: &Url, request: &Request, report: &Report) -> Option<(Url, Request)> {
    let response = report.response.as_ref()?;
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut next = at.join(response.header("location")?).ok()?;
    if next.fragment().is_none() {
        next.set_fragment(at.fragment());
    }
    let mut request = request.clone();
    let becomes_get = match response.status {
        303 => request.method != "HEAD",
        301 | 302 => request.method == "POST",
        _ => false,
    };
    if becomes_get {
        request.method = "GET".to_owned();
        request.body = None;
        request.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    if next.host_str() != at.host_str() || next.port_or_known_default() != at.port_or_known_default() {
        request.headers.retain(|(name, _)| {
            !name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case("cookie")
        });
    }
    request.authority = authority(&next);
    request.target = target(&next);
    Some((next, request))
}

/// `Host` for an address: the port only where it is not the scheme's own.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Path and query of an address.
pub fn target(url: &Url) -> String {
    let path = if url.path().is_empty() { "/" } else { url.path() };
    match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
