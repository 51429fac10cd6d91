//! The cause that a server's log names in its own words, where a printout is all there is and shows no certificate.

use mtlscope_dissect::side::Side;

use crate::connection::Connection;
use crate::finding::{Confidence, Severity};
use crate::rule::Report;
use crate::rules;

/// What OpenSSL's verification, Go and Java say, and the rule whose cause that is. The first that fits counts.
const WORDS: &[(&str, &str)] = &[
    ("CRL has expired", "crl-expired"),
    ("unable to get certificate CRL", "crl-missing-for-issuer"),
    // Go says both in one breath, the likelier first.
    ("certificate has expired", "leaf-expired"),
    ("certificate is not yet valid", "leaf-not-yet-valid-clock-skew"),
    ("self-signed certificate in certificate chain", "unknown-ca"),
    ("self signed certificate in certificate chain", "unknown-ca"),
    ("self-signed certificate", "self-signed-client-cert"),
    ("self signed certificate", "self-signed-client-cert"),
    ("unable to get local issuer certificate", "unknown-ca"),
    ("unable to get issuer certificate", "unknown-ca"),
    ("unable to verify the first certificate", "unknown-ca"),
    ("certificate signed by unknown authority", "unknown-ca"),
    ("PKIX path building failed", "unknown-ca"),
    ("certificate revoked", "leaf-revoked"),
    ("unsuitable certificate purpose", "eku-missing-clientauth"),
    ("unsupported certificate purpose", "eku-missing-clientauth"),
    ("incompatible key usage", "eku-missing-clientauth"),
    ("certificate signature failure", "leaf-signature-invalid"),
    ("path length constraint exceeded", "pathlen-exceeded"),
    ("invalid CA certificate", "issuer-not-a-ca"),
    ("subtree violation", "name-constraints-violation"),
    ("key too weak", "key-too-small"),
    ("md too weak", "weak-signature-hash"),
    ("certificate chain too long", "verify-depth-exceeded"),
];

/// Adds the cause that the log of the refusing side names, unless a rule has found one.
pub(crate) fn check(connection: &Connection, report: &mut Report) {
    let Some(printed) = connection.printed else { return };
    // A server that only notes what it has against a certificate may go on with it.
    let judge = printed.refused_by.unwrap_or(Side::Server);
    if report.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return;
    }
    let Some(answer) = connection.asking().answer.seen().filter(|answer| !answer.is_empty()) else { return };
    let own = connection.said.iter().filter(|said| said.side == judge);
    let named = own.filter_map(|said| {
        let (words, id) = WORDS.iter().find(|(words, _)| said.text.contains(words))?;
        Some((*words, rules::rule(id)?))
    });
    let Some((words, rule)) = named.into_iter().next() else { return };
    let (severity, confidence, message) = match printed.refused_by {
        Some(judge) => (
            Severity::Error,
            Confidence::Likely,
            format!("The {judge} refused the client's certificate, and its log says why: {words}."),
        ),
        None => (
            Severity::Warning,
            Confidence::Possible,
            format!(
                "The server's log notes what it has against the client's certificate: {words}. Whether it refused the client for it, the \
                 line does not say."
            ),
        ),
    };
    report.find(
        rule,
        severity,
        confidence,
        [answer.evidence],
        message,
        format!("`mtlscope explain {}` tells what to do on each side; a capture would show the certificate itself", rule.id),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_rule() {
        for (words, id) in WORDS {
            assert!(rules::rule(id).is_some(), "{words}: {id}");
        }
    }

    #[test]
    fn no_words_hide_behind_others() {
        for (place, (words, _)) in WORDS.iter().enumerate() {
            let earlier = WORDS.iter().take(place).find(|(earlier, _)| words.contains(earlier));
            assert!(earlier.is_none(), "{words}");
        }
    }
}
