//! A certificate as a person reads it, and as PEM.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_dissect::reader;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Extensions, Oid, Time};

use super::{Certificates, Ink, Line, Settings, message, paragraph};
use crate::saved_certificates::chains;
use crate::wording;

/// Writes the certificates of both ends in full, each chain once.
pub(super) fn write_all(connection: &Connection, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for chain in chains(connection) {
        for (depth, certificate) in chain.certificates.iter().enumerate() {
            out.write_all(b"\n")?;
            let mut line = Line::new();
            let role = match depth {
                0 => String::new(),
                _ => format!(" + {depth}"),
            };
            line.add(Ink::Plain, "  ").add(Ink::Strong, format!("Certificate of the {}{role}", chain.side));
            if let Some(frame) = chain.frame {
                line.add(Ink::Faint, format!("  frame {frame}"));
            }
            line.write(settings, out)?;
            write(certificate, connection.start, settings, out)?;
        }
    }
    Ok(())
}

/// One line: `CN=a, issued by CN=b, valid for 90 days more`.
pub(super) fn brief(certificate: &Certificate, at: Timestamp) -> String {
    format!(
        "{}, issued by {}, {}",
        message::short_subject(certificate),
        shown(&certificate.issuer.to_string()),
        wording::validity(certificate, Time::from_seconds(at.seconds()))
    )
}

/// Writes one certificate; `at` is when it was seen.
pub(super) fn write(
    certificate: &Certificate,
    at: Timestamp,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let at = Time::from_seconds(at.seconds());
    let mut row = |ink: Ink, name: &str, text: &str| {
        paragraph(4, (Ink::Faint, &format!("{name:<20}")), ink, text, settings, out)
    };
    row(Ink::Strong, "Subject", &shown(&certificate.subject.to_string()))?;
    row(Ink::Plain, "Issuer", &shown(&certificate.issuer.to_string()))?;
    row(Ink::Plain, "Serial number", &certificate.serial.to_string())?;
    let holds = certificate.not_before <= at && at <= certificate.not_after;
    let dates = format!("{} to {}", certificate.not_before, certificate.not_after);
    row(
        if holds { Ink::Plain } else { Ink::Bad },
        "Validity",
        &format!("{dates}, {}", wording::validity(certificate, at)),
    )?;
    for (name, text) in extension_rows(&certificate.extensions) {
        row(Ink::Plain, name, &text)?;
    }
    row(Ink::Plain, "Key", &certificate.public_key.algorithm.to_string())?;
    row(Ink::Plain, "Signed with", &certificate.signature_algorithm.to_string())?;
    row(Ink::Plain, "SHA-256", &reader::hex(&certificate.sha256))?;
    for note in &certificate.notes {
        row(Ink::Doubtful, "Note", note)?;
    }
    if settings.certificates == Certificates::FullWithPem {
        out.write_all(certificate.pem().as_bytes())?;
    }
    Ok(())
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

fn shown(name: &str) -> String {
    if name.is_empty() { "(empty)".to_owned() } else { name.to_owned() }
}
