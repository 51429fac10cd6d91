//! Files of certificates and keys on the terminal: what is in each, the way to the authority, the key, and what speaks against
//! it.

use std::io::{self, Write};

use mtlscope_diagnose::credential::{Credential, Judgement, KeyMatch, Stored};
use mtlscope_diagnose::finding::Severity;
use mtlscope_diagnose::pki::{End, Origin};
use mtlscope_dissect::x509::Certificate;

use super::{Certificates, Ink, Line, Settings, certificate, paragraph};
use crate::wording::{self, message};

/// Writes the files and the judgement.
pub fn write_credential(
    credential: &Credential,
    judgement: &Judgement,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    for file in &credential.files {
        let mut line = Line::new();
        line.add(Ink::Strong, &file.name).add(Ink::Faint, format!("  {}", file.format));
        line.write(settings, out)?;
        for stored in &file.content {
            write_stored(stored, credential, settings, out)?;
        }
    }
    out.write_all(b"\n")?;
    write_way(judgement, settings, out)?;
    let mut row = |name: &str, ink: Ink, text: &str| {
        paragraph(0, (Ink::Faint, &format!("{name:<9}")), ink, text, settings, out)
    };
    if let Some((ink, text)) = key_in_words(judgement.key) {
        row("Key", ink, text)?;
    }
    let (ink, verdict) = match judgement.can_serve() {
        true => (Ink::Good, "can serve as a client certificate"),
        false => (Ink::Bad, "cannot serve as a client certificate"),
    };
    row("Verdict", ink, verdict)?;
    for flaw in &judgement.flaws {
        let ink = match flaw.severity {
            Severity::Error => Ink::Bad,
            Severity::Warning => Ink::Doubtful,
            Severity::Note => Ink::Identity,
        };
        out.write_all(b"\n")?;
        let mut line = Line::new();
        line.add(ink, flaw.severity.to_string());
        if let Some(cause) = flaw.cause {
            line.add(Ink::Plain, ": ").add(Ink::Strong, cause);
        }
        line.write(settings, out)?;
        paragraph(2, (Ink::Faint, "Why  "), Ink::Plain, &flaw.message, settings, out)?;
        paragraph(2, (Ink::Faint, "Fix  "), Ink::Plain, &flaw.fix, settings, out)?;
    }
    Ok(())
}

fn write_stored(
    stored: &Stored,
    credential: &Credential,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (ink, what, text) = match stored {
        Stored::Certificate(one) => {
            paragraph(2, (Ink::Faint, "certificate       "), Ink::Plain, &in_one_line(one), settings, out)?;
            return match settings.certificates {
                Certificates::Brief => Ok(()),
                _ => certificate::write(one, credential.at, settings, out),
            };
        }
        Stored::UnreadableCertificate(why) => (Ink::Bad, "certificate", format!("cannot be read: {why}")),
        Stored::PrivateKey(key) => {
            let encrypted = if key.is_encrypted { ", encrypted" } else { "" };
            (Ink::Plain, "private key", format!("{}{encrypted}", key.public_key.algorithm))
        }
        Stored::Request { subject, public_key, is_signed } => {
            let signed = if *is_signed { "" } else { ", not signed with that key" };
            (Ink::Plain, "request (CSR)", format!("for {subject}, {}{signed}", public_key.algorithm))
        }
        Stored::RevocationList(list) => {
            let until = list.next_update.map_or_else(String::new, |until| format!(", until {until}"));
            let number = wording::count(list.revoked.len(), "certificate", "certificates");
            let text = format!("of {}, {number} revoked, from {}{until}", list.issuer, list.this_update);
            (Ink::Plain, "revocations (CRL)", text)
        }
        Stored::PublicKey(key) => (Ink::Plain, "public key", key.algorithm.to_string()),
        Stored::Other(label) => (Ink::Faint, "other", label.clone()),
    };
    paragraph(2, (Ink::Faint, &format!("{what:<18}")), ink, &text, settings, out)
}

/// Whose it is, who says so, and from when to when.
fn in_one_line(certificate: &Certificate) -> String {
    format!(
        "{}, issued by {}, {} to {}",
        message::short_subject(certificate),
        certificate.issuer,
        wording::day(certificate.not_before),
        wording::day(certificate.not_after),
    )
}

/// The way from the client's own certificate upwards, and what is missing of it.
fn write_way(judgement: &Judgement, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let Some(chain) = &judgement.chain else { return Ok(()) };
    let mut step = |ink: Ink, text: &str, first: bool| {
        let name = if first { "Chain    " } else { "      <- " };
        paragraph(0, (Ink::Faint, name), ink, text, settings, out)
    };
    let last = chain.links.len().saturating_sub(1);
    for (place, link) in chain.links.iter().enumerate() {
        let mut text = message::short_subject(&link.certificate);
        if matches!(link.origin, Origin::Anchor(_)) || place == last && chain.ends == End::Anchor {
            text.push_str(" (trusted)");
        } else if place == last && chain.ends == End::SelfSigned {
            text.push_str(" (signed by itself)");
        }
        step(Ink::Plain, &text, place == 0)?;
    }
    match &chain.ends {
        End::MissingIssuer(issuer) => step(Ink::Doubtful, &format!("{issuer} (not in the files)"), false),
        End::Anchor | End::SelfSigned => Ok(()),
    }
}

fn key_in_words(key: KeyMatch) -> Option<(Ink, &'static str)> {
    Some(match key {
        KeyMatch::NoCertificate => return None,
        KeyMatch::NoKey => (Ink::Doubtful, "not among the files"),
        KeyMatch::Proven => (Ink::Good, "is the certificate's: a signature made with it was verified"),
        KeyMatch::Unproven => (Ink::Plain, "has the certificate's public key"),
        KeyMatch::False => (Ink::Bad, "has the certificate's public key, but its signatures are wrong"),
        KeyMatch::Other => (Ink::Bad, "is not the certificate's"),
    })
}
