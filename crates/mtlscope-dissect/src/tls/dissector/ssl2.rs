//! A connection that begins with a hello of SSL 2: where TLS takes over, or that it does not.

use super::{Surroundings, TlsDissector};
use crate::event::{EventKind, Protection};
use crate::evidence::{Evidence, FrameNumber};
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::handshake::Body;
use crate::tls::message::Message;
use crate::tls::registry::{HandshakeType, ProtocolVersion};
use crate::tls::ssl2;

/// How far SSL 2 goes.
#[derive(Debug)]
pub(super) enum Ssl2 {
    /// The client's hello has begun.
    Hello { bytes: Vec<u8>, first_frame: Option<FrameNumber>, offset: u64 },
    /// It is there; the server has not spoken.
    Unanswered,
    /// The server answers in SSL 2: nothing more is read.
    Only,
}

impl TlsDissector {
    /// The client's next bytes are a hello of SSL 2.
    pub(crate) fn await_ssl2_hello(&mut self, at: At, offset: u64) {
        let hello = Ssl2::Hello { bytes: Vec::new(), first_frame: at.frame, offset };
        self.ssl2 = Some(Box::new(hello));
    }

    /// Takes from the front of `bytes` what belongs to SSL 2.
    #[cold]
    pub(super) fn ssl2_bytes(
        &mut self,
        side: Side,
        bytes: &mut &[u8],
        offset: &mut u64,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        match (self.ssl2.as_deref_mut(), side) {
            (Some(Ssl2::Hello { bytes: hello, .. }), Side::Client) => {
                // Nobody waits for a hello without its head: whoever guessed saw it.
                let known = ssl2::client_hello_length(hello).or_else(|| ssl2::client_hello_length(bytes));
                let whole = known.unwrap_or(0);
                let step = whole.saturating_sub(hello.len()).min(bytes.len());
                let (front, rest) = bytes.split_at(step);
                hello.extend_from_slice(front);
                (*bytes, *offset) = (rest, *offset + step as u64);
                if hello.len() >= whole {
                    self.ssl2_hello(at, s);
                }
            }
            (Some(Ssl2::Unanswered), Side::Server) => {
                if ssl2::begins_server_hello(bytes) {
                    self.ssl2 = Some(Box::new(Ssl2::Only));
                    self.transcript.give_up();
                    self.notice(NoticeKind::Ssl2, at, s);
                    *bytes = &[];
                } else {
                    self.ssl2 = None;
                }
            }
            (Some(Ssl2::Only), _) => *bytes = &[],
            _ => {}
        }
    }

    /// Tells the hello, which is whole.
    fn ssl2_hello(&mut self, at: At, s: &mut Surroundings<'_>) {
        let Some(state) = self.ssl2.take() else { return };
        let Ssl2::Hello { bytes, first_frame, offset } = *state else { return };
        let Some(hello) = ssl2::client_hello(&bytes) else { return };
        self.ssl2 = Some(Box::new(Ssl2::Unanswered));
        self.sides[Side::Client.index()].begun = true;
        let version = hello.legacy_version;
        if version != ProtocolVersion::SSL2 {
            self.notice(NoticeKind::Ssl2Hello { offers: version }, at, s);
        }
        let message = ssl2::message(&bytes);
        let body = Body::ClientHello(Box::new(hello));
        self.note_message(Side::Client, message, &body, s);
        let message = Message {
            handshake_type: HandshakeType::CLIENT_HELLO,
            length: message.len().saturating_sub(1) as u32,
            version,
            body,
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed: None,
            evidence: Evidence {
                first_frame,
                frame: at.frame,
                time: at.time,
                side: Side::Client,
                offset,
                length: bytes.len() as u32,
            },
            protection: Protection::Plain,
            // With the length before it, which tells it from a ClientHello of TLS.
            bytes: s.keep_bytes.then(|| bytes.as_slice().into()),
        };
        self.tell(EventKind::Message(Box::new(message)), s);
    }
}
