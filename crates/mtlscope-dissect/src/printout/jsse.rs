//! The lines of Java's `-Djavax.net.debug=ssl,handshake`, JDK 11 and later.
//!
//! ```text
//! javax.net.ssl|DEBUG|01|main|...|CertificateRequest.java:671|Consuming CertificateRequest handshake message (
//! javax.net.ssl|DEBUG|01|main|...|CertificateMessage.java:299|No X.509 certificate for client authentication, use empty Certificate message instead
//!   "Certificates": <empty list>
//! javax.net.ssl|DEBUG|01|main|...|Alert.java:238|Received alert message (
//!   "description": "bad_certificate"
//! ```

use super::{Direction, Heard, Precision, alert_words, openssl, version_named};
use crate::tls::alert::Alert;
use crate::tls::registry::{AlertLevel, CipherSuite};

pub(super) fn hear(line: &str) -> Option<Heard<'_>> {
    let text = match line.strip_prefix("javax.net.ssl|") {
        Some(logged) => logged.rsplit_once('|').map_or(logged, |(_, text)| text),
        None => line.trim(),
    };
    if let Some(what) = text.strip_prefix("Produced ") {
        return message(what, Direction::Sent);
    }
    if let Some(what) = text.strip_prefix("Consuming ") {
        return message(what, Direction::Received);
    }
    if let Some(version) = text.strip_prefix("Negotiated protocol version: ") {
        return Some(Heard::Agreed { version: version_named(version), cipher_suite: None });
    }
    if let Some(fatal) = text.strip_prefix("Fatal (") {
        let description = alert_words::description(fatal)?;
        let alert = Alert { level: AlertLevel::FATAL, description };
        return Some(Heard::Alert { direction: Direction::Sent, alert, precision: Precision::Names });
    }
    if let Some(rest) = text.strip_prefix("\"description\": \"") {
        let description = alert_words::description(rest)?;
        // The level stands in the line before; only a goodbye is no failure.
        let level = match description.0 {
            0 | 90 => AlertLevel::WARNING,
            _ => AlertLevel::FATAL,
        };
        let alert = Alert { level, description };
        return Some(Heard::Alert { direction: Direction::Received, alert, precision: Precision::Names });
    }
    if let Some(suite) = text.strip_prefix("\"cipher suite\"") {
        let name = suite.trim_start_matches([' ', ':', '"']);
        let name = name.split(['(', '"']).next()?;
        let cipher_suite = CipherSuite::ALL.iter().copied().find(|suite| suite.name() == Some(name));
        return Some(Heard::Agreed { version: None, cipher_suite });
    }
    if text.contains("use empty Certificate message instead") || text == "\"Certificates\": <empty list>" {
        return Some(Heard::EmptyList);
    }
    None
}

/// `client Certificate handshake message (`, `ECDHE ClientKeyExchange handshake message (`, `ChangeCipherSpec message`
fn message(text: &str, direction: Direction) -> Option<Heard<'_>> {
    let (words, _) = text.split_once(" message")?;
    let words = words.trim_end_matches(" handshake");
    let name = words.rsplit(' ').next()?;
    let precision = Precision::Names;
    if name == "ChangeCipherSpec" {
        return Some(Heard::ChangeCipherSpec { direction, precision });
    }
    let handshake_type = openssl::handshake_type(name)?;
    Some(Heard::Message { direction, handshake_type, version: None, length: None, precision })
}
