//! What the comment of a packet says, told in place of what the packet hides. Who has the keys, or the bytes, hears none of
//! it: what was seen comes first.

use std::fmt::Write;

use super::{Surroundings, TlsDissector};
use crate::event::{ApplicationData, EventKind, Protection};
use crate::evidence::Evidence;
use crate::reassembly::At;
use crate::side::Side;
use crate::testimony::Statement;
use crate::tls::handshake::Body;
use crate::tls::message::Message;
use crate::tls::record::RecordHead;
use crate::tls::registry::{ContentType, HandshakeType, ProtocolVersion};

impl TlsDissector {
    /// Tells all that is said of what a side sent in this frame. Nothing, where that was told already: then this is one more
    /// record of which nothing else is known.
    #[cold]
    pub(crate) fn attest(&mut self, side: Side, evidence: &Evidence, at: At, s: &mut Surroundings<'_>) {
        for statement in s.testimony.give(side) {
            match statement {
                Statement::Alert(alert) => {
                    let kind =
                        EventKind::Alert { alert, evidence: *evidence, protection: Protection::Attested };
                    self.tell(kind, s);
                }
                Statement::ChangeCipherSpec => {
                    let kind =
                        EventKind::ChangeCipherSpec { evidence: *evidence, protection: Protection::Attested };
                    self.tell(kind, s);
                }
                Statement::Message { handshake_type, bytes } => {
                    self.attest_message(handshake_type, &bytes, evidence, at, s);
                }
                Statement::Request { version, method } => {
                    self.attest_data(&format!("{method} (not shared) {version}"), "", evidence, s);
                }
                Statement::Status { version, code, words } => {
                    self.attest_data(&format!("{version} {code}"), &words, evidence, s);
                }
                Statement::Http2Ending(ending) => {
                    let kind = EventKind::Http2Ending {
                        ending,
                        evidence: *evidence,
                        protection: Protection::Attested,
                    };
                    self.tell(kind, s);
                }
                Statement::ApplicationData
                    if !std::mem::replace(&mut self.sides[side.index()].data_attested, true) =>
                {
                    self.attest_data("", "", evidence, s);
                }
                Statement::ApplicationData => self.records_untold[side.index()] += 1,
                Statement::CutAway | Statement::Words(_) => {}
            }
        }
    }

    fn attest_message(
        &mut self,
        handshake_type: HandshakeType,
        bytes: &[u8],
        evidence: &Evidence,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        let version = self.negotiated.version.unwrap_or(ProtocolVersion::TLS12);
        if !bytes.is_empty() && bytes.len() <= s.limits.handshake_message {
            let head = RecordHead {
                content_type: ContentType::HANDSHAKE,
                version,
                length: 0,
                first_frame: evidence.first_frame,
                offset: evidence.offset,
            };
            return self.message(evidence.side, &head, bytes, evidence, Protection::Attested, at, s);
        }
        // What it would add to the transcript is not known.
        if handshake_type != HandshakeType::NEW_SESSION_TICKET && handshake_type != HandshakeType::FINISHED {
            self.lose_transcript();
        }
        let message = Message {
            handshake_type,
            length: 0,
            version,
            body: Body::Named,
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed: None,
            evidence: *evidence,
            protection: Protection::Attested,
            bytes: None,
        };
        self.tell(EventKind::Message(Box::new(message)), s);
    }

    /// Application data that begins with this line. Without one it is no text.
    fn attest_data(&mut self, line: &str, words: &str, evidence: &Evidence, s: &mut Surroundings<'_>) {
        let mut head = String::new();
        if !line.is_empty() {
            // A String takes whatever is written.
            let _ = write!(head, "{line}\r\n\r\n{words}");
        }
        let data = ApplicationData {
            head: head.into_bytes().into(),
            length: 0,
            protection: Protection::Attested,
            evidence: *evidence,
        };
        self.tell(EventKind::ApplicationData(Box::new(data)), s);
    }
}
