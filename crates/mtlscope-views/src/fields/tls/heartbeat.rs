//! `tls.heartbeat_message`: heartbeats. RFC 6520 section 4.

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};

fields! {
    HEARTBEAT = "tls.heartbeat_message", Kind::Label, "A heartbeat, readable or not.";
    TYPE = "tls.heartbeat_message.type", DECIMAL, "1 asks, 2 answers.";
    PAYLOAD_LENGTH = "tls.heartbeat_message.payload_length", DECIMAL, "The length that the payload says it has.";
    PAYLOAD_LENGTH_INVALID = "tls.heartbeat_message.payload_length.invalid", Kind::Label, "The payload says it is longer than its record has room for.";
    PAYLOAD = "tls.heartbeat_message.payload", Kind::Bytes, "What is to be sent back.";
    PADDING = "tls.heartbeat_message.padding", Kind::Bytes, "What fills the record.";
}

/// At least so many bytes of padding there must be.
const LEAST_PADDING: usize = 16;

/// Tells of the heartbeat in a record; `None` where it cannot be read.
pub(super) fn tell(content: Option<&[u8]>, told: &mut Told<'_>) {
    told.put_label(&HEARTBEAT);
    let Some([kind, high, low, rest @ ..]) = content else { return };
    let length = u16::from_be_bytes([*high, *low]);
    told.put_number(&TYPE, *kind);
    told.put_number(&PAYLOAD_LENGTH, length);
    let parts = rest.split_at_checked(usize::from(length));
    if parts.is_none_or(|(_, padding)| padding.len() < LEAST_PADDING) {
        told.put_label(&PAYLOAD_LENGTH_INVALID);
    }
    let Some((payload, padding)) = parts else { return };
    told.put_bytes(&PAYLOAD, payload);
    if padding.len() >= LEAST_PADDING {
        told.put_bytes(&PADDING, padding);
    }
}
