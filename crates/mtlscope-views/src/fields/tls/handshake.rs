//! `tls.handshake`: handshake messages, whatever they say.

use mtlscope_dissect::reader;
use mtlscope_dissect::tls::handshake::{self, Body, Context};
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

/// Fields before those of a message's body: its type and length.
const HEADER_FIELDS: usize = 2;

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
    let tree = handshake::place_tree(message.handshake_type, body, context);
    let (header, fields) = tree.fields.split_at(tree.fields.len().min(HEADER_FIELDS));
    place::tell(header, bytes, HEADER, told, &mut |_, _| false);
    tell_fields(message.handshake_type, fields, bytes, told);
    match &message.body {
        Body::ClientHello(_) | Body::ServerHello(_) | Body::HelloRetryRequest(_) => {
            if !version.is_some_and(|version| version.is_tls13()) {
                place::tell(fields, bytes, hello::RANDOM_PARTS, told, &mut |_, _| false);
            }
            hello::tell_fingerprint(&message.body, told);
        }
        Body::CompressedCertificate(compressed) => {
            if let Some(body) = compressed.unpacked() {
                tell_unpacked(&body, context, told);
            }
        }
        _ => {}
    }
}

fn tell_fields(handshake_type: HandshakeType, fields: &[reader::Field], bytes: &[u8], told: &mut Told<'_>) {
    place::tell(fields, bytes, places(handshake_type), told, &mut |node, told| {
        let is_list = node.name == "extensions";
        if is_list {
            extensions::tell(node, bytes, handshake_type, told);
        }
        is_list
    });
}

/// Tells of the Certificate in a CompressedCertificate, which has no header of its own.
fn tell_unpacked(body: &[u8], context: &Context, told: &mut Told<'_>) {
    let tree = handshake::place_tree(HandshakeType::CERTIFICATE, body, context);
    // Places are counted from the start of a message.
    let bytes = [&[0; 4], body].concat();
    tell_fields(HandshakeType::CERTIFICATE, tree.fields.get(HEADER_FIELDS..).unwrap_or(&[]), &bytes, told);
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

#[cfg(test)]
mod tests {
    use mtlscope_dissect::event::Protection;
    use mtlscope_dissect::evidence::Evidence;
    use mtlscope_dissect::side::Side;
    use mtlscope_dissect::time::Timestamp;

    use super::super::super::{Occurrence, Value, Wanted};
    use super::super::certificate::{CERTIFICATE, CERTIFICATES_LENGTH, COMPRESSION_ALGORITHM};
    use super::*;

    fn message(handshake_type: HandshakeType, body: &[u8], context: &Context) -> Message {
        let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
        bytes[0] = handshake_type.0;
        bytes.extend(body);
        Message {
            handshake_type,
            length: body.len() as u32,
            version: ProtocolVersion::TLS13,
            body: handshake::parse(handshake_type, body, context).body,
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed: None,
            evidence: Evidence {
                first_frame: None,
                frame: None,
                time: Timestamp::default(),
                side: Side::Server,
                offset: 0,
                length: bytes.len() as u32,
            },
            protection: Protection::Opened,
            bytes: Some(bytes.into()),
        }
    }

    fn told(message: &Message, context: &Context) -> Vec<Occurrence> {
        let mut occurrences = Vec::new();
        tell(message, context, context.version, &mut Told::new(&Wanted::All, 1, &mut occurrences));
        occurrences
    }

    #[test]
    fn what_is_packed_in_a_compressed_certificate_is_told() {
        // No context; one certificate of two bytes without extensions.
        let certificate = [0, 0, 0, 7, 0, 0, 2, 0xca, 0xfe, 0, 0];
        // RFC 1950 and 1951: one block that is stored as it is, and its Adler-32.
        let mut packed = vec![0x78, 0x01, 0x01, 11, 0, !11, 0xff];
        packed.extend(certificate);
        let (a, b) = certificate.iter().fold((1_u32, 0_u32), |(a, b), byte| {
            let a = a + u32::from(*byte);
            (a, b + a)
        });
        packed.extend((b << 16 | a).to_be_bytes());
        let mut body = vec![0, 1, 0, 0, 11, 0, 0, packed.len() as u8];
        body.extend(packed);
        let context = Context { version: Some(ProtocolVersion::TLS13), ..Context::new(Side::Server) };
        let told = told(&message(HandshakeType::COMPRESSED_CERTIFICATE, &body, &context), &context);
        let value = |name: &str| {
            let occurrence = told.iter().find(|one| one.field.name == name);
            occurrence.map(|one| one.value.clone())
        };
        assert_eq!(value(COMPRESSION_ALGORITHM.name), Some(Value::Unsigned(1)));
        assert_eq!(value(CERTIFICATES_LENGTH.name), Some(Value::Unsigned(7)));
        assert_eq!(value(CERTIFICATE.name), Some(Value::Bytes([0xca, 0xfe].into())));
    }

    #[test]
    fn what_is_cut_short_tells_what_is_there() {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend([0, 13, 0, 0, 0, 9, 0, 7, 0, 0, 4, b'a', 0x1b, b'.', b'b']);
        let context = Context::new(Side::Client);
        let mut before = 0;
        for length in 0..=body.len() {
            let told = told(&message(HandshakeType::CLIENT_HELLO, &body[..length], &context), &context);
            let names: Vec<_> = told.iter().map(|one| one.field.name).collect();
            assert!(names.starts_with(&["tls.handshake", TYPE.name, LENGTH.name]), "{length}: {names:?}");
            before = before.max(names.len());
        }
        let whole = told(&message(HandshakeType::CLIENT_HELLO, &body, &context), &context);
        assert_eq!(whole.len(), before);
        let host = whole.iter().find(|one| one.field.name == "tls.handshake.extensions_server_name");
        // As it was sent: a terminal must not see it raw.
        assert_eq!(host.map(|one| &one.value), Some(&Value::Text("a\u{1b}.b".into())));
    }
}
