//! The lines of `curl -v`, with OpenSSL and its relatives behind it.
//!
//! ```text
//! * TLSv1.2 (IN), TLS handshake, Request CERT (13):
//! * TLSv1.3 (IN), TLS alert, unknown CA (560):
//! * SSL connection using TLSv1.2 / ECDHE-RSA-AES256-SHA384
//! > GET / HTTP/1.1
//! < HTTP/1.1 403 Forbidden
//! * HTTP/2 stream 1 was not closed cleanly: HTTP_1_1_REQUIRED (err 13)
//! ```

use std::net::{IpAddr, SocketAddr};

use super::{Direction, Heard, Precision, version_named};
use crate::http2::{Ended, Ending, ErrorCode};
use crate::tls::alert::Alert;
use crate::tls::registry::{AlertDescription, AlertLevel, CipherSuite, HandshakeType};

pub(super) fn hear(line: &str) -> Option<Heard<'_>> {
    if let Some(request) = line.strip_prefix("> ") {
        let is_request = request.rsplit(' ').next().is_some_and(|last| last.starts_with("HTTP/"));
        return is_request.then_some(Heard::HttpRequest(request));
    }
    if let Some(status) = line.strip_prefix("< ") {
        return status.starts_with("HTTP/").then_some(Heard::HttpStatus(status));
    }
    if line.starts_with("curl: (") {
        return Some(of_failure(line));
    }
    let line = line.strip_prefix('*')?.trim_start();
    if let Some(heard) = message(line) {
        return Some(heard);
    }
    if let Some(connected) = line.strip_prefix("Connected to ") {
        let (_, rest) = connected.split_once(" (")?;
        let (address, rest) = rest.split_once(") port ")?;
        let port = rest.split(' ').next()?.parse().ok()?;
        let server = address.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, port));
        return Some(Heard::Begins { server });
    }
    if let Some(agreed) = line.strip_prefix("SSL connection using ") {
        let mut parts = agreed.split(" / ");
        let version = parts.next().and_then(version_named);
        let cipher_suite = parts.next().and_then(CipherSuite::from_openssl_name);
        return Some(Heard::Agreed { version, cipher_suite });
    }
    if line.starts_with("Closing connection")
        || line.starts_with("Connection #") && line.ends_with("left intact")
    {
        return Some(Heard::Ends);
    }
    if let Some((_, error)) =
        line.strip_prefix("HTTP/2 stream ").and_then(|rest| rest.split_once(" was not closed cleanly: "))
    {
        let error = ErrorCode::named(error.split(' ').next()?)?;
        return Some(Heard::Http2Ending(Ending { of: Ended::Stream, error }));
    }
    if line.starts_with("SSL certificate problem") || line.starts_with("SSL certificate verify result") {
        return Some(Heard::Says(line));
    }
    match line {
        "Empty reply from server" => Some(Heard::PeerClosed),
        line if is_reset(line) => Some(Heard::PeerReset),
        _ => None,
    }
}

/// `TLSv1.2 (OUT), TLS handshake, Certificate (11):`
fn message(line: &str) -> Option<Heard<'_>> {
    let (version, rest) = line.split_once(" (")?;
    let version = version_named(version)?;
    let (direction, rest) = rest.split_once("), ")?;
    let direction = match direction {
        "OUT" => Direction::Sent,
        "IN" => Direction::Received,
        _ => return None,
    };
    let (kind, rest) = rest.split_once(", ")?;
    let number: u16 = rest.rsplit_once('(')?.1.split_once(')')?.0.parse().ok()?;
    let precision = Precision::Names;
    match kind {
        "TLS handshake" => Some(Heard::Message {
            direction,
            handshake_type: HandshakeType(u8::try_from(number).ok()?),
            version: Some(version),
            length: None,
            precision,
        }),
        // Old ones call it "Client hello", since its one byte is 1.
        "TLS change cipher" => Some(Heard::ChangeCipherSpec { direction, precision }),
        "TLS alert" => {
            let [level, description] = number.to_be_bytes();
            let alert = Alert { level: AlertLevel(level), description: AlertDescription(description) };
            Some(Heard::Alert { direction, alert, precision })
        }
        _ => None,
    }
}

fn is_reset(line: &str) -> bool {
    line.contains("Connection reset by peer") || line.contains("Broken pipe")
}

/// `curl: (56) OpenSSL SSL_read: .. tlsv13 alert certificate required, errno 0`
fn of_failure(line: &str) -> Heard<'_> {
    if let Some(alert) = super::alert_words::in_error(line) {
        return Heard::AlertInError { alert, text: line };
    }
    match line {
        line if is_reset(line) => Heard::PeerReset,
        line if line.contains("(52)") => Heard::PeerClosed,
        line => Heard::Says(line),
    }
}
