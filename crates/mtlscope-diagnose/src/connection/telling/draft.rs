//! A handshake while it is being heard: the messages so far, and for each side the order of what it did.
//!
//! The order is kept because a message that is missing was not sent only where its place is visible: see `facts.rs`.

use std::sync::Arc;

use mtlscope_dissect::event::Protection;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::handshake::{self, Body, ServerParams};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{CipherSuite, ContentType, HandshakeType, NamedGroup, ProtocolVersion};

use super::heard::Heard;
use super::http::printable;
use super::shared::Shared;
use crate::connection::{Answer, Choice, HandshakeKind, Offer, Proof, Request, ServerIdentity};
use crate::observed::Why;

/// Things kept of one side's order in one handshake; behind them the order counts as unknown.
const TURNS: usize = 1024;

/// Turns that most sides come by with in a handshake.
const USUAL_TURNS: usize = 8;

/// The least length of a ServerHello: version, random, an empty session id, cipher suite, compression method.
const SERVER_HELLO_LENGTH: u32 = 2 + 32 + 1 + 2 + 1;

/// A handshake that is still being heard.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) kind: HandshakeKind,
    /// What each side did, in order.
    pub(super) turns: [Vec<Turn>; 2],
    /// Whether messages have the order of TLS 1.3, once that is certain.
    pub(super) is_tls13: Option<bool>,
    /// Whether the hellos were read, and not only named.
    pub(super) is_read: bool,
    pub(super) client_hello: Option<Heard>,
    pub(super) offer: Option<Arc<Offer>>,
    pub(super) server_hello: Option<Heard>,
    pub(super) choice: Option<Arc<Choice>>,
    session_ids: SessionIds,
    /// What records in clear behind the ServerHello say, where that was not seen.
    pub(super) record_version: Option<ProtocolVersion>,
    /// The curve in ServerKeyExchange.
    pub(super) curve: Option<Option<NamedGroup>>,
    pub(super) server_identity: Option<Box<ServerIdentity>>,
    pub(super) request: Option<Box<Request>>,
    pub(super) answer: Option<Box<Answer>>,
    pub(super) proof: Option<Box<Proof>>,
    pub(super) finished: [Option<Heard>; 2],
    /// Boxed, since most handshakes show nothing of it.
    seldom: Option<Box<Seldom>>,
}

/// What few handshakes show, or only with keys.
#[derive(Debug, Default)]
struct Seldom {
    /// The `certificate_request_context` of a request after the handshake.
    context: Box<[u8]>,
    /// Version and suite of a HelloRetryRequest, which the ServerHello must repeat. RFC 8446 section 4.1.4.
    announced: Option<(ProtocolVersion, CipherSuite)>,
    /// ALPN in EncryptedExtensions.
    encrypted_alpn: Option<Option<String>>,
}

/// One thing a side did, as far as the order of things matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    Message(HandshakeType),
    ChangeCipherSpec,
    Sealed(ContentType),
    /// An alert that ends what its sender has to say.
    LastAlert,
    /// Here something is missing from what was captured.
    Hole(Why),
}

/// Whether the server repeats the session id of the client. The two are let go once they were compared.
#[derive(Debug, Default)]
enum SessionIds {
    #[default]
    Unheard,
    Of(Side, Box<[u8]>),
    Compared(bool),
}

impl SessionIds {
    fn hear(&mut self, side: Side, session_id: &[u8]) {
        *self = match self {
            Self::Compared(_) => return,
            Self::Of(other, known) if *other != side => Self::Compared(**known == *session_id),
            Self::Of(..) | Self::Unheard => Self::Of(side, session_id.into()),
        };
    }
}

impl Draft {
    pub(super) fn begin(kind: HandshakeKind, is_tls13: Option<bool>) -> Self {
        Self {
            kind,
            turns: [Vec::new(), Vec::new()],
            is_tls13,
            is_read: false,
            client_hello: None,
            offer: None,
            server_hello: None,
            choice: None,
            session_ids: SessionIds::default(),
            record_version: None,
            curve: None,
            server_identity: None,
            request: None,
            answer: None,
            proof: None,
            finished: [None, None],
            seldom: None,
        }
    }

    /// A request after the handshake, with its `certificate_request_context`, under what the handshake agreed on.
    pub(super) fn begin_post_handshake(context: &[u8], choice: Option<Arc<Choice>>) -> Self {
        let mut draft = Self { choice, ..Self::begin(HandshakeKind::PostHandshake, Some(true)) };
        if !context.is_empty() {
            draft.seldom().context = context.into();
        }
        draft
    }

