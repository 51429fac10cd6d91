//! `client_auth`: whether the client was asked who it is, what it answered, and whether it proved it.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use mtlscope_diagnose::connection::{self, Connection, HandshakeKind, Request};
use mtlscope_diagnose::keyless::{self, Inference};
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ClientCertificateType, SignatureScheme};
use mtlscope_dissect::x509;
use serde::{Serialize, Serializer};

use super::append_fields;
use super::certificate::KeptCertificates;
use super::inferred::Inferred;
use super::kept::Kept;
use super::scalar::{Hex, Shown};

/// Appends what one handshake tells of the client's identity, as one object.
pub(super) fn append(
    line: &mut Vec<u8>,
    connection: &Connection,
    handshake: &connection::Handshake,
    kept: &Kept,
) -> io::Result<()> {
    let asked = Asked::of(connection, handshake);
    super::append(line, &asked)?;
    line.pop();
    line.push(b',');
    kept.requests.append(line, handshake.request.seen())?;
    append_fields(line, &Answered::of(handshake, kept))?;
    line.push(b'}');
    Ok(())
}

/// Whether the client was asked.
#[derive(Serialize)]
struct Asked {
    requested: Requested,
    how: Option<How>,
    when: Option<When>,
}

/// What it was asked for.
#[derive(Serialize)]
struct AskedFor<'a> {
    authorities: Authorities<'a>,
    certificate_types: CertificateTypes<'a>,
    signature_algorithms: SignatureAlgorithms<'a>,
}

/// What it answered.
#[derive(Serialize)]
struct Answered<'a> {
    answer: Answer,
    certificates: KeptCertificates<'a>,
    proof: Proof,
    inferred: Option<Inferred<'a>>,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Requested {
    Yes,
    No,
    Unknown,
}

/// How it is known whether the certificate was asked for.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Seen,
    Decrypted,
    Inferred,
    Attested,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum When {
    Handshake,
    Renegotiation,
    PostHandshake,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Certificate,
    Empty,
    None,
    Unknown,
}

/// Whether the client showed that it holds the key. `Present`: shown, and not checked.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Proof {
    Verified,
    Bad,
    Present,
    Absent,
    Unknown,
}

impl Asked {
    fn of(connection: &Connection, handshake: &connection::Handshake) -> Self {
        let inference = handshake.inferred.as_deref();
        let requested = match handshake.request {
            Observed::Seen(_) => Requested::Yes,
            Observed::NotSent => Requested::No,
            Observed::Hidden(_) => match inference.and_then(Inference::is_asked) {
                Some(true) => Requested::Yes,
                Some(false) => Requested::No,
                None => Requested::Unknown,
            },
        };
        let how = match &handshake.request {
            Observed::Seen(request) => Some(How::of(request.protection)),
            Observed::NotSent => Some(How::of(protection_of_server(connection, handshake))),
            Observed::Hidden(_) => inference.and_then(Inference::is_asked).map(|_| How::Inferred),
        };
        Self {
            requested,
            how,
            when: matches!(requested, Requested::Yes).then_some(match handshake.kind {
                HandshakeKind::Initial => When::Handshake,
                HandshakeKind::Renegotiation => When::Renegotiation,
                HandshakeKind::PostHandshake => When::PostHandshake,
            }),
        }
    }
}

impl<'a> AskedFor<'a> {
    fn of(request: &'a Request) -> Self {
        Self {
            authorities: Authorities(&request.authorities),
            certificate_types: CertificateTypes(&request.certificate_types),
            signature_algorithms: SignatureAlgorithms(&request.signature_algorithms),
        }
    }
}

impl<'a> Answered<'a> {
    fn of(handshake: &'a connection::Handshake, kept: &'a Kept) -> Self {
        let inference = handshake.inferred.as_deref();
        let (answer, certificates) = match &handshake.answer {
            Observed::Seen(answer) if answer.certificates.is_empty() && answer.unreadable == 0 => {
                (Answer::Empty, [].as_slice())
            }
            Observed::Seen(answer) => (Answer::Certificate, answer.certificates.as_slice()),
            Observed::NotSent => (Answer::None, [].as_slice()),
            Observed::Hidden(_) => match inference.and_then(|inference| inference.answer.known()) {
                Some(keyless::Answer::None) => (Answer::None, [].as_slice()),
                Some(keyless::Answer::Empty) => (Answer::Empty, [].as_slice()),
                Some(keyless::Answer::Certificate(_)) => (Answer::Certificate, [].as_slice()),
                None => (Answer::Unknown, [].as_slice()),
            },
        };
        Self {
            answer,
            certificates: KeptCertificates(certificates, kept),
            proof: match &handshake.proof {
                Observed::Seen(proof) => match proof.checked {
                    Some(SignatureCheck::Good) => Proof::Verified,
                    Some(SignatureCheck::Bad) => Proof::Bad,
                    _ => Proof::Present,
                },
                Observed::NotSent => Proof::Absent,
                Observed::Hidden(_) => Proof::Unknown,
            },
            inferred: inference.map(|inference| Inferred::of(inference, kept)),
        }
    }
}

/// Texts of what clients were asked for: the servers of an input ask for the same again and again.
#[derive(Debug, Default)]
pub(super) struct Requests {
    known: RefCell<HashTable<KeptRequest>>,
    hasher: RandomState,
}

#[derive(Debug)]
struct KeptRequest {
    hash: u64,
    request: Request,
    text: Box<[u8]>,
}

