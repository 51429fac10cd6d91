//! `tls.handshake`: handshake messages, whatever they say.

use mtlscope_dissect::tls::handshake::{self, Context};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{HandshakeType, ProtocolVersion};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::place::{self, Place, at};
use super::{certificate, certificate_request, extensions, hello, key_exchange, ticket, verify};

fields! {
    HANDSHAKE = "tls.handshake", Kind::Label, "A handshake message, or a piece of one, readable or not.";
    TYPE = "tls.handshake.type", DECIMAL, "Which handshake message it is.";
    LENGTH = "tls.handshake.length", DECIMAL, "The length of the message without its four bytes of header.";
    KEY_UPDATE_REQUEST = "tls.handshake.key_update.request_update", DECIMAL, "Whether the other side is to update its keys too.";
    FRAGMENTS = "tls.handshake.fragments", Kind::Label, "A message that came in several records.";
    FRAGMENT = "tls.handshake.fragment", Kind::FrameNumber, "The frame of a record that brought a piece of the message.";
    FRAGMENT_COUNT = "tls.handshake.fragment.count", DECIMAL, "How many records brought the message.";
}

/// What the names of the fields begin with that are inside messages.
const PREFIXES: &[&str] = &[
    "tls.handshake.",
    "tls.extension",
    "tls.compress",
    "tls.record_size_limit",
    "tls.early_data",
    "tls.esni",
    "tls.sct",
    "x509",
    "pkix1",
    "pkcs1",
    "ocsp",
    "ns",
    "logotype",
    "ber",
];

static HEADER: &[Place] = &[at("msg_type", &TYPE), at("length", &LENGTH)];
static KEY_UPDATE: &[Place] = &[at("request_update", &KEY_UPDATE_REQUEST)];

/// Tells of a message that was read with this context, in a connection of this version.
pub(super) fn tell(
    message: &Message,
    context: &Context,
    version: Option<ProtocolVersion>,
    told: &mut Told<'_>,
) {
    told.put_label(&HANDSHAKE);
    if !told.wants_any(PREFIXES) {
        return;
    }
    let Some(bytes) = message.bytes.as_deref() else {
        told.put_number(&TYPE, message.handshake_type.0);
        told.put_number(&LENGTH, message.length);
        return;
    };
    let Some(body) = bytes.get(4..) else { return };
    let handshake_type = message.handshake_type;
    let tree = handshake::place_tree(handshake_type, body, context);
    let (header, fields) = tree.fields.split_at(tree.fields.len().min(2));
    place::tell(header, bytes, HEADER, told, &mut |_, _| false);
    place::tell(fields, bytes, places(handshake_type), told, &mut |node, told| {
        let is_list = node.name == "extensions";
        if is_list {
            extensions::tell(node, bytes, handshake_type, told);
        }
        is_list
    });
    if !version.is_some_and(|version| version.is_tls13()) {
        place::tell(fields, bytes, hello::RANDOM_PARTS, told, &mut |_, _| false);
    }
    hello::tell_fingerprint(message, told);
}

fn places(handshake_type: HandshakeType) -> &'static [Place] {
    match handshake_type {
        HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO => hello::PLACES,
        HandshakeType::NEW_SESSION_TICKET => ticket::PLACES,
        HandshakeType::CERTIFICATE => certificate::PLACES,
        HandshakeType::COMPRESSED_CERTIFICATE => certificate::COMPRESSED_PLACES,
        HandshakeType::CERTIFICATE_STATUS => certificate::STATUS,
        HandshakeType::CERTIFICATE_URL => certificate::URL_PLACES,
        HandshakeType::CERTIFICATE_REQUEST => certificate_request::PLACES,
        HandshakeType::SERVER_KEY_EXCHANGE => key_exchange::SERVER,
        HandshakeType::CLIENT_KEY_EXCHANGE => key_exchange::CLIENT,
        HandshakeType::CERTIFICATE_VERIFY | HandshakeType::FINISHED => verify::PLACES,
        HandshakeType::KEY_UPDATE => KEY_UPDATE,
        _ => &[],
    }
}
