//! `client_auth`: whether the client was asked who it is, what it answered, and whether it proved it.

use mtlscope_diagnose::connection::{self, Connection, HandshakeKind};
use mtlscope_diagnose::keyless::{self, Inference};
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ClientCertificateType, SignatureScheme};
use mtlscope_dissect::x509;
use serde::{Serialize, Serializer};

use super::certificate::KeptCertificates;
use super::inferred::Inferred;
use super::kept::Kept;
use super::scalar::{Hex, Shown};

/// What one handshake tells of the client's identity.
#[derive(Serialize)]
pub(super) struct ClientAuth<'a> {
    requested: Requested,
    how: Option<How>,
    when: Option<When>,
    authorities: Authorities<'a>,
    certificate_types: CertificateTypes<'a>,
    signature_algorithms: SignatureAlgorithms<'a>,
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

impl<'a> ClientAuth<'a> {
    pub(super) fn of(
        connection: &'a Connection,
        handshake: &'a connection::Handshake,
        kept: &'a Kept,
    ) -> Self {
        let request = handshake.request.seen();
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
            requested,
            how,
            when: matches!(requested, Requested::Yes).then_some(match handshake.kind {
                HandshakeKind::Initial => When::Handshake,
                HandshakeKind::Renegotiation => When::Renegotiation,
                HandshakeKind::PostHandshake => When::PostHandshake,
            }),
            authorities: Authorities(request.map_or(&[], |request| &request.authorities), kept),
            certificate_types: CertificateTypes(request.map_or(&[], |request| &request.certificate_types)),
            signature_algorithms: SignatureAlgorithms(
                request.map_or(&[], |request| &request.signature_algorithms),
                kept,
            ),
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
            inferred: inference.map(Inferred::of),
        }
    }
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

struct Authorities<'a>(&'a [x509::Name], &'a Kept);

impl Serialize for Authorities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|name| KeptAuthority(name, self.1)))
    }
}

struct CertificateTypes<'a>(&'a [ClientCertificateType]);

impl Serialize for CertificateTypes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

struct KeptAuthority<'a>(&'a x509::Name, &'a Kept);

impl Serialize for KeptAuthority<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let der_sha256 = self.0.der_sha256();
        let authority = || Authority { name: Shown(self.0), der_sha256: Hex(der_sha256) };
        self.1.authorities.serialize(&der_sha256, authority, serializer)
    }
}

struct SignatureAlgorithms<'a>(&'a [SignatureScheme], &'a Kept);

impl Serialize for SignatureAlgorithms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = || -> Vec<Shown<&SignatureScheme>> { self.0.iter().map(Shown).collect() };
        self.1.algorithms.serialize(self.0, names, serializer)
    }
}
