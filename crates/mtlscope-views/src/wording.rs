//! How we say things: counts, durations, days, versions, alerts, and why something cannot be told.

pub(crate) mod connection;
pub(crate) mod verdict;
pub(crate) mod step;
pub(crate) mod message;
pub(crate) mod certificate;
pub(crate) mod inferred;
pub(crate) mod finding;

use mtlscope_diagnose::connection::{HandshakeKind, Resumption};
use mtlscope_diagnose::observed::Why;
use mtlscope_diagnose::sealed::Key;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::preamble::Preamble;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::{AlertDescription, AlertLevel, ProtocolVersion};
use mtlscope_dissect::x509::{Certificate, Time};

/// `1 authority`, `2 authorities`, `no authorities`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(number as u64)),
    }
}

/// `281`, `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `281 bytes`, `1 byte`.
pub fn bytes(number: u64) -> String {
    format!("{} {}", grouped(number), if number == 1 { "byte" } else { "bytes" })
}

/// Nanoseconds as milliseconds with three digits: `1234.500`. For columns.
pub fn milliseconds(nanoseconds: i64) -> String {
    let microseconds = nanoseconds / 1000;
    let sign = if microseconds < 0 { "-" } else { "" };
    let microseconds = microseconds.unsigned_abs();
    format!("{sign}{}.{:03}", microseconds / 1000, microseconds % 1000)
}

/// Nanoseconds in the unit a person would use: `0.4 ms`, `12 ms`, `3.2 s`, `5 minutes`, `2 days`.
pub fn duration(nanoseconds: i64) -> String {
    let n = nanoseconds.unsigned_abs();
    let tenths = |n: u64, unit: u64, name: &str| format!("{}.{} {name}", n / unit, n % unit * 10 / unit);
    match n {
        0..10_000_000 => tenths(n, 1_000_000, "ms"),
        10_000_000..1_000_000_000 => format!("{} ms", n / 1_000_000),
        1_000_000_000..60_000_000_000 => tenths(n, 1_000_000_000, "s"),
        _ => seconds(n / 1_000_000_000),
    }
}

/// Whole seconds in the unit a person would use: `90 s`, `5 minutes`, `2 hours`, `364 days`.
pub fn seconds(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} minutes", seconds / MINUTE),
        7200..172_800 => format!("{} hours", seconds / HOUR),
        _ => format!("{} days", grouped(seconds / DAY)),
    }
}

