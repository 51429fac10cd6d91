//! What speaks against a client's files: how bad it is, the known cause that it is, a sentence, and what to do.

use crate::candidate::{Objection, Weight};
use crate::finding::Severity;
use crate::pki::Unfit;
use crate::pki::constraints::Violation;

/// One thing that speaks against a client's files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// An error: usual servers refuse it, or it cannot be used. A warning: some do. A note: what could not be judged.
    pub severity: Severity,
    /// The id of the cause, as rules have them.
    pub cause: Option<&'static str>,
    /// A sentence.
    pub message: String,
    /// What to do, a sentence.
    pub fix: String,
}

impl Flaw {
    pub(super) fn new(
        severity: Severity,
        cause: impl Into<Option<&'static str>>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity, cause: cause.into(), message: message.into(), fix: fix.into() }
    }
}

/// What any server has against the certificate.
pub(super) fn of_objection(objection: &Objection) -> Flaw {
    Flaw::new(
        severity(objection),
        cause(objection),
        format!("The certificate {objection}."),
        format!("{}.", objection.fix()),
    )
}

fn severity(objection: &Objection) -> Severity {
    match objection {
        // OpenSSL as it comes refuses these, and so do Apache, nginx, HAProxy, Python and Node.
        Objection::Unfit(Unfit::OnlyByAnyPurpose { .. })
        | Objection::WeakKey { .. }
        | Objection::WeakSignature { .. } => Severity::Error,
        Objection::Unchecked { .. } => Severity::Note,
        other => match other.weight() {
            Weight::Refusal => Severity::Error,
            Weight::Doubt => Severity::Warning,
        },
    }
}

fn cause(objection: &Objection) -> Option<&'static str> {
    Some(match objection {
        Objection::Expired { depth: 0, .. } => "leaf-expired",
        Objection::Expired { .. } => "intermediate-expired",
        Objection::NotYetValid { .. } => "leaf-not-yet-valid-clock-skew",
        Objection::Unfit(Unfit::NotForThisPurpose { .. }) => "eku-missing-clientauth",
        Objection::Unfit(Unfit::OnlyByAnyPurpose { .. }) => "eku-any-not-enough",
        Objection::Unfit(Unfit::NoDigitalSignature { .. }) => "keyusage-no-digitalsignature",
        Objection::Unfit(Unfit::IsAuthority) => "ca-used-as-end-entity",
        Objection::Unfit(Unfit::UnknownCritical { .. }) => "unknown-critical-extension",
        Objection::OldVersion { .. } => "x509-v1-certificate",
        Objection::BadSignature { .. } => "leaf-signature-invalid",
        Objection::Issuer { violation: Violation::PathTooLong { .. }, .. } => "pathlen-exceeded",
        Objection::Issuer { violation: Violation::NameOutOfBounds { .. }, .. } => {
            "name-constraints-violation"
        }
        Objection::Issuer { violation: Violation::IssuerIsNoAuthority { .. }, .. } => "issuer-not-a-ca",
        Objection::Issuer { violation: Violation::IssuerMayNotSign { .. }, .. } => "issuer-lacks-keycertsign",
        Objection::OutOfOrder => "chain-misordered-or-padded",
        Objection::WeakKey { .. } => "key-too-small",
        Objection::WeakSignature { .. } => "weak-signature-hash",
        _ => return None,
    })
}

pub(super) fn out_of_order() -> Flaw {
    Flaw::new(
        Severity::Warning,
        "chain-misordered-or-padded",
        "The certificates stand in another order than from the client's own upwards; curl and OpenSSL take the first for the client's.",
        "Put the client's own certificate first, and each issuer behind what it issued.",
    )
}

pub(super) fn legacy_encryption(name: &str) -> Flaw {
    Flaw::new(
        Severity::Warning,
        "pkcs12-legacy-encryption",
        format!(
            "{name} is encrypted with RC2, as old Windows does: curl, Python and OpenSSL 3 cannot open it as they come."
        ),
        "Convert it: openssl pkcs12 -legacy -in OLD.p12 -nodes -out all.pem, then openssl pkcs12 -export -in all.pem -out NEW.p12.",
    )
}

pub(super) fn unreadable_certificate(why: &str) -> Flaw {
    Flaw::new(
        Severity::Error,
        "client-cert-parse-failure",
        format!("A certificate in the files cannot be read: {why}."),
        "Export or copy it again, or have the authority issue it anew.",
    )
}

pub(super) fn only_authorities() -> Flaw {
    Flaw::new(
        Severity::Error,
        None,
        "There are certificates of authorities only, and none of a client: this is a list for whoever is to trust them.",
        "Give the client's certificate and key; give this with --cacert.",
    )
}

pub(super) fn only_a_request() -> Flaw {
    Flaw::new(
        Severity::Error,
        None,
        "There is a request for a certificate (CSR), and no certificate.",
        "Send the request to an authority; what it sends back is the certificate.",
    )
}

pub(super) fn only_a_key() -> Flaw {
    Flaw::new(
        Severity::Error,
        "client-key-load-failure",
        "There is a private key, and no certificate.",
        "Give the client's certificate as well.",
    )
}

pub(super) fn only_a_revocation_list() -> Flaw {
    Flaw::new(
        Severity::Error,
        None,
        "There is a revocation list (CRL), and no certificate.",
        "Give the client's certificate as well, to see whether it is on the list.",
    )
}

pub(super) fn no_certificate() -> Flaw {
    Flaw::new(
        Severity::Error,
        None,
        "There is no certificate in the files.",
        "Give the client's certificate and key.",
    )
}
