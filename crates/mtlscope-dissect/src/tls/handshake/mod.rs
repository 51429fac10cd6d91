//! Handshake messages: bytes to fields, one file a message.
//!
//! RFC 8446 section 4, RFC 5246 section 7.4.
//!
//! ```text
//! struct {
//!     HandshakeType msg_type;
//!     uint24 length;
//!     select (Handshake.msg_type) { .. };
//! } Handshake;
//! ```

mod context;
mod random;

mod certificate;
mod certificate_request;
mod certificate_status;
mod certificate_url;
mod certificate_verify;
mod client_hello;
mod client_key_exchange;
mod compressed_certificate;
mod digitally_signed;
mod encrypted_extensions;
mod finished;
mod key_update;
mod new_session_ticket;
mod server_hello;
mod server_key_exchange;
mod supplemental_data;

#[cfg(test)]
pub(crate) mod vectors;

pub use certificate::{Certificate, CertificateEntry};
pub use certificate_request::CertificateRequest;
pub use certificate_status::CertificateStatus;
pub use certificate_url::{CertificateUrl, UrlAndHash};
pub use certificate_verify::CertificateVerify;
pub use client_hello::ClientHello;
pub use client_key_exchange::{ClientKeyExchange, ExchangeKeys};
pub use compressed_certificate::{CompressedCertificate, NotUnpacked};
pub use context::Context;
pub use digitally_signed::DigitallySigned;
pub use encrypted_extensions::EncryptedExtensions;
pub use finished::Finished;
pub use key_update::KeyUpdate;
pub use new_session_ticket::NewSessionTicket;
pub use random::Random;
pub use server_hello::{Downgrade, ServerHello};
pub use server_key_exchange::{ServerKeyExchange, ServerParams};
pub use supplemental_data::{SupplementalData, SupplementalDataEntry};

use super::extension::{Extension, Extensions};
use super::registry::HandshakeType;
use crate::notice::NoticeKind;
use crate::reader::{FieldTree, PlaceTree, Reader, Trace};

/// The fields of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Body {
    HelloRequest,
    ClientHello(Box<ClientHello>),
    ServerHello(Box<ServerHello>),
    /// A ServerHello with a random of its own.
    HelloRetryRequest(Box<ServerHello>),
    NewSessionTicket(NewSessionTicket),
    EndOfEarlyData,
    EncryptedExtensions(EncryptedExtensions),
    Certificate(Certificate),
    ServerKeyExchange(ServerKeyExchange),
    CertificateRequest(Box<CertificateRequest>),
    ServerHelloDone,
    CertificateVerify(CertificateVerify),
    ClientKeyExchange(ClientKeyExchange),
    Finished(Finished),
    CertificateUrl(CertificateUrl),
    CertificateStatus(CertificateStatus),
    SupplementalData(SupplementalData),
    KeyUpdate(KeyUpdate),
    CompressedCertificate(CompressedCertificate),
    /// Not a message that is sent: it stands for the first ClientHello in what is hashed. RFC 8446 section 4.4.1.
    MessageHash,
    /// A message of a type that is not taken apart.
    Unknown,
    /// A message that a printout names, without a word on what is in it.
    Named,
}

/// A message taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParsedMessage {
    /// What was understood. Of a message cut short, the fields that are there; the others are zero or empty.
    pub body: Body,
    /// Whether the message ends before its fields do.
    pub cut_short: bool,
    /// How many bytes stand behind the last field.
    pub trailing: usize,
}

/// Takes apart the body of a message: the bytes behind its type and length.
pub fn parse(handshake_type: HandshakeType, body: &[u8], context: &Context) -> ParsedMessage {
    parse_traced(handshake_type, body, context, &mut ())
}

/// Every field of a message with its bytes, counted from the start of the message: its type stands at 0, its body at 4.
pub fn field_tree(handshake_type: HandshakeType, body: &[u8], context: &Context) -> FieldTree {
    let mut tree = FieldTree::default();
    tree.field("msg_type", 0..1, handshake_type.to_string());
    tree.field("length", 1..4, body.len().to_string());
    parse_traced(handshake_type, body, context, &mut tree);
    tree
}