    /// The `certificate_request_context` of a request after the handshake.
    pub(super) fn context(&self) -> &[u8] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.context)
    }

    /// Version and suite of a HelloRetryRequest.
    pub(super) fn announced(&self) -> Option<(ProtocolVersion, CipherSuite)> {
        self.seldom.as_ref()?.announced
    }

    /// ALPN in EncryptedExtensions, once that was seen.
    pub(super) fn encrypted_alpn(&self) -> Option<Option<&str>> {
        Some(self.seldom.as_ref()?.encrypted_alpn.as_ref()?.as_deref())
    }

    fn seldom(&mut self) -> &mut Seldom {
        self.seldom.get_or_insert_default()
    }

    /// Notes what a side did.
    pub(super) fn turn(&mut self, side: Side, turn: Turn) {
        let turns = &mut self.turns[side.index()];
        if turns.len() < TURNS {
            if turns.capacity() == 0 {
                // What most sides do: growing by and by costs more than noting it.
                turns.reserve_exact(USUAL_TURNS);
            }
            turns.push(turn);
        } else if turns.len() == TURNS {
            turns.push(Turn::Hole(Why::Gap));
        }
    }

    /// Whether the side's next record under new keys is its Finished: a ChangeCipherSpec, and no hole since.
    pub(super) fn awaits_sealed_finished(&self, side: Side) -> bool {
        self.finished[side.index()].is_none()
            && self.turns[side.index()]
                .iter()
                .rev()
                .find(|turn| !matches!(turn, Turn::Sealed(ContentType::ALERT)))
                == Some(&Turn::ChangeCipherSpec)
    }

    /// Whether the server's turn in this renegotiation has not come yet.
    pub(super) fn awaits_server_hello(&self) -> bool {
        self.kind == HandshakeKind::Renegotiation && self.server_hello.is_none()
    }

    /// Whether the server's hello has the session id of the client's.
    pub(super) fn repeats_session_id(&self) -> bool {
        matches!(self.session_ids, SessionIds::Compared(true))
    }

    /// Takes a message that belongs to this handshake, and out of it what only the proof has use for.
    pub(super) fn hear(&mut self, message: &mut Message, heard: Heard, shared: &mut Shared) {
        let side = message.evidence.side;
        self.learn_version(message);
        match (&message.body, side) {
            (Body::ClientHello(hello), Side::Client) => {
                self.is_read = true;
                self.client_hello.get_or_insert(heard);
                self.offer = Some(shared.offers.one(Offer::of(hello)));
                self.session_ids.hear(Side::Client, &hello.session_id);
            }
            (Body::HelloRetryRequest(hello), Side::Server) => {
                self.is_tls13 = Some(true);
                self.seldom().announced = Some((hello.version(), hello.cipher_suite));
            }
            // One that ends before its cipher suite chose nothing.
            (Body::ServerHello(_), Side::Server) if message.length < SERVER_HELLO_LENGTH => {}
            (Body::ServerHello(hello), Side::Server) => {
                let choice = Choice::of(hello);
                self.is_tls13 = Some(choice.version.is_tls13());
                self.server_hello.get_or_insert(heard);
                if self.choice.is_none() {
                    self.choice = Some(shared.choices.one(choice));
                    self.session_ids.hear(Side::Server, &hello.session_id);
                }
            }
            (Body::EncryptedExtensions(extensions), Side::Server) => {
                let alpn = extensions.alpn_protocol().map(|name| text(&name.to_string()));
                self.seldom().encrypted_alpn.get_or_insert(alpn);
            }
            (Body::Certificate(_) | Body::CompressedCertificate(_), Side::Server) => {
                self.server_identity.get_or_insert_with(|| {
                    Box::new(ServerIdentity {
                        evidence: message.evidence,
                        protection: message.protection,
                        certificates: message.certificates.clone(),
                    })
                });
            }
            (Body::ServerKeyExchange(exchange), Side::Server) => {
                self.curve.get_or_insert(match exchange.params {
                    ServerParams::Ecdh { named_curve, .. } => Some(named_curve),
                    _ => None,
                });
            }
            (Body::CertificateRequest(request), Side::Server) => {
                self.request.get_or_insert_with(|| Box::new(read_request(request, message)));
            }
            (
                Body::Certificate(_) | Body::CompressedCertificate(_) | Body::CertificateUrl(_),
                Side::Client,
            ) => {
                self.answer.get_or_insert_with(|| {
                    Box::new(Answer {
                        evidence: message.evidence,
                        protection: message.protection,
                        certificates: message.certificates.clone(),
                        unreadable: unreadable_entries(message),
                    })
                });
            }
            (Body::CertificateVerify(verify), Side::Client) => {
                self.proof.get_or_insert_with(|| {
                    Box::new(Proof {
                        evidence: message.evidence,
                        algorithm: verify.algorithm,
                        signature: verify.signature.clone(),
                        signed: message.signed.take(),
                        checked: None,
                    })
                });
            }
            (Body::Finished(_), _) => {
                self.finished[side.index()].get_or_insert(heard);
            }
            (Body::Named, _) => self.hear_named(message, heard),
            _ => {}
        }
        self.turn(side, Turn::Message(message.handshake_type));
    }

    /// Takes a message of which only the name is known.
    fn hear_named(&mut self, message: &Message, heard: Heard) {
        let (evidence, protection, side) = (message.evidence, message.protection, message.evidence.side);
        match (message.handshake_type, side) {
            (HandshakeType::CLIENT_HELLO, Side::Client) => {
                self.client_hello.get_or_insert(heard);
            }
            (HandshakeType::SERVER_HELLO, Side::Server) => {
                self.server_hello.get_or_insert(heard);
                self.record_version.get_or_insert(message.version);
                self.is_tls13 = Some(message.version.is_tls13());
            }
            (HandshakeType::CERTIFICATE, Side::Server) => {
                let certificates = Vec::new();
                self.server_identity
                    .get_or_insert_with(|| Box::new(ServerIdentity { evidence, protection, certificates }));
            }
            (HandshakeType::CERTIFICATE_REQUEST, Side::Server) => {
                self.request.get_or_insert_with(|| {
                    Box::new(Request {
                        evidence,
                        protection,
                        authorities: Box::default(),
                        certificate_types: Box::default(),
                        signature_algorithms: Box::default(),
                        signature_algorithms_cert: Box::default(),
                        oid_filters: Box::default(),
                        only_named: true,
                    })
                });
            }
            // One that is empty comes with its body: it is known to be.
            (HandshakeType::CERTIFICATE, Side::Client) => {
                let certificates = Vec::new();
                self.answer.get_or_insert_with(|| {
                    Box::new(Answer { evidence, protection, certificates, unreadable: 1 })
                });
            }
            (HandshakeType::CERTIFICATE_VERIFY, Side::Client) => {
                self.proof.get_or_insert_with(|| {
                    Box::new(Proof {
                        evidence,
                        algorithm: None,
                        signature: Box::default(),
                        signed: None,
                        checked: None,
                    })
                });
            }
            (HandshakeType::FINISHED, _) => {
                self.finished[side.index()].get_or_insert(heard);
            }
            _ => {}
        }
    }

    fn learn_version(&mut self, message: &Message) {
        // A printout may name a message and not its version.
        if message.version == ProtocolVersion(0) {
            return;
        }
        let only_before_tls13 = match message.handshake_type {
            HandshakeType::SERVER_KEY_EXCHANGE
            | HandshakeType::SERVER_HELLO_DONE
            | HandshakeType::CLIENT_KEY_EXCHANGE
            | HandshakeType::CERTIFICATE_STATUS => true,
            HandshakeType::CERTIFICATE
            | HandshakeType::CERTIFICATE_REQUEST
            | HandshakeType::CERTIFICATE_VERIFY => message.protection == Protection::Plain,
            _ => false,
        };
        if only_before_tls13 && self.is_tls13 != Some(true) {
            self.is_tls13 = Some(false);
            if !message.version.is_tls13() {
                self.record_version.get_or_insert(message.version);
            }
        }
    }
}

