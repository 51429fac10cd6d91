//! The lines of `openssl s_client` and `s_server`: `-msg` (in hex), `-state`, `-trace`, and the summary.
//!
//! ```text
//! >>> TLS 1.3, Handshake [length 00f4], ClientHello          -msg, hex below it
//! SSL_connect:SSLv3/TLS read server certificate request      -state
//! SSL3 alert read:fatal:unknown CA
//!     CertificateRequest, Length=100                         -trace, below "Received TLS Record"
//! New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384             the summary
//! ```

use super::{Direction, Dumped, Heard, Precision, alert_words, version_named};
use crate::tls::alert::Alert;
use crate::tls::registry::{AlertLevel, CipherSuite, HandshakeType};

pub(super) fn hear(line: &str) -> Option<Heard<'_>> {
    if let Some(rest) = line.strip_prefix(">>> ") {
        return dump(rest, Direction::Sent);
    }
    if let Some(rest) = line.strip_prefix("<<< ") {
        return dump(rest, Direction::Received);
    }
    if let Some(rest) = line.strip_prefix("SSL_connect:").or_else(|| line.strip_prefix("SSL_accept:")) {
        return state(rest);
    }
    if let Some(rest) = line.strip_prefix("SSL3 alert ") {
        return state_alert(rest);
    }
    if line.starts_with("CONNECTED(") {
        return Some(Heard::Begins { server: None });
    }
    if let Some(agreed) = line.strip_prefix("New, ").or_else(|| line.strip_prefix("Reused, ")) {
        let (version, cipher_suite) = agreed.split_once(", Cipher is ")?;
        return Some(Heard::Agreed {
            version: version_named(version),
            cipher_suite: CipherSuite::from_openssl_name(cipher_suite.trim()),
        });
    }
    if line.starts_with("Acceptable client certificate CA names")
        || line.starts_with("Requested Signature Algorithms:")
        || line.starts_with("Client Certificate Types:")
    {
        return Some(Heard::Asked);
    }
    match line {
        line if line.starts_with("read:errno=104") => Some(Heard::PeerReset),
        line if line.starts_with("verify error:num=") => Some(Heard::Says(line)),
        "closed" | "DONE" => Some(Heard::Ends),
        _ => None,
    }
}

/// `TLS 1.3, Handshake [length 00f4], ClientHello`; before OpenSSL 1.1 without the first comma.
fn dump(line: &str, direction: Direction) -> Option<Heard<'_>> {
    let (head, rest) = line.split_once(" [length ")?;
    let (length, name) = rest.split_once(']')?;
    let length = usize::from_str_radix(length, 16).ok()?;
    let (version, kind) = head.rsplit_once(' ')?;
    let version = version_named(version.trim_end_matches(','));
    match kind {
        "Handshake" => {
            let name = handshake_type(name.trim_start_matches(',').trim());
            Some(Heard::Dump { direction, what: Dumped::Handshake, version, length, name })
        }
        "Alert" => Some(Heard::Dump { direction, what: Dumped::Alert, version, length, name: None }),
        "ChangeCipherSpec" => Some(Heard::ChangeCipherSpec { direction, precision: Precision::Bytes }),
        _ => None,
    }
}

/// A message by the name that OpenSSL prints, which is the RFC's.
pub(super) fn handshake_type(name: &str) -> Option<HandshakeType> {
    HandshakeType::ALL.iter().copied().find(|known| known.name().is_some_and(|known| known == name))
}

/// `SSLv3/TLS read server certificate request`; up to OpenSSL 1.0 `SSLv3 read server certificate request A`.
fn state(text: &str) -> Option<Heard<'_>> {
    let words = text.trim().trim_end_matches(" A").trim_end_matches(" B");
    let (_, act) = words.split_once(' ')?;
    let (direction, what) = match act.split_once(' ')? {
        ("read", what) => (Direction::Received, what),
        ("write", what) => (Direction::Sent, what),
        _ => return None,
    };
    let what = what.trim_start_matches("server ").trim_start_matches("client ");
    let precision = Precision::States;
    let handshake_type = match what {
        "change cipher spec" => return Some(Heard::ChangeCipherSpec { direction, precision }),
        // "client hello" and "server hello" lost their first word above.
        "hello" if act.contains("client hello") => HandshakeType::CLIENT_HELLO,
        "hello" => HandshakeType::SERVER_HELLO,
        "hello request" => HandshakeType::HELLO_REQUEST,
        "encrypted extensions" => HandshakeType::ENCRYPTED_EXTENSIONS,
        "certificate" => HandshakeType::CERTIFICATE,
        "certificate request" => HandshakeType::CERTIFICATE_REQUEST,
        "certificate status" => HandshakeType::CERTIFICATE_STATUS,
        "certificate verify" => HandshakeType::CERTIFICATE_VERIFY,
        "key exchange" if act.contains("client key") => HandshakeType::CLIENT_KEY_EXCHANGE,
        "key exchange" => HandshakeType::SERVER_KEY_EXCHANGE,
        "done" => HandshakeType::SERVER_HELLO_DONE,
        "session ticket" => HandshakeType::NEW_SESSION_TICKET,
        "finished" => HandshakeType::FINISHED,
        "key update" => HandshakeType::KEY_UPDATE,
        _ => return None,
    };
    let version = None;
    Some(Heard::Message { direction, handshake_type, version, length: None, precision })
}

/// `read:fatal:unknown CA`
fn state_alert(text: &str) -> Option<Heard<'_>> {
    let mut parts = text.splitn(3, ':');
    let direction = match parts.next()? {
        "read" => Direction::Received,
        "write" => Direction::Sent,
        _ => return None,
    };
    let level = match parts.next()? {
        "fatal" => AlertLevel::FATAL,
        "warning" => AlertLevel::WARNING,
        _ => return None,
    };
    let description = alert_words::description(parts.next()?)?;
    let alert = Alert { level, description };
    Some(Heard::Alert { direction, alert, precision: Precision::States })
}
