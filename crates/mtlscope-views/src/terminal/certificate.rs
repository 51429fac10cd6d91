//! A certificate as a person reads it, and as PEM.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::identities;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Time};

use super::{Certificates, Ink, Line, Settings, paragraph};
use crate::wording::certificate as words;

/// Writes the certificates of both ends in full, each chain once.
pub(super) fn write_all(connection: &Connection, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for chain in identities::shown(connection) {
        for (depth, certificate) in chain.certificates.iter().enumerate() {
            out.write_all(b"\n")?;
            let mut line = Line::new();
            let role = match depth {
                0 => String::new(),
                _ => format!(" + {depth}"),
            };
            line.add(Ink::Plain, "  ").add(Ink::Strong, format!("Certificate of the {}{role}", chain.side));
            if let Some(frame) = chain.evidence.frame {
                line.add(Ink::Faint, format!("  frame {frame}"));
            }
            line.write(settings, out)?;
            write(certificate, connection.start, settings, out)?;
        }
    }
    Ok(())
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
    row(Ink::Strong, "Subject", &words::shown(&certificate.subject.to_string()))?;
    row(Ink::Plain, "Issuer", &words::shown(&certificate.issuer.to_string()))?;
    row(Ink::Plain, "Serial number", &certificate.serial.to_string())?;
    let ink = if words::holds(certificate, at) { Ink::Plain } else { Ink::Bad };
    row(ink, "Validity", &words::dates(certificate, at))?;
    for (name, text) in words::rows(certificate) {
        row(Ink::Plain, name, &text)?;
    }
    for note in &certificate.notes {
        row(Ink::Doubtful, "Note", note)?;
    }
    if settings.certificates == Certificates::FullWithPem {
        out.write_all(certificate.pem().as_bytes())?;
    }
    Ok(())
}