fn read_request(request: &handshake::CertificateRequest, message: &Message) -> Request {
    Request {
        evidence: message.evidence,
        protection: message.protection,
        authorities: message.authorities.as_slice().into(),
        certificate_types: request.certificate_types().into(),
        signature_algorithms: request.signature_algorithms().into(),
        signature_algorithms_cert: request.signature_algorithms_cert().into(),
        oid_filters: request.oid_filters().into(),
        only_named: false,
    }
}

/// Entries of a Certificate message that are no certificate we can read. A message that lost its end has at least one:
/// it must not pass for an empty one.
fn unreadable_entries(message: &Message) -> usize {
    let (entries, empty_length) = match &message.body {
        Body::Certificate(certificate) if certificate.context.is_empty() => (certificate.entries.len(), 4),
        Body::Certificate(certificate) => (certificate.entries.len(), 4 + certificate.context.len() as u32),
        Body::CompressedCertificate(packed) => match &packed.certificate {
            Ok(certificate) => return certificate.entries.len().saturating_sub(message.certificates.len()),
            Err(_) => return usize::from(packed.uncompressed_length > 4),
        },
        Body::CertificateUrl(url) => return url.url_and_hash_list.len().max(1),
        _ => return 0,
    };
    if entries == 0 {
        return usize::from(message.length > empty_length);
    }
    entries.saturating_sub(message.certificates.len())
}

/// Text of a peer, safe to keep.
fn text(text: &str) -> String {
    printable(text.as_bytes(), 256)
}
