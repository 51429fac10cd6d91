//! Lines of servers' error logs that tell of client certificates: nginx, Apache, HAProxy, Envoy, Go.
//!
//! A line is the server's own word, and mostly the only one: whether it asked, whether the client sent a certificate, what
//! it had against it.

use std::net::{IpAddr, SocketAddr};

use super::{Heard, alert_words};
use crate::tls::alert::Alert;

/// What a line of a server's log tells of a connection.
#[derive(Debug)]
pub(super) struct Logged<'a> {
    /// The client, if it is named; port 0 where only its address is.
    pub(super) client: Option<SocketAddr>,
    /// What the client answered: a certificate, or none; `None` where the line does not say.
    pub(super) sent_certificate: Option<bool>,
    /// Whether the line says that the server refused the client for it: some servers note what they have against a
    /// certificate, and go on.
    pub(super) refused: bool,
    /// Whether the line says that the client does not speak TLS at all.
    pub(super) without_tls: bool,
    /// The alert that the client sent.
    pub(super) client_alert: Option<Alert>,
    /// The line's point.
    pub(super) text: &'a str,
}

/// Texts that say that the client sent no certificate, though it was asked for one.
const SENT_NONE: &[&str] = &[
    // nginx
    "client sent no required SSL certificate",
    // OpenSSL: Apache, HAProxy, nginx
    "peer did not return a certificate",
    // Envoy
    "PEER_DID_NOT_RETURN_A_CERTIFICATE",
    // Go
    "tls: client didn't provide a certificate",
    // Apache
    "Re-negotiation handshake failed: Client certificate missing",
    // JSSE
    "Empty server certificate chain",
    "Empty client certificate chain",
];

/// Texts that say that the client sent a certificate, and the server did not like it.
const SENT_BAD: &[&str] = &[
    // nginx
    "client SSL certificate verify error",
    // Apache
    "Certificate Verification: Error",
    // OpenSSL: Apache, HAProxy
    ":certificate verify failed",
    // HAProxy 2.6 and later
    "SSL client certificate not trusted",
    "SSL client CA chain cannot be verified",
    // Go
    "tls: failed to verify certificate",
    "tls: failed to verify client certificate",
    // Envoy
    "CERTIFICATE_VERIFY_FAILED",
];

/// Texts that say that the client does not speak TLS.
const WITHOUT_TLS: &[&str] = &[
    // nginx
    "client sent plain HTTP request to HTTPS port",
    // Apache (AH01996)
    "HTTP spoken on HTTPS port",
    // Go
    "tls: first record does not look like a TLS handshake",
    "client sent an HTTP request to an HTTPS server",
];

pub(super) fn hear(line: &str) -> Option<Heard<'_>> {
    let has_one_of = |texts: &[&str]| texts.iter().any(|text| line.contains(text));
    let sent_certificate = match (has_one_of(SENT_NONE), has_one_of(SENT_BAD)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    };
    let is_server = is_server_log(line);
    let client_alert = alert_words::in_error(line).filter(|_| is_server);
    let without_tls = has_one_of(WITHOUT_TLS);
    if !is_server || (sent_certificate.is_none() && client_alert.is_none() && !without_tls) {
        return None;
    }
    let refused = without_tls
        || sent_certificate == Some(false)
        || (sent_certificate == Some(true) && !line.contains("Certificate Verification: Error"));
    Some(Heard::Logged(Logged {
        client: client(line),
        sent_certificate,
        refused,
        without_tls,
        client_alert,
        text: line.trim(),
    }))
}

/// Whether the line is a server's: a client's error text holds the same words of OpenSSL.
fn is_server_log(line: &str) -> bool {
    // nginx, Apache (also `SSL Library Error` without a client), Go, HAProxy, Envoy's listeners.
    (line.contains(", client: ") && line.contains(", server: "))
        || line.contains("[ssl:")
        || line.contains("http: TLS handshake error from ")
        || line.contains("SSL handshake failure")
        || line.contains("SSL client ")
        || line.contains("downstream") && line.contains("TLS")
        // Envoy says the same of both ends; but only a server is not given a certificate.
        || line.contains("[connection]") && line.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
}

/// The address of the client, wherever these servers write it.
fn client(line: &str) -> Option<SocketAddr> {
    let behind = |marker: &str| line.split_once(marker).map(|(_, rest)| rest);
    let text = behind("[client ")
        .or_else(|| behind(", client: "))
        .or_else(|| behind("TLS handshake error from "))
        .or_else(|| behind("remote address:"))
        .or_else(|| line.split_whitespace().next().filter(|_| line.contains(" SSL ")))?;
    let end = text.find([']', ',', ' ']).unwrap_or(text.len());
    let text = text[..end].trim_end_matches(':');
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 0)))
}
