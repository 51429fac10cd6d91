//! `client_auth`: whether the client was asked who it is, what it answered, and whether it proved it.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use mtlscope_diagnose::connection::{self, Connection, HandshakeKind};
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509;
use serde::Serialize;

use super::pieces::{Pieces, append_list};
use super::scalar::{Hex, Shown, append_registered};

/// What one handshake tells of the client's identity. It stands in every line, and its lists are the same in most: it is
/// written piece by piece.
pub(super) struct ClientAuth<'a> {
    requested: Requested,
    how: Option<How>,
    when: Option<When>,
    request: Option<&'a connection::Request>,
    answer: Answer,
    certificates: &'a [Arc<x509::Certificate>],
    proof: Proof,
}

#[derive(Clone, Copy)]
enum Requested {
    Yes,
    No,
    Unknown,
}

impl Requested {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Yes => br#""yes""#,
            Self::No => br#""no""#,
            Self::Unknown => br#""unknown""#,
        }
    }
}

/// How it is known whether the certificate was asked for.
#[derive(Clone, Copy)]
enum How {
    Seen,
    Decrypted,
}

impl How {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Seen => br#""seen""#,
            Self::Decrypted => br#""decrypted""#,
        }
    }
}

#[derive(Clone, Copy)]
enum When {
    Handshake,
    Renegotiation,
    PostHandshake,
}

impl When {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Handshake => br#""handshake""#,
            Self::Renegotiation => br#""renegotiation""#,
            Self::PostHandshake => br#""post_handshake""#,
        }
    }
}

#[derive(Clone, Copy)]
enum Answer {
    Certificate,
    Empty,
    None,
    Unknown,
}

impl Answer {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Certificate => br#""certificate""#,
            Self::Empty => br#""empty""#,
            Self::None => br#""none""#,
            Self::Unknown => br#""unknown""#,
        }
    }
}

/// Whether the client showed that it holds the key. `Present`: shown, and not checked.
#[derive(Clone, Copy)]
enum Proof {
    Verified,
    Bad,
    Present,
    Absent,
    Unknown,
}

impl Proof {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Verified => br#""verified""#,
            Self::Bad => br#""bad""#,
            Self::Present => br#""present""#,
            Self::Absent => br#""absent""#,
            Self::Unknown => br#""unknown""#,
        }
    }
}

impl<'a> ClientAuth<'a> {
    pub(super) fn of(connection: &'a Connection, handshake: &'a connection::Handshake) -> Self {
        let request = handshake.request.seen();
        let requested = match handshake.request {
            Observed::Seen(_) => Requested::Yes,
            Observed::NotSent => Requested::No,
            Observed::Hidden(_) => Requested::Unknown,
        };
        let how = match &handshake.request {
            Observed::Seen(request) => Some(How::of(request.protection)),
            Observed::NotSent => Some(How::of(protection_of_server(connection, handshake))),
            Observed::Hidden(_) => None,
        };
        let (answer, certificates) = match &handshake.answer {
            Observed::Seen(answer) if answer.certificates.is_empty() && answer.unreadable == 0 => {
                (Answer::Empty, [].as_slice())
            }
            Observed::Seen(answer) => (Answer::Certificate, answer.certificates.as_slice()),
            Observed::NotSent => (Answer::None, [].as_slice()),
            Observed::Hidden(_) => (Answer::Unknown, [].as_slice()),
        };
        Self {
            requested,
            how,
            when: request.map(|_| match handshake.kind {
                HandshakeKind::Initial => When::Handshake,
                HandshakeKind::Renegotiation => When::Renegotiation,
                HandshakeKind::PostHandshake => When::PostHandshake,
            }),
            request,
            answer,
            certificates,
            proof: match &handshake.proof {
                Observed::Seen(proof) => match proof.checked {
                    Some(SignatureCheck::Good) => Proof::Verified,
                    Some(SignatureCheck::Bad) => Proof::Bad,
                    _ => Proof::Present,
                },
                Observed::NotSent => Proof::Absent,
                Observed::Hidden(_) => Proof::Unknown,
            },
        }
    }

    /// Appends the object, and says where it stands.
    pub(super) fn append(&self, line: &mut Vec<u8>, pieces: &mut Pieces) -> io::Result<Range<usize>> {
        let start = line.len();
        line.extend_from_slice(br#"{"requested":"#);
        line.extend_from_slice(self.requested.text());
        line.extend_from_slice(br#","how":"#);
        line.extend_from_slice(self.how.map_or(b"null", How::text));
        line.extend_from_slice(br#","when":"#);
        line.extend_from_slice(self.when.map_or(b"null", When::text));
        line.extend_from_slice(br#","authorities":"#);
        pieces.append_authorities(line, self.request.map_or(&[], |request| &request.authorities))?;
        line.extend_from_slice(br#","certificate_types":"#);
        let types = self.request.map_or(&[][..], |request| &request.certificate_types);
        append_list(line, types, |line, number| append_registered(line, number.name(), number))?;
        line.extend_from_slice(br#","signature_algorithms":"#);
        let algorithms = self.request.map_or(&[][..], |request| &request.signature_algorithms);
        append_list(line, algorithms, |line, number| append_registered(line, number.name(), number))?;
        line.extend_from_slice(br#","answer":"#);
        line.extend_from_slice(self.answer.text());
        line.extend_from_slice(br#","certificates":"#);
        pieces.append_certificates(line, self.certificates)?;
        line.extend_from_slice(br#","proof":"#);
        line.extend_from_slice(self.proof.text());
        line.push(b'}');
        Ok(start..line.len())
    }
}

impl How {
    fn of(protection: Protection) -> Self {
        match protection {
            Protection::Plain => Self::Seen,
            Protection::Opened => Self::Decrypted,
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

/// An authority that the server names.
#[derive(Serialize)]
pub(super) struct Authority<'a> {
    name: Shown<&'a x509::Name>,
    der_sha256: Hex,
}

impl<'a> Authority<'a> {
    pub(super) fn of(name: &'a x509::Name) -> Self {
        Self { name: Shown(name), der_sha256: Hex(name.der_sha256()) }
    }
}
