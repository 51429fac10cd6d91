//! The lines of `openssl s_client -trace`: each record with its messages taken apart, indented.
//!
//! ```text
//! Received Record
//!   Content Type = ApplicationData (23)
//!   Inner Content Type = Handshake (22)
//!     CertificateRequest, Length=100
//! Sent Record
//!   Content Type = Alert (21)
//!     Level=fatal(2), description=unknown CA(48)
//! ```

use super::{Direction, Heard, Traced, openssl};
use crate::tls::alert::Alert;
use crate::tls::registry::{AlertDescription, AlertLevel, CipherSuite, ProtocolVersion};

pub(super) fn hear(line: &str) -> Option<Heard<'_>> {
    match line {
        // The first since OpenSSL 3.2.
        "Sent TLS Record" | "Sent Record" => return Some(Heard::Record(Direction::Sent)),
        "Received TLS Record" | "Received Record" => return Some(Heard::Record(Direction::Received)),
        _ => {}
    }
    let text = line.strip_prefix("  ")?.trim_start();
    if text == "Inner Content Type = Handshake (22)" {
        return Some(Heard::Agreed { version: Some(ProtocolVersion::TLS13), cipher_suite: None });
    }
    if text == "change_cipher_spec (1)" {
        return Some(Heard::Traced(Traced::ChangeCipherSpec));
    }
    if let Some((name, length)) = text.split_once(", Length=") {
        let handshake_type = openssl::handshake_type(name)?;
        return Some(Heard::Traced(Traced::Message(handshake_type, length.trim().parse().ok()?)));
    }
    if let Some(level) = text.strip_prefix("Level=") {
        let number = |text: &str| text.split(['(', ')']).nth(1)?.parse().ok();
        let (level, description) = level.split_once(", description=")?;
        let alert =
            Alert { level: AlertLevel(number(level)?), description: AlertDescription(number(description)?) };
        return Some(Heard::Traced(Traced::Alert(alert)));
    }
    if let Some(suite) = text.strip_prefix("cipher_suite {") {
        let name = suite.rsplit(' ').next()?;
        let cipher_suite = CipherSuite::ALL.iter().copied().find(|suite| suite.name() == Some(name));
        return Some(Heard::Agreed { version: None, cipher_suite });
    }
    if let Some(version) = text.strip_prefix("server_version=0x") {
        let version = u16::from_str_radix(version.split(' ').next()?, 16).ok()?;
        return Some(Heard::Chosen(ProtocolVersion(version)));
    }
    None
}
