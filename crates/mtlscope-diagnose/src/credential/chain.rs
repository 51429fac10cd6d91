//! Does the chain lead to an authority that is trusted, and if not, what is missing?

use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Name};

use super::Flaw;
use crate::finding::Severity;
use crate::pki::{Chain, End, issuers};

pub(super) fn check(chain: &Chain, sent: &[Arc<Certificate>], trusted: &[Arc<Certificate>]) -> Option<Flaw> {
    let last = &chain.links.last()?.certificate;
    let is_known = !trusted.is_empty();
    match &chain.ends {
        End::Anchor => None,
        End::SelfSigned if chain.links.len() == 1 && !last.is_authority() => Some(Flaw::new(
            if is_known { Severity::Error } else { Severity::Warning },
            "self-signed-client-cert",
            "The certificate is signed with its own key, by no authority: only a server that trusts this very certificate takes it.",
            "Have an authority that the server trusts issue one, or give the server this certificate to trust.",
        )),
        End::SelfSigned => is_known.then(|| unknown(&last.subject)),
        End::MissingIssuer(issuer) => Some(missing(issuer, sent, trusted)),
    }
}

fn unknown(authority: &Name) -> Flaw {
    Flaw::new(
        Severity::Error,
        "unknown-ca",
        format!("The chain ends in {authority}, which is not among the authorities that are trusted."),
        "Use a certificate of a trusted authority, or have the server trust this one.",
    )
}

fn missing(issuer: &Name, sent: &[Arc<Certificate>], trusted: &[Arc<Certificate>]) -> Flaw {
    let is_intermediate =
        issuers::looks_intermediate(issuer, sent, trusted.iter().map(|trusted| &trusted.subject));
    let append = format!("Append the certificate of {issuer} to the client's file, behind its own.");
    match (is_intermediate, trusted.is_empty()) {
        (true, false) => Flaw::new(
            Severity::Error,
            "chain-incomplete-intermediate-missing",
            format!(
                "The certificate of {issuer} is missing: nothing leads from the client to a trusted authority."
            ),
            append,
        ),
        (false, false) => Flaw::new(
            Severity::Error,
            "unknown-ca",
            format!(
                "It was issued by {issuer}, which is not among the authorities that are trusted, nor in the files."
            ),
            "Use a certificate of a trusted authority, or have the server trust this one.",
        ),
        (true, true) => Flaw::new(
            Severity::Warning,
            "chain-incomplete-intermediate-missing",
            format!(
                "The certificate of {issuer}, by its name an intermediate, is missing: servers that have only the root refuse this."
            ),
            append,
        ),
        (false, true) => Flaw::new(
            Severity::Note,
            None,
            format!("The certificate of {issuer} is not in the files. It need not be, if servers trust it."),
            "Give the authorities that the server trusts with --cacert, to see whether the chain leads there.",
        ),
    }
}
