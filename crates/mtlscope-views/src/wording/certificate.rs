//! A certificate in words: one line, and every row that a person reads.

use mtlscope_dissect::reader;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Extensions, Oid, Time};

use super::{self as wording, message};

/// One line: `CN=a, issued by CN=b, valid for 90 days more`.
pub(crate) fn brief(certificate: &Certificate, at: Timestamp) -> String {
    format!(
        "{}, issued by {}, {}",
        message::short_subject(certificate),
        shown(&certificate.issuer.to_string()),
        wording::validity(certificate, Time::from_seconds(at.seconds()))
    )
}

/// Whether a certificate holds at a moment, by its dates.
pub(crate) fn holds(certificate: &Certificate, at: Time) -> bool {
    certificate.not_before <= at && at <= certificate.not_after
}

/// The dates, and what they mean at a moment.
pub(crate) fn dates(certificate: &Certificate, at: Time) -> String {
    let dates = format!("{} to {}", certificate.not_before, certificate.not_after);
    format!("{dates}, {}", wording::validity(certificate, at))
}

/// What stands behind the subject, the issuer, the serial number and the dates: a row each.
pub(crate) fn rows(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let mut rows = extension_rows(&certificate.extensions);
    rows.push(("Key", certificate.public_key.algorithm.to_string()));
    rows.push(("Signed with", certificate.signature_algorithm.to_string()));
    rows.push(("SHA-256", reader::hex(&certificate.sha256)));
    rows
}

/// What the extensions say, a row each; none for what is not there.
fn extension_rows(extensions: &Extensions) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut list = |name, texts: Vec<String>| {
        if !texts.is_empty() {
            rows.push((name, texts.join(", ")));
        }
    };
    list("Other names", extensions.subject_alternative_names.iter().map(ToString::to_string).collect());
    list("Key usage", extensions.key_usage.iter().map(ToString::to_string).collect());
    list("Extended key usage", extensions.extended_key_usage.iter().flatten().map(named).collect());
    list(
        "Basic constraints",
        extensions
            .basic_constraints
            .iter()
            .map(|constraints| match (constraints.ca, constraints.path_length) {
                (false, _) => "no authority".to_owned(),
                (true, None) => "an authority".to_owned(),
                (true, Some(length)) => format!("an authority, at most {length} more below it"),
            })
            .collect(),
    );
    if let Some(constraints) = &extensions.name_constraints {
        list("Names permitted", constraints.permitted.iter().map(ToString::to_string).collect());
        list("Names excluded", constraints.excluded.iter().map(ToString::to_string).collect());
    }
    list("Unknown, critical", extensions.unknown_critical.iter().map(named).collect());
    list("OCSP", extensions.ocsp.clone());
    list("Revocation lists", extensions.crl_distribution_points.clone());
    list(
        "Subject key id",
        extensions.subject_key_identifier.iter().map(|identifier| wording::colon_hex(identifier)).collect(),
    );
    if let Some(authority) = &extensions.authority_key_identifier {
        list(
            "Authority key id",
            authority.key_identifier.iter().map(|identifier| wording::colon_hex(identifier)).collect(),
        );
    }
    rows
}

/// `clientAuth`; numbers with dots where there is no name.
fn named(oid: &Oid) -> String {
    oid.name().map_or_else(|| oid.to_string(), str::to_owned)
}

/// A name, also where it is empty.
pub(crate) fn shown(name: &str) -> String {
    if name.is_empty() { "(empty)".to_owned() } else { name.to_owned() }
}
