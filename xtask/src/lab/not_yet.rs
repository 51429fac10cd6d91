//! Cases left out and counted: what carries their TLS is not read yet. A line goes when its feature comes.

use super::truth::Truth;

/// Why a case cannot be read yet, if so.
pub(crate) fn not_yet(truth: &Truth) -> Option<&'static str> {
    let feature = truth.feature.as_deref().unwrap_or_default();
    let by_feature =
        NOT_YET.iter().find(|(name, _)| feature == *name || feature.starts_with(&format!("{name} ")));
    if let Some((_, reason)) = by_feature {
        return Some(reason);
    }
    truth.observed.iter().find_map(|observed| match observed.proto.as_str() {
        "TLS" => None,
        "DTLS" => Some("DTLS"),
        "EAP-TLS" => Some("EAP-TLS"),
        _ => Some("another protocol"),
    })
}

/// The lab's `feature`, whole or its first words, and what is wanting.
const NOT_YET: &[(&str, &str)] = &[("EAP-TLS in RADIUS", "EAP-TLS")];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(feature: Option<&str>, proto: &str) -> Option<&'static str> {
        let value = serde_json::json!({
            "feature": feature, "outcome": "accepted",
            "observed": [{"client": "10.0.0.1:1", "server": "10.0.0.2:2", "proto": proto}],
        });
        not_yet(&serde_json::from_value(value).unwrap())
    }

    #[test]
    fn leaves_out_what_is_not_tls_over_tcp() {
        assert_eq!(of(Some("EAP-TLS in RADIUS"), "EAP-TLS"), Some("EAP-TLS"));
        assert_eq!(of(None, "DTLS"), Some("DTLS"));
    }

    #[test]
    fn keeps_the_rest() {
        assert_eq!(of(None, "TLS"), None);
        assert_eq!(of(Some("STARTTLS imap"), "TLS"), None);
        assert_eq!(of(Some("derived: gre"), "TLS"), None);
        assert_eq!(of(Some("ipv6"), "TLS"), None);
    }
}