/// The day of a moment: `2027-03-01`.
pub fn day(time: Time) -> String {
    let text = time.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// What a certificate's dates mean at a moment: `expired 12 days before the capture`, or when it will.
pub fn validity(certificate: &Certificate, at: Time) -> String {
    let (from, to) = (certificate.not_before, certificate.not_after);
    if at < from {
        format!("not valid until {} after the capture", seconds(from.seconds().abs_diff(at.seconds())))
    } else if at > to {
        format!("expired {} before the capture", seconds(to.seconds().abs_diff(at.seconds())))
    } else {
        format!("valid for {} more", seconds(to.seconds().abs_diff(at.seconds())))
    }
}

/// Versions in one breath: `TLS 1.3, 1.2`. GREASE is left out.
pub fn versions(versions: &[ProtocolVersion]) -> String {
    let mut text = String::new();
    let mut family = "";
    for version in versions.iter().filter(|version| !version.is_grease()) {
        let name = version.to_string();
        if !text.is_empty() {
            text.push_str(", ");
        }
        match ["TLS ", "DTLS ", "SSL "].into_iter().find(|family| name.starts_with(family)) {
            Some(same) if same == family => text.push_str(&name[same.len()..]),
            other => {
                family = other.unwrap_or("");
                text.push_str(&name);
            }
        }
    }
    text
}

/// `fatal unknown_ca (48)`.
pub fn alert(alert: &Alert) -> String {
    format!("{} {} ({})", alert.level, alert.description, alert.description.0)
}

/// Whether an alert is more than a goodbye or a warning.
pub fn complains(alert: &Alert) -> bool {
    !matches!(alert.description, AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED)
        && (alert.level == AlertLevel::FATAL || alert.description != AlertDescription::NO_RENEGOTIATION)
}

/// What an alert claims, by RFC 8446 section 6 and its forerunners: completes "the server says that ..".
///
/// What a stack sends for a cause differs widely, so this is what was said and no diagnosis.
pub fn alert_meaning(description: AlertDescription) -> Option<&'static str> {
    Some(match description {
        AlertDescription::CLOSE_NOTIFY => "it sends nothing more",
        AlertDescription::UNEXPECTED_MESSAGE => "a message came that had no place there",
        AlertDescription::BAD_RECORD_MAC => "a record could not be verified",
        AlertDescription::DECRYPTION_FAILED => "a record could not be decrypted",
        AlertDescription::RECORD_OVERFLOW => "a record was too long",
        AlertDescription::DECOMPRESSION_FAILURE => "a record could not be decompressed",
        AlertDescription::HANDSHAKE_FAILURE => {
            "nothing acceptable was agreed on, or a certificate is missing"
        }
        AlertDescription::NO_CERTIFICATE => "it has no certificate to send",
        AlertDescription::BAD_CERTIFICATE => "a certificate is corrupt, wrongly signed or missing",
        AlertDescription::UNSUPPORTED_CERTIFICATE => {
            "a certificate is of the wrong kind or for another purpose"
        }
        AlertDescription::CERTIFICATE_REVOKED => "a certificate was revoked",
        AlertDescription::CERTIFICATE_EXPIRED => "a certificate has expired or is not yet valid",
        AlertDescription::CERTIFICATE_UNKNOWN => {
            "a certificate is not acceptable, for a reason it does not give"
        }
        AlertDescription::ILLEGAL_PARAMETER => "a field was out of range or contradicted another",
        AlertDescription::UNKNOWN_CA => "the chain does not lead to an authority it knows",
        AlertDescription::ACCESS_DENIED => "the certificate is valid, but access is denied",
        AlertDescription::DECODE_ERROR => "a message could not be read",
        AlertDescription::DECRYPT_ERROR => "a signature or a Finished message is wrong",
        AlertDescription::PROTOCOL_VERSION => "it does not speak the version asked for",
        AlertDescription::INSUFFICIENT_SECURITY => "it wants stronger ciphers than those offered",
        AlertDescription::INTERNAL_ERROR => "something failed inside it",
        AlertDescription::INAPPROPRIATE_FALLBACK => "the client fell back to an older version without need",
        AlertDescription::USER_CANCELED => "the handshake was cancelled",
        AlertDescription::NO_RENEGOTIATION => "it does not renegotiate",
        AlertDescription::MISSING_EXTENSION => "an extension that must be there is missing",
        AlertDescription::UNSUPPORTED_EXTENSION => "an extension came that was not asked for",
        AlertDescription::CERTIFICATE_UNOBTAINABLE => "a certificate could not be fetched",
        AlertDescription::UNRECOGNIZED_NAME => "it does not serve the name asked for",
        AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE => "the OCSP response is not acceptable",
        AlertDescription::BAD_CERTIFICATE_HASH_VALUE => "a certificate does not have the hash that was given",
        AlertDescription::UNKNOWN_PSK_IDENTITY => "it does not know the pre-shared key",
        AlertDescription::CERTIFICATE_REQUIRED => "it wants a certificate and got none",
        AlertDescription::NO_APPLICATION_PROTOCOL => "it speaks none of the application protocols offered",
        AlertDescription::ECH_REQUIRED => "it wants Encrypted ClientHello",
        _ => return None,
    })
}

/// Completes "cannot tell: ..", with what would help, if anything.
pub fn why(why: Why) -> String {
    match why {
        Why::Encrypted => format!("{why} (give a key log to see it)"),
        Why::CaptureStartsLate => format!("{why} (start capturing before the client connects)"),
        Why::SnapLength => format!("{why} (capture whole packets: -s 0)"),
        _ => why.to_string(),
    }
}

