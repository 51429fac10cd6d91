//! Every field of a message with the offset of its bytes, as a tree.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Handshake;
use mtlscope_dissect::reader::{Field, FieldTree};
use mtlscope_dissect::tls::handshake::{self, Context};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::HandshakeType;

use super::{Ink, Line, Settings};
use crate::wording::{self, certificate};

/// The longest value that is shown whole, in characters: 32 bytes in hex, such as a random.
const LONGEST_VALUE: usize = 96;

/// Writes the fields of a message whose bytes were kept, and a word on each certificate in it. `handshake` is that to
/// which it belongs.
pub(super) fn write(
    message: &Message,
    handshake: Option<&Handshake>,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    for field in field_tree(message, handshake).iter().flat_map(|tree| &tree.fields) {
        write_field(field, 0, settings, out)?;
    }
    for (depth, certificate) in message.certificates.iter().enumerate() {
        let mut line = Line::new();
        line.add(Ink::Faint, format!("{:18}certificate {depth}: ", ""))
            .add(Ink::Plain, certificate::brief(certificate, message.evidence.time));
        line.write(settings, out)?;
    }
    Ok(())
}

/// The fields of a message whose bytes were kept; none of a hello in the form of SSL 2.
pub(crate) fn field_tree(message: &Message, handshake: Option<&Handshake>) -> Option<FieldTree> {
    let body = message.bytes.as_deref()?.get(4..)?;
    match message.ssl2_hello() {
        Some(_) => None,
        None => Some(handshake::field_tree(message.handshake_type, body, &context_of(message, handshake))),
    }
}

/// What the message was read with: hellos come before anything is agreed.
fn context_of(message: &Message, handshake: Option<&Handshake>) -> Context {
    let mut context = Context::new(message.evidence.side);
    if !matches!(message.handshake_type, HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO) {
        context.version = handshake.and_then(|handshake| handshake.version.seen().copied());
        context.cipher_suite = handshake.and_then(|handshake| handshake.cipher_suite.seen().copied());
    }
    context
}

fn write_field(field: &Field, depth: usize, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::new();
    let last = field.range.end.saturating_sub(1).max(field.range.start);
    let place = match field.range.len() {
        0 | 1 => field.range.start.to_string(),
        _ => format!("{}-{last}", field.range.start),
    };
    line.add(Ink::Faint, format!("{place:>16}  "))
        .add(Ink::Plain, "  ".repeat(depth))
        .add(Ink::Plain, field.name);
    if let Some(value) = &field.value {
        line.add(Ink::Faint, ": ").add(Ink::Plain, short(value, field.range.len()));
    }
    line.write(settings, out)?;
    for inner in &field.fields {
        write_field(inner, depth + 1, settings, out)?;
    }
    Ok(())
}

/// A value of many bytes is cut, and its length said.
fn short(value: &str, length: usize) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => {
            format!("{}.. ({})", value.get(..end).unwrap_or_default(), wording::bytes(length as u64))
        }
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use mtlscope_dissect::event::Protection;
    use mtlscope_dissect::evidence::Evidence;
    use mtlscope_dissect::side::Side;
    use mtlscope_dissect::time::Timestamp;
    use mtlscope_dissect::tls::registry::ProtocolVersion;

    use super::*;

    #[test]
    fn shows_every_field_with_the_place_of_its_bytes() {
        let mut bytes = vec![1, 0, 0, 56, 3, 3];
        bytes.extend([7; 32]);
        bytes.extend([0, 0, 2, 0x13, 1, 1, 0]);
        bytes.extend([0, 13, 0, 0, 0, 9, 0, 7, 0, 0, 4, b'a', 0x1b, b'.', b'b']);
        let parsed = handshake::parse(HandshakeType::CLIENT_HELLO, &bytes[4..], &Context::new(Side::Client));
        let message = Message {
            handshake_type: HandshakeType::CLIENT_HELLO,
            length: 56,
            version: ProtocolVersion::TLS12,
            body: parsed.body,
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed: None,
            evidence: Evidence {
                first_frame: None,
                frame: None,
                time: Timestamp::default(),
                side: Side::Client,
                offset: 0,
                length: 60,
            },
            protection: Protection::Plain,
            bytes: Some(bytes.into()),
        };
        let mut out = Vec::new();
        write(&message, None, &Settings::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
