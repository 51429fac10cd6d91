//! `tls.record`: the record layer, and what it carries besides handshake messages.

use mtlscope_dissect::event::Record;
use mtlscope_dissect::tls::registry::{ContentType, ProtocolVersion};

use super::super::Kind;
use super::super::named::{DECIMAL, HEX16, Told, fields};
use super::{alert, application_data, heartbeat};

fields! {
    TLS = "tls", Kind::Protocol, "TLS records that stand together in one packet.";
    RECORD = "tls.record", Kind::Label, "A record.";
    CONTENT_TYPE = "tls.record.content_type", DECIMAL, "What the record carries; of an encrypted one in TLS 1.3, what was found inside.";
    OPAQUE_TYPE = "tls.record.opaque_type", DECIMAL, "The content type that an encrypted record of TLS 1.3 shows outside.";
    VERSION = "tls.record.version", HEX16, "The version in the header of the record.";
    LENGTH = "tls.record.length", DECIMAL, "The length of the record without its header.";
    RESUMED = "tls.resumed", Kind::Label, "The server goes on with the keys of an earlier connection: it changes to them without a ServerHelloDone before.";
    CHANGE_CIPHER_SPEC = "tls.change_cipher_spec", Kind::Label, "A ChangeCipherSpec.";
}

/// Tells of a record in a connection of this version; not of the handshake messages in it. `protocol`: what is spoken
/// inside.
pub(super) fn tell(
    record: &Record,
    version: Option<ProtocolVersion>,
    protocol: Option<&'static str>,
    told: &mut Told<'_>,
) {
    told.put_label(&RECORD);
    let is_disguised = record.outer_content_type == ContentType::APPLICATION_DATA
        && version.is_some_and(|version| version.is_tls13());
    if is_disguised {
        told.put_number(&OPAQUE_TYPE, record.outer_content_type.0);
    } else {
        told.put_number(&CONTENT_TYPE, record.outer_content_type.0);
    }
    told.put_number(&VERSION, record.version.0);
    told.put_number(&LENGTH, record.length);
    if is_disguised && let Some(content_type) = record.content_type {
        told.put_number(&CONTENT_TYPE, content_type.0);
    }
    let content = content(record);
    match record.content_type.unwrap_or(record.outer_content_type) {
        ContentType::CHANGE_CIPHER_SPEC => told.put_label(&CHANGE_CIPHER_SPEC),
        ContentType::ALERT => alert::tell(content, told),
        ContentType::APPLICATION_DATA => application_data::tell(record, protocol, told),
        ContentType::HEARTBEAT => heartbeat::tell(content, told),
        _ => {}
    }
}

/// What the record carries, where it can be read.
pub(super) fn content(record: &Record) -> Option<&[u8]> {
    record.protection?;
    Some(record.content.as_deref().unwrap_or(&record.fragment))
}

/// The record as it was on the wire.
pub(super) fn on_the_wire(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(5 + record.fragment.len());
    bytes.push(record.outer_content_type.0);
    bytes.extend(record.version.0.to_be_bytes());
    bytes.extend(record.length.to_be_bytes());
    bytes.extend(&record.fragment);
    bytes
}