/// What is written where nothing was asked for.
const NOTHING: &[u8] = br#""authorities":[],"certificate_types":[],"signature_algorithms":[]"#;

/// Texts that are kept; beyond, all are let go, and what is in use is soon back.
const LIMIT: usize = 256;

impl Requests {
    /// Appends the fields that tell what a request asks for.
    fn append(&self, line: &mut Vec<u8>, request: Option<&Request>) -> io::Result<()> {
        let Some(request) = request else {
            line.extend_from_slice(NOTHING);
            return Ok(());
        };
        let mut known = self.known.borrow_mut();
        let hash = self.hasher.hash_one(gist(request));
        if let Some(kept) = known.find(hash, |kept| asks_the_same(&kept.request, request)) {
            line.extend_from_slice(&kept.text);
            return Ok(());
        }
        let place = super::append(line, &AskedFor::of(request))?;
        line.remove(place.start);
        line.pop();
        if known.len() >= LIMIT {
            known.clear();
        }
        let text = line.get(place.start..).unwrap_or_default().into();
        known.insert_unique(hash, KeptRequest { hash, request: request.clone(), text }, |kept| kept.hash);
        Ok(())
    }
}

/// What mostly tells requests apart, and is quick to hash: those that have it in common are compared.
fn gist(request: &Request) -> (usize, usize, Option<u64>) {
    let name = request.authorities.first().and_then(|name| name.der().last_chunk());
    (request.authorities.len(), request.signature_algorithms.len(), name.map(|end| u64::from_le_bytes(*end)))
}

fn asks_the_same(one: &Request, other: &Request) -> bool {
    one.authorities == other.authorities
        && one.certificate_types == other.certificate_types
        && one.signature_algorithms == other.signature_algorithms
}

impl How {
    fn of(protection: Protection) -> Self {
        match protection {
            Protection::Plain => Self::Seen,
            Protection::Opened => Self::Decrypted,
            Protection::Attested => Self::Attested,
        }
    }
}

/// How the server's messages of a handshake were read: decrypted, if any of them was.
fn protection_of_server(connection: &Connection, handshake: &connection::Handshake) -> Protection {
    let opened = connection.steps_of(handshake).any(|step| {
        step.side == Side::Server
            && step.kind.message().is_some_and(|message| message.protection == Protection::Opened)
    });
    // In TLS 1.2 the server's Finished is opened too, and says nothing of the request, which would have been in clear.
    let hides_requests =
        handshake.version.seen().is_some_and(|version| version.is_tls13()) || handshake.index > 0;
    if opened && hides_requests { Protection::Opened } else { Protection::Plain }
}

#[derive(Serialize)]
struct Authority<'a> {
    name: Shown<&'a x509::Name>,
    der_sha256: Hex,
}

struct Authorities<'a>(&'a [x509::Name]);

impl Serialize for Authorities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let authorities =
            self.0.iter().map(|name| Authority { name: Shown(name), der_sha256: Hex(name.der_sha256()) });
        serializer.collect_seq(authorities)
    }
}

struct CertificateTypes<'a>(&'a [ClientCertificateType]);

impl Serialize for CertificateTypes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

struct SignatureAlgorithms<'a>(&'a [SignatureScheme]);

impl Serialize for SignatureAlgorithms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

#[cfg(test)]
mod tests {
    use mtlscope_dissect::evidence::Evidence;
    use mtlscope_dissect::time::Timestamp;

    use super::*;
    use crate::told;

    fn request(authorities: Vec<x509::Name>, schemes: &[u16]) -> Request {
        Request {
            evidence: Evidence {
                first_frame: None,
                frame: None,
                time: Timestamp::default(),
                side: Side::Server,
                offset: 0,
                length: 0,
            },
            protection: Protection::Plain,
            authorities: authorities.into(),
            certificate_types: [ClientCertificateType(1), ClientCertificateType(64)].into(),
            signature_algorithms: schemes.iter().copied().map(SignatureScheme).collect(),
            signature_algorithms_cert: Box::default(),
            oid_filters: Box::default(),
            only_named: false,
        }
    }

    fn append(requests: &Requests, request: Option<&Request>) -> String {
        let mut line = b"before".to_vec();
        requests.append(&mut line, request).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_request_is_told_the_same_whether_it_is_kept_or_not() {
        let name = |certificate: &str| told::certificate(certificate).subject.clone();
        let all = [
            request(Vec::new(), &[]),
            request(Vec::new(), &[0x0403]),
            request(Vec::new(), &[0x0804]),
            request(vec![name("root")], &[0x0403]),
            request(vec![name("server")], &[0x0403]),
            request(vec![name("root"), name("server")], &[0x0403]),
            request(vec![name("server"), name("root")], &[0x0403]),
        ];
        let requests = Requests::default();
        for _ in 0..2 {
            for request in &all {
                assert_eq!(append(&requests, Some(request)), append(&Requests::default(), Some(request)));
            }
        }
        assert_eq!(requests.known.borrow().len(), all.len());
        let empty = Request { certificate_types: Box::default(), ..request(Vec::new(), &[]) };
        assert_eq!(append(&requests, None), append(&requests, Some(&empty)));
    }

    #[test]
    fn no_more_are_kept_than_the_limit() {
        let requests = Requests::default();
        for scheme in 0..LIMIT as u16 + 1 {
            append(&requests, Some(&request(Vec::new(), &[scheme])));
        }
        assert_eq!(requests.known.borrow().len(), 1);
    }
}
