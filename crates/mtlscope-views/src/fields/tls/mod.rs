//! `tls`: the fields of records, alerts, handshake messages and extensions, by Wireshark's names and with its values.
//!
//! A [`Conversation`] hears of each record of a connection and of each message, as dissect tells them, and adds what they
//! say to the values of their frame. The values of a message are read by dissect's own parser (`place.rs`).

mod alert;
mod application_data;
mod certificate;
mod certificate_request;
mod extensions;
mod handshake;
mod heartbeat;
mod hello;
mod key_exchange;
mod pieces;
mod place;
mod record;
mod ssl2;
mod ticket;
mod verify;

pub(super) use extensions::signed_certificate_timestamp;

use mtlscope_dissect::event::{Opened, Record};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::extension::ProtocolName;
use mtlscope_dissect::tls::handshake::{Body, Context};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{CipherSuite, ContentType, HandshakeType, ProtocolVersion};

use super::named::Told;
use super::{Field, Occurrence, Value, Wanted};
use pieces::Pieces;

/// The families of fields.
static FAMILIES: &[&[&Field]] = &[
    record::FIELDS,
    alert::FIELDS,
    application_data::FIELDS,
    heartbeat::FIELDS,
    handshake::FIELDS,
    hello::FIELDS,
    ssl2::FIELDS,
    certificate::FIELDS,
    certificate_request::FIELDS,
    key_exchange::FIELDS,
    verify::FIELDS,
    ticket::FIELDS,
    extensions::FIELDS,
    extensions::server_name::FIELDS,
    extensions::status_request::FIELDS,
    extensions::groups::FIELDS,
    extensions::signature_algorithms::FIELDS,
    extensions::protocol_names::FIELDS,
    extensions::signed_certificate_timestamp::FIELDS,
    extensions::certificate_type::FIELDS,
    extensions::pre_shared_key::FIELDS,
    extensions::supported_versions::FIELDS,
    extensions::key_share::FIELDS,
    extensions::oid_filters::FIELDS,
    extensions::delegated_credential::FIELDS,
    extensions::encrypted_server_name::FIELDS,
    extensions::single::FIELDS,
];

/// Every field of TLS.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    FAMILIES.iter().copied().flatten().copied()
}

/// What is remembered of one connection, between its records and messages.
#[derive(Debug, Default)]
pub struct Conversation {
    version: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    /// What is known of each side's messages that come in pieces.
    pieces: [Pieces; 2],
    /// What is spoken inside, by its ports, or since the server chose it.
    protocol: Option<&'static str>,
    /// Whether a ServerHello was the last that told whether keys are new.
    may_be_resumed: bool,
    frame: Option<FrameNumber>,
    layer: u8,
    /// Which of the frame's values the layer is.
    told_at: usize,
    /// Whether the last record of this frame began in an earlier one: Wireshark shows it apart from what follows.
    came_in_pieces: bool,
}

impl Conversation {
    /// A connection of which nothing was heard yet.
    pub fn new(opened: &Opened) -> Self {
        let protocol = application_data::by_ports(opened.client.port(), opened.server.port());
        Self { protocol, ..Self::default() }
    }

    /// The version is known before the hellos: as tshark knows it in the second of two passes (`-2`). Then a ClientHello
    /// of TLS 1.3 tells less of its random, and early data is known as TLS 1.3.
    pub fn of_version(self, version: Option<ProtocolVersion>) -> Self {
        Self { version, ..self }
    }

    /// Adds what a record says, but for the handshake messages in it, to the values of the frame that ends it.
    pub fn record(&mut self, record: &Record, wanted: &Wanted, values: &mut Vec<Occurrence>) {
        self.place(&record.evidence, wanted, values, || record::on_the_wire(record));
        let mut told = Told::new(wanted, self.layer, values);
        let version = record.negotiated_version.or(self.version);
        record::tell(record, version, self.protocol, &mut told);
        let side = record.evidence.side;
        match record.content_type.unwrap_or(record.outer_content_type) {
            ContentType::HANDSHAKE => {
                self.pieces[side.index()].tell(record, record::content(record), &mut told);
            }
            ContentType::CHANGE_CIPHER_SPEC
                if side == Side::Server && std::mem::take(&mut self.may_be_resumed) =>
            {
                told.put_label(&record::RESUMED);
            }
            _ => {}
        }
    }

    /// Adds what a message says to the values of the frame that ends it. Its bytes must have been kept.
    pub fn message(&mut self, message: &Message, wanted: &Wanted, values: &mut Vec<Occurrence>) {
        if let Some(bytes) = message.ssl2_hello() {
            self.place(&message.evidence, wanted, values, || bytes.to_vec());
            ssl2::tell(bytes, &mut Told::new(wanted, self.layer, values));
            return;
        }
        match &message.body {
            Body::ServerHello(hello) | Body::HelloRetryRequest(hello) => {
                self.version = Some(hello.version());
                self.cipher_suite = Some(hello.cipher_suite);
                self.may_be_resumed = !hello.version().is_tls13();
                self.choose(hello.alpn_protocol());
            }
            Body::EncryptedExtensions(extensions) => self.choose(extensions.alpn_protocol()),
            Body::ServerHelloDone => self.may_be_resumed = false,
            _ => {}
        }
        let mut told = Told::new(wanted, self.layer.max(1), values);
        handshake::tell(message, &self.context(message), self.version, &mut told);
    }

    /// The server chose what is spoken.
    fn choose(&mut self, alpn: Option<&ProtocolName>) {
        if let Some(protocol) = alpn.and_then(|name| application_data::by_name(&name.0)) {
            self.protocol = Some(protocol);
        }
    }

    /// What dissect read the message with: hellos do not depend on what was agreed before.
    fn context(&self, message: &Message) -> Context {
        let mut context = Context::new(message.evidence.side);
        if !matches!(message.handshake_type, HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO) {
            context.version = self.version;
            context.cipher_suite = self.cipher_suite;
        }
        context
    }

    /// Finds the layer that a record stands in. A frame has one for the records it brings whole, and one for each that it
    /// only ends.
    fn place(
        &mut self,
        evidence: &Evidence,
        wanted: &Wanted,
        values: &mut Vec<Occurrence>,
        on_the_wire: impl FnOnce() -> Vec<u8>,
    ) {
        let is_new_frame = self.frame != evidence.frame || evidence.frame.is_none();
        let spans_frames = evidence.first_frame != evidence.frame;
        let is_new_layer = is_new_frame || self.came_in_pieces || spans_frames;
        if is_new_frame {
            self.frame = evidence.frame;
            self.layer = 0;
        }
        self.came_in_pieces = spans_frames;
        if is_new_layer {
            self.layer = self.layer.saturating_add(1);
        }
        if !wanted.wants(&record::TLS) {
            return;
        }
        let bytes = on_the_wire();
        match values.get_mut(self.told_at) {
            Some(Occurrence { field, value: Value::Bytes(before), .. })
                if !is_new_layer && std::ptr::eq(*field, &record::TLS) =>
            {
                *before = [std::mem::take(before).into_vec(), bytes].concat().into();
            }
            _ => {
                self.told_at = values.len();
                values.push(Occurrence {
                    field: &record::TLS,
                    value: Value::Bytes(bytes.into()),
                    layer: self.layer,
                });
            }
        }
    }
}
