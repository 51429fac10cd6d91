//! The talk of an HTTP proxy: CONNECT (RFC 9110 section 9.3.6), and requests for `http://` URLs, which are forwarded.
//!
//! A forwarded request is rewritten as RFC 9112 section 3.2 has it for an origin server, with `Connection: close`, so that
//! each one is a connection. It holds no TLS, and nothing of it is fed.

use std::io;
use std::net::TcpStream;

use httparse::{EMPTY_HEADER, Request, Status};

use super::Way;
use super::caller::Caller;
use super::destination::{Unreached, destination};
use super::proxy::{Asked, Refused};
use crate::client::Target;

/// More fields than this make no sense in a request.
const FIELDS: usize = 100;
/// Fields that are between the client and the proxy, and `Connection`, which is set anew.
const NOT_FORWARDED: [&str; 5] =
    ["proxy-connection", "proxy-authorization", "connection", "keep-alive", "te"];

/// Hears a request.
pub(super) fn asked(client: &mut Caller<'_>) -> Result<Asked, Refused> {
    let length = client.hear_until(head_length)?;
    let head = client.take(length);
    let mut fields = [EMPTY_HEADER; FIELDS];
    let mut request = Request::new(&mut fields);
    if !matches!(request.parse(&head), Ok(Status::Complete(_))) {
        return refuse(client, "400 Bad Request", "sent a request that is no HTTP/1.1");
    }
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    if method == "CONNECT" {
        return match destination(target) {
            Some(destination) => Ok(Asked { destination, way: Way::HttpConnect, forwarded: Vec::new() }),
            None => refuse(client, "400 Bad Request", "asked for a way to what is no HOST:PORT"),
        };
    }
    match url::Url::parse(target).ok().filter(|url| url.scheme() == "http") {
        Some(url) => forward(method, &url, &request)
            .map_or_else(|| refuse(client, "400 Bad Request", "asked for a URL without a host"), Ok),
        None => refuse(
            client,
            "501 Not Implemented",
            "asked for a page: this is a proxy, for CONNECT and for http:// URLs",
        ),
    }
}

/// Tells a client what became of its wish.
pub(super) fn answer(
    client: &mut Caller<'_>,
    way: &Way,
    reached: Result<&TcpStream, &Unreached>,
) -> io::Result<()> {
    match reached {
        Ok(_) if *way == Way::HttpForward => Ok(()),
        Ok(_) => client.say(b"HTTP/1.1 200 Connection established\r\n\r\n"),
        Err(unreached) => {
            let status = match unreached.cause() {
                io::ErrorKind::TimedOut => "504 Gateway Timeout",
                io::ErrorKind::PermissionDenied => "403 Forbidden",
                _ => "502 Bad Gateway",
            };
            client.say(page(status, &unreached.to_string()).as_bytes())
        }
    }
}

/// The request as the server is to have it.
fn forward(method: &str, url: &url::Url, request: &Request<'_, '_>) -> Option<Asked> {
    let host = url.host_str()?;
    let port = url.port().unwrap_or(80);
    let mut head = format!("{method} {} HTTP/1.1\r\n", crate::client::target(url)).into_bytes();
    for field in request.headers.iter() {
        if NOT_FORWARDED.iter().any(|name| field.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        head.extend_from_slice(field.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(field.value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"Connection: close\r\n\r\n");
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Asked { destination: Target { host, port }, way: Way::HttpForward, forwarded: head })
}

/// Answers with a status, and says why in one line.
fn refuse(client: &mut Caller<'_>, status: &str, why: &str) -> Result<Asked, Refused> {
    client.say(page(status, why).as_bytes())?;
    Err(Refused::Answered(format!("{why}; it was answered {status}")))
}

fn page(status: &str, why: &str) -> String {
    let body = format!("mtlscope tap: {why}\n");
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// How long a head is, once it is all there.
fn head_length(heard: &[u8]) -> Option<usize> {
    let place = heard.windows(4).position(|four| four == b"\r\n\r\n");
    place.map(|place| place + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_request_names_its_path_and_says_that_it_is_the_only_one() {
        let mut fields = [EMPTY_HEADER; 8];
        let mut request = Request::new(&mut fields);
        let head =
            b"GET http://a.test:8080/x?y HTTP/1.1\r\nHost: a.test:8080\r\nProxy-Connection: Keep-Alive\r\n\
            Connection: keep-alive\r\nAccept: */*\r\n\r\n";
        assert!(request.parse(head).unwrap().is_complete());
        let url = url::Url::parse("http://a.test:8080/x?y").unwrap();
        let asked = forward("GET", &url, &request).unwrap();
        assert_eq!(asked.destination, Target { host: "a.test".to_owned(), port: 8080 });
        assert_eq!(
            String::from_utf8(asked.forwarded).unwrap(),
            "GET /x?y HTTP/1.1\r\nHost: a.test:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
    }
}
