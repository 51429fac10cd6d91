//! Which finding should lead: from the flaw that a certificate has, what the client sent and what became of it.

use super::account::Happened;

/// The id of the finding, or `-` for none of severity error. It says no more than the catalogue of rules can say today.
pub(crate) fn finding(certificate: &str, happened: &Happened) -> &'static str {
    if happened.outcome != "refused" {
        return "-";
    }
    if happened.requested == "no" {
        return "server-never-asks";
    }
    if happened.answer != "certificate" {
        // The client had none, or withheld what it had: on the wire the two look the same.
        return "no-client-cert-configured";
    }
    match certificate {
        "leaf-expired" => "leaf-expired",
        "eku-missing-clientauth" => "eku-missing-clientauth",
        "chain-incomplete-intermediate-missing" => "chain-incomplete-intermediate-missing",
        "unknown-ca" => "unknown-ca",
        "self-signed-client-cert" => "self-signed-client-cert",
        "leaf-signature-invalid" => "leaf-signature-invalid",
        "leaf-revoked" => "leaf-revoked",
        "wrong-private-key" => "wrong-private-key",
        _ => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(answer: &str, outcome: &str) -> Happened {
        Happened {
            requested: "yes".to_owned(),
            answer: answer.to_owned(),
            outcome: outcome.to_owned(),
            layer: "tls".to_owned(),
        }
    }

    #[test]
    fn a_flaw_counts_only_where_the_certificate_was_sent_and_refused() {
        assert_eq!(finding("leaf-expired", &happened("certificate", "refused")), "leaf-expired");
        assert_eq!(finding("leaf-expired", &happened("empty", "refused")), "no-client-cert-configured");
        assert_eq!(finding("leaf-expired", &happened("certificate", "accepted")), "-");
    }
}
