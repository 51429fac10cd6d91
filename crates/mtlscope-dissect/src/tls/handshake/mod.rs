//! Handshake messages: bytes to fields, one file a message, in the order they are sent.
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

mod client_hello;
mod server_hello;
mod encrypted_extensions;
mod certificate;
mod compressed_certificate;
mod certificate_url;
mod certificate_status;
mod supplemental_data;
mod server_key_exchange;
mod certificate_request;
mod client_key_exchange;
mod certificate_verify;
mod digitally_signed;
mod finished;
mod new_session_ticket;
mod key_update;

pub use certificate::{Certificate, CertificateEntry};
pub use certificate_request::CertificateRequest;
pub use certificate_status::CertificateStatus;
pub use certificate_url::{CertificateUrl, UrlAndHash};
pub use certificate_verify::CertificateVerify;
pub use client_hello::ClientHello;
pub use client_key_exchange::{ClientKeyExchange, ExchangeKeys};
pub use compressed_certificate::CompressedCertificate;
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

use super::extension::Extensions;
use super::registry::HandshakeType;
use crate::notice::NoticeKind;
use crate::reader::{FieldTree, Reader, Trace};

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
        for extension in self.body.extensions().flat_map(Extensions::iter) {
            let what = extension.extension_type.name().unwrap_or("an extension");
            note(what, extension.cut_short, extension.trailing);
        }
        notices
    }
}

impl Body {
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
            Self::Unknown => "a message of unknown type",
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
