//! Files of certificates and keys as one JSON object: what is in each, and what speaks against the client. docs/pki.md
//! describes it.

use std::io::{self, Write};

use mtlscope_diagnose::credential::{Credential, Flaw, Judgement, KeyMatch, Stored, StoredFile};
use mtlscope_diagnose::pki::{End, Origin};
use mtlscope_dissect::reader;
use mtlscope_dissect::x509::Certificate;
use serde::Serialize;

use super::Safe;

#[derive(Serialize)]
struct Object<'a> {
    can_serve: bool,
    key: Option<&'static str>,
    chain: Vec<Link>,
    missing_issuer: Option<String>,
    flaws: Vec<ShownFlaw<'a>>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Link {
    subject: String,
    trusted: bool,
}

#[derive(Serialize)]
struct ShownFlaw<'a> {
    severity: String,
    cause: Option<&'static str>,
    message: &'a str,
    fix: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    format: &'a str,
    content: Vec<Content>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Content {
    Certificate {
        subject: String,
        issuer: String,
        serial: String,
        not_before: String,
        not_after: String,
        key: String,
        sha256: String,
    },
    UnreadableCertificate {
        why: String,
    },
    PrivateKey {
        key: String,
        encrypted: bool,
    },
    Request {
        subject: String,
        key: String,
        signed: bool,
    },
    RevocationList {
        issuer: String,
        this_update: String,
        next_update: Option<String>,
        revoked: usize,
    },
    PublicKey {
        key: String,
    },
    Other {
        label: String,
    },
}

/// Writes the object and a line feed.
pub fn write_credential(
    credential: &Credential,
    judgement: &Judgement,
    out: &mut dyn Write,
) -> io::Result<()> {
    let object = Object {
        can_serve: judgement.can_serve(),
        key: key(judgement.key),
        chain: chain(judgement),
        missing_issuer: judgement.chain.as_ref().and_then(|chain| match &chain.ends {
            End::MissingIssuer(issuer) => Some(issuer.to_string()),
            End::Anchor | End::SelfSigned => None,
        }),
        flaws: judgement.flaws.iter().map(flaw).collect(),
        files: credential.files.iter().map(file).collect(),
    };
    object
        .serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Safe))
        .map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn key(found: KeyMatch) -> Option<&'static str> {
    Some(match found {
        KeyMatch::NoCertificate | KeyMatch::NoKey => return None,
        KeyMatch::Proven => "proven",
        KeyMatch::Unproven => "unproven",
        KeyMatch::False => "false",
        KeyMatch::Other => "other",
    })
}

fn chain(judgement: &Judgement) -> Vec<Link> {
    let Some(chain) = &judgement.chain else { return Vec::new() };
    let last = chain.links.len().saturating_sub(1);
    let is_trusted =
        |place, origin| matches!(origin, Origin::Anchor(_)) || place == last && chain.ends == End::Anchor;
    let links = chain.links.iter().enumerate();
    links
        .map(|(place, link)| Link {
            subject: link.certificate.subject.to_string(),
            trusted: is_trusted(place, link.origin),
        })
        .collect()
}

fn flaw(flaw: &Flaw) -> ShownFlaw<'_> {
    ShownFlaw {
        severity: flaw.severity.to_string(),
        cause: flaw.cause,
        message: &flaw.message,
        fix: &flaw.fix,
    }
}

fn file(file: &StoredFile) -> File<'_> {
    File { name: &file.name, format: file.format, content: file.content.iter().map(content).collect() }
}

fn content(stored: &Stored) -> Content {
    match stored {
        Stored::Certificate(certificate) => of_certificate(certificate),
        Stored::UnreadableCertificate(why) => Content::UnreadableCertificate { why: why.clone() },
        Stored::PrivateKey(key) => {
            Content::PrivateKey { key: key.public_key.algorithm.to_string(), encrypted: key.is_encrypted }
        }
        Stored::Request { subject, public_key, is_signed } => Content::Request {
            subject: subject.to_string(),
            key: public_key.algorithm.to_string(),
            signed: *is_signed,
        },
        Stored::RevocationList(list) => Content::RevocationList {
            issuer: list.issuer.to_string(),
            this_update: list.this_update.to_string(),
            next_update: list.next_update.map(|until| until.to_string()),
            revoked: list.revoked.len(),
        },
        Stored::PublicKey(key) => Content::PublicKey { key: key.algorithm.to_string() },
        Stored::Other(label) => Content::Other { label: label.clone() },
    }
}

fn of_certificate(certificate: &Certificate) -> Content {
    Content::Certificate {
        subject: certificate.subject.to_string(),
        issuer: certificate.issuer.to_string(),
        serial: certificate.serial.to_string(),
        not_before: certificate.not_before.to_string(),
        not_after: certificate.not_after.to_string(),
        key: certificate.public_key.algorithm.to_string(),
        sha256: reader::hex(&certificate.sha256),
    }
}