/// As [`field_tree`], without words.
pub fn place_tree(handshake_type: HandshakeType, body: &[u8], context: &Context) -> FieldTree {
    let mut tree = PlaceTree::default();
    tree.field("msg_type", 0..1, String::new());
    tree.field("length", 1..4, String::new());
    parse_traced(handshake_type, body, context, &mut tree);
    tree.0
}

fn parse_traced<T: Trace>(
    handshake_type: HandshakeType,
    bytes: &[u8],
    context: &Context,
    trace: &mut T,
) -> ParsedMessage {
    let mut reader = Reader::new(bytes, 4, trace);
    let r = &mut reader;
    let body = match handshake_type {
        HandshakeType::HELLO_REQUEST => Body::HelloRequest,
        HandshakeType::CLIENT_HELLO => Body::ClientHello(Box::new(ClientHello::parse(r, context))),
        HandshakeType::SERVER_HELLO => {
            let hello = Box::new(ServerHello::parse(r, context));
            if hello.is_hello_retry_request() {
                Body::HelloRetryRequest(hello)
            } else {
                Body::ServerHello(hello)
            }
        }
        HandshakeType::NEW_SESSION_TICKET => Body::NewSessionTicket(NewSessionTicket::parse(r, context)),
        HandshakeType::END_OF_EARLY_DATA => Body::EndOfEarlyData,
        HandshakeType::ENCRYPTED_EXTENSIONS => {
            Body::EncryptedExtensions(EncryptedExtensions::parse(r, context))
        }
        HandshakeType::CERTIFICATE => Body::Certificate(Certificate::parse(r, context)),
        HandshakeType::SERVER_KEY_EXCHANGE => Body::ServerKeyExchange(ServerKeyExchange::parse(r, context)),
        HandshakeType::CERTIFICATE_REQUEST => {
            Body::CertificateRequest(Box::new(CertificateRequest::parse(r, context)))
        }
        HandshakeType::SERVER_HELLO_DONE => Body::ServerHelloDone,
        HandshakeType::CERTIFICATE_VERIFY => Body::CertificateVerify(CertificateVerify::parse(r, context)),
        HandshakeType::CLIENT_KEY_EXCHANGE => Body::ClientKeyExchange(ClientKeyExchange::parse(r, context)),
        HandshakeType::FINISHED => Body::Finished(Finished::parse(r, context)),
        HandshakeType::CERTIFICATE_URL => Body::CertificateUrl(CertificateUrl::parse(r, context)),
        HandshakeType::CERTIFICATE_STATUS => Body::CertificateStatus(CertificateStatus::parse(r, context)),
        HandshakeType::SUPPLEMENTAL_DATA => Body::SupplementalData(SupplementalData::parse(r, context)),
        HandshakeType::KEY_UPDATE => Body::KeyUpdate(KeyUpdate::parse(r, context)),
        HandshakeType::COMPRESSED_CERTIFICATE => {
            Body::CompressedCertificate(CompressedCertificate::parse(r, context))
        }
        HandshakeType::MESSAGE_HASH => {
            r.rest("hash");
            Body::MessageHash
        }
        _ => {
            r.rest("body");
            Body::Unknown
        }
    };
    let trailing = r.remaining();
    if trailing > 0 {
        r.rest("trailing_bytes");
    }
    ParsedMessage { body, cut_short: r.is_cut_short(), trailing }
}

