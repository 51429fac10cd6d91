//! Alerts in the words of error texts: `SSL alert number 48`, `tlsv1 alert unknown ca`, `Received fatal alert: bad_certificate`,
//! `remote error: tls: bad certificate`.

use crate::tls::alert::Alert;
use crate::tls::registry::{AlertDescription, AlertLevel};

/// The alert that the peer sent, where an error text names it.
pub(super) fn in_error(line: &str) -> Option<Alert> {
    let description = numbered(line)
        .or_else(|| named_behind(line, "Received fatal alert: "))
        .or_else(|| named_behind(line, "remote error: tls: "))
        .or_else(|| named_behind(line, " alert "))
        .or_else(|| named_behind(line, "_ALERT_"))?;
    Some(Alert { level: AlertLevel::FATAL, description })
}

/// `... :SSL alert number 48`; HAProxy and others print it so too.
fn numbered(line: &str) -> Option<AlertDescription> {
    let (_, number) = line.split_once("SSL alert number ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).map_or(number, |end| &number[..end]);
    digits.parse().ok().map(AlertDescription)
}

/// The longest registered name that stands right behind a marker.
fn named_behind(line: &str, marker: &str) -> Option<AlertDescription> {
    let (_, behind) = line.split_once(marker)?;
    description(behind)
}

/// An alert by its name with underscores or spaces, in any case, at the beginning of a text.
pub(super) fn description(text: &str) -> Option<AlertDescription> {
    // Go's words for some differ from the registry's.
    const OTHERWISE: &[(&str, AlertDescription)] = &[
        ("unknown certificate authority", AlertDescription::UNKNOWN_CA),
        ("unknown certificate", AlertDescription::CERTIFICATE_UNKNOWN),
        ("expired certificate", AlertDescription::CERTIFICATE_EXPIRED),
        ("revoked certificate", AlertDescription::CERTIFICATE_REVOKED),
        ("error decoding message", AlertDescription::DECODE_ERROR),
        ("error decrypting message", AlertDescription::DECRYPT_ERROR),
        ("protocol version not supported", AlertDescription::PROTOCOL_VERSION),
        ("insufficient security level", AlertDescription::INSUFFICIENT_SECURITY),
        ("decryption failed or bad record mac", AlertDescription::BAD_RECORD_MAC),
    ];
    let lower: String =
        text.chars().take(64).map(|c| if c == '_' { ' ' } else { c.to_ascii_lowercase() }).collect();
    let lower = lower.trim_start();
    let registered = AlertDescription::ALL.iter().filter_map(|description| {
        let name = description.name()?.replace('_', " ");
        lower.starts_with(&name).then_some((name.len(), *description))
    });
    let otherwise = OTHERWISE
        .iter()
        .filter_map(|(name, description)| lower.starts_with(name).then_some((name.len(), *description)));
    registered.chain(otherwise).max_by_key(|(length, _)| *length).map(|(_, description)| description)
}