/// Completes "cannot be seen: ..", where a connection is sealed: which key would open it.
pub fn sealed(key: Key) -> &'static str {
    match key {
        Key::KeyLog => "it is encrypted (a key log of either end opens it: --keylog)",
        Key::ServerKey => {
            "it is encrypted (the server's private key opens it: --rsa-key; a key log of either end, too: --keylog)"
        }
        Key::Nothing => {
            "it is encrypted, and the capture lacks the hellos, without which no key opens it (start capturing before the \
             client connects)"
        }
    }
}

/// The heading of a handshake.
pub fn handshake_kind(kind: HandshakeKind) -> &'static str {
    match kind {
        HandshakeKind::Initial => "Handshake",
        HandshakeKind::Renegotiation => "Renegotiation",
        HandshakeKind::PostHandshake => "Request after the handshake",
    }
}

/// How a session was resumed.
pub fn resumption(resumption: Resumption) -> &'static str {
    match resumption {
        Resumption::SessionId => "resumed by session id",
        Resumption::Ticket => "resumed by ticket",
        Resumption::PreSharedKey => "resumed by pre-shared key",
    }
}

/// Whose keys opened a connection.
pub fn secret_origin(origin: SecretOrigin) -> &'static str {
    match origin {
        SecretOrigin::KeyLog => "decrypted with the key log",
        SecretOrigin::OwnEnd => "decrypted with the keys of our own end",
        SecretOrigin::DecryptionSecretsBlock => "decrypted with the secrets in the capture",
        SecretOrigin::RsaKey => "decrypted with the server's RSA key",
    }
}

/// `frame 12: 40 bytes from the client are not in the capture`.
pub fn notice(notice: &Notice) -> String {
    match notice.frame {
        Some(frame) => format!("frame {frame}: {}", notice.kind),
        None => notice.kind.to_string(),
    }
}

/// Bytes in upper-case hex with colons, as fingerprints are written: `AB:CD`.
pub fn colon_hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// What stood before TLS: `behind SMTP`, `through SOCKS 5 to server.example:443`, `for 192.0.2.1:40000 (PROXY protocol
/// 1)`.
pub fn preamble(preamble: &Preamble) -> String {
    let protocol = preamble.protocol;
    match (&preamble.source, &preamble.destination) {
        (Some(source), _) => format!("for {source} ({protocol})"),
        (None, Some(destination)) => format!("through {protocol} to {destination}"),
        (None, None) => format!("behind {protocol}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_do() {
        assert_eq!(count(1, "authority", "authorities"), "1 authority");
        assert_eq!(count(16, "signature algorithm", "signature algorithms"), "16 signature algorithms");
        assert_eq!(count(0, "authority", "authorities"), "no authorities");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1_234_567), "1,234,567 bytes");
    }

    #[test]
    fn durations_have_sensible_digits() {
        assert_eq!(duration(430_000), "0.4 ms");
        assert_eq!(duration(12_600_000), "12 ms");
        assert_eq!(duration(3_250_000_000), "3.2 s");
        assert_eq!(duration(300_000_000_000), "5 minutes");
        assert_eq!(duration(200_000 * 1_000_000_000), "2 days");
        assert_eq!(milliseconds(1_234_500_999), "1234.500");
        assert_eq!(milliseconds(-1_500), "-0.001");
    }

    #[test]
    fn versions_name_their_family_once() {
        let offered =
            [ProtocolVersion(0x2a2a), ProtocolVersion::TLS13, ProtocolVersion::TLS12, ProtocolVersion::SSL3];
        assert_eq!(versions(&offered), "TLS 1.3, 1.2, SSL 3.0");
    }

    #[test]
    fn every_alert_about_certificates_has_a_sentence() {
        for number in (40..=51).chain([111, 112, 113, 114, 116]) {
            assert!(alert_meaning(AlertDescription(number)).is_some(), "{number}");
        }
    }
}