impl ParsedMessage {
    /// What was odd in the message and in its extensions.
    pub fn notices(&self) -> Vec<NoticeKind> {
        let mut notices = Vec::new();
        let mut note = |what, cut_short, length| {
            if cut_short {
                notices.push(NoticeKind::Truncated { what });
            }
            if length > 0 {
                notices.push(NoticeKind::TrailingBytes { what, length });
            }
        };
        note(self.body.name(), self.cut_short, self.trailing);
        let is_odd = |extension: &&Extension| extension.cut_short || extension.trailing > 0;
        for extension in self.body.extensions().flat_map(Extensions::iter).filter(is_odd) {
            let what = extension.extension_type.name().unwrap_or("an extension");
            note(what, extension.cut_short, usize::from(extension.trailing));
        }
        if let Body::CompressedCertificate(CompressedCertificate {
            certificate: Err(why), algorithm, ..
        }) = &self.body
        {
            notices.push(NoticeKind::CertificateNotUnpacked { algorithm: *algorithm, why: *why });
        }
        notices
    }
}

impl Body {
    /// The Certificate that the message is, or that is packed in it.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Certificate(certificate) => Some(certificate),
            Self::CompressedCertificate(packed) => packed.certificate.as_ref().ok(),
            _ => None,
        }
    }

    /// The message's name, as the RFCs write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::HelloRequest => "HelloRequest",
            Self::ClientHello(_) => "ClientHello",
            Self::ServerHello(_) => "ServerHello",
            Self::HelloRetryRequest(_) => "HelloRetryRequest",
            Self::NewSessionTicket(_) => "NewSessionTicket",
            Self::EndOfEarlyData => "EndOfEarlyData",
            Self::EncryptedExtensions(_) => "EncryptedExtensions",
            Self::Certificate(_) => "Certificate",
            Self::ServerKeyExchange(_) => "ServerKeyExchange",
            Self::CertificateRequest(_) => "CertificateRequest",
            Self::ServerHelloDone => "ServerHelloDone",
            Self::CertificateVerify(_) => "CertificateVerify",
            Self::ClientKeyExchange(_) => "ClientKeyExchange",
            Self::Finished(_) => "Finished",
            Self::CertificateUrl(_) => "CertificateURL",
            Self::CertificateStatus(_) => "CertificateStatus",
            Self::SupplementalData(_) => "SupplementalData",
            Self::KeyUpdate(_) => "KeyUpdate",
            Self::CompressedCertificate(_) => "CompressedCertificate",
            Self::MessageHash => "MessageHash",
            Self::Unknown | Self::Named => "a message of unknown type",
        }
    }

    /// The extension lists of the message: one, or one a certificate.
    pub fn extensions(&self) -> impl Iterator<Item = &Extensions> {
        let (one, entries): (Option<&Extensions>, &[CertificateEntry]) = match self {
            Self::ClientHello(hello) => (Some(&hello.extensions), &[]),
            Self::ServerHello(hello) | Self::HelloRetryRequest(hello) => (Some(&hello.extensions), &[]),
            Self::EncryptedExtensions(message) => (Some(&message.extensions), &[]),
            Self::NewSessionTicket(message) => (Some(&message.extensions), &[]),
            Self::CertificateRequest(message) => (message.extensions(), &[]),
            Self::Certificate(message) => (None, &message.entries),
            _ => (None, &[]),
        };
        one.into_iter().chain(entries.iter().map(|entry| &entry.extensions))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::reader::Field;
    use crate::side::Side;

    #[test]
    fn real_messages_are_read_to_their_last_byte() {
        for vector in vectors::ALL {
            let message = vector.parse();
            assert_eq!(message.notices(), [], "{}", vector.name);
            assert_ne!(message.body, Body::Unknown, "{}", vector.name);
        }
    }

    #[test]
    fn the_field_tree_covers_every_byte_once() {
        for vector in vectors::ALL {
            let tree = vector.field_tree();
            assert_tiles(vector.name, 0..4 + vector.bytes().len(), &tree.fields);
        }
    }

    fn assert_tiles(name: &str, range: Range<usize>, fields: &[Field]) {
        let mut next = range.start;
        for field in fields {
            assert_eq!(field.range.start, next, "{name}: a gap or an overlap before {}", field.name);
            next = field.range.end;
            if !field.fields.is_empty() {
                assert_tiles(name, field.range.clone(), &field.fields);
            } else {
                assert!(field.value.is_some(), "{name}: {} says nothing", field.name);
            }
        }
        assert_eq!(next, range.end, "{name}: bytes behind the last field");
    }

    #[test]
    fn every_prefix_survives_and_is_known_to_be_cut_short() {
        for vector in vectors::ALL {
            let bytes = vector.bytes();
            for length in 0..bytes.len() {
                let message = parse(vector.handshake_type, &bytes[..length], &vector.context);
                field_tree(vector.handshake_type, &bytes[..length], &vector.context);
                let may_end_here = match &message.body {
                    Body::Finished(_) => true,
                    Body::ClientHello(hello) => hello.extensions.is_empty(),
                    Body::ServerHello(hello) | Body::HelloRetryRequest(hello) => hello.extensions.is_empty(),
                    // The client's value may be in its certificate.
                    Body::ClientKeyExchange(_) => length == 0,
                    _ => false,
                };
                assert!(message.cut_short || may_end_here, "{} to {length}", vector.name);
            }
        }
    }

    #[test]
    fn every_single_byte_change_survives() {
        for vector in vectors::ALL {
            let mut bytes = vector.bytes();
            for place in 0..bytes.len() {
                let before = bytes[place];
                for after in [0, before ^ 1, before ^ 0x80, !before] {
                    bytes[place] = after;
                    let message = parse(vector.handshake_type, &bytes, &vector.context);
                    let unknown = Context::new(vector.context.side);
                    parse(vector.handshake_type, &bytes, &unknown);
                    let tree = field_tree(vector.handshake_type, &bytes, &vector.context);
                    if !message.cut_short && message.notices().is_empty() {
                        assert_tiles(vector.name, 0..4 + bytes.len(), &tree.fields);
                    }
                }
                bytes[place] = before;
            }
        }
    }

    #[test]
    fn shape_tells_what_an_unseen_version_would() {
        for vector in vectors::ALL {
            let context = Context { version: None, ..vector.context };
            // A request after the handshake begins as one of TLS 1.2 does: with a length that is not 0.
            if vector.name != "POST_HANDSHAKE_CERTIFICATE_REQUEST" {
                let message = parse(vector.handshake_type, &vector.bytes(), &context);
                assert_eq!(message, vector.parse(), "{}", vector.name);
            }
        }
    }

    #[test]
    fn bytes_behind_the_last_field_are_counted() {
        let message = parse(HandshakeType::SERVER_HELLO_DONE, &[1, 2], &Context::new(Side::Server));
        assert_eq!((message.body.clone(), message.trailing), (Body::ServerHelloDone, 2));
        assert_eq!(message.notices(), [NoticeKind::TrailingBytes { what: "ServerHelloDone", length: 2 }]);
    }

    #[test]
    fn small_messages_are_read() {
        let context = Context::new(Side::Client);
        let key_update = parse(HandshakeType::KEY_UPDATE, &[1], &context);
        assert!(matches!(
            key_update.body,
            Body::KeyUpdate(KeyUpdate {
                request_update: crate::tls::registry::KeyUpdateRequest::UPDATE_REQUESTED
            })
        ));
        let status = parse(HandshakeType::CERTIFICATE_STATUS, &[1, 0, 0, 2, 0x30, 0], &context);
        let Body::CertificateStatus(status) = status.body else { panic!() };
        assert_eq!(status.responses, [Box::from([0x30, 0])]);
        let packed = parse(HandshakeType::COMPRESSED_CERTIFICATE, &[0, 2, 0, 4, 0, 0, 0, 1, 9], &context);
        let Body::CompressedCertificate(packed) = packed.body else { panic!() };
        assert_eq!(packed.algorithm.to_string(), "brotli");
        assert_eq!((packed.uncompressed_length, &*packed.compressed_certificate_message), (1024, &[9][..]));
        let unknown = parse(HandshakeType(99), &[1, 2, 3], &context);
        assert_eq!(unknown, ParsedMessage { body: Body::Unknown, cut_short: false, trailing: 0 });
    }
}
