//! A handshake message taken apart: every field with the place of its bytes, and the bytes beside it.

use maud::{Markup, html};
use mtlscope_diagnose::connection::Handshake;
use mtlscope_dissect::reader::Field;
use mtlscope_dissect::tls::message::Message;

use super::fragment::{VALUE, cut};
use super::{Fragment, Settings};
use crate::terminal::field_tree;
use crate::wording::{self, message as words};

/// Fields and bytes that are shown at most: a message may have 16 MiB.
const FIELDS_SHOWN: usize = 3_000;
const BYTES_SHOWN: usize = 8_192;
const ROW: usize = 16;

/// The fields and the bytes of a message; `None` where its bytes were not kept. `handshake` is that to which it belongs.
/// `id`: that of the element. A field carries `data-from` and `data-to`, a byte `data-at`: places in the message.
pub fn message(
    message: &Message,
    handshake: Option<&Handshake>,
    id: &str,
    settings: &Settings,
) -> Option<Fragment> {
    let bytes = message.bytes.as_deref()?;
    let tree = field_tree(message, handshake).map(|tree| tree.fields).unwrap_or_default();
    let mut left = FIELDS_SHOWN;
    let fields = fields(&tree, settings, &mut left);
    Some(Fragment::of(html! {
        section.message id=(id) aria-label=(words::name(message)) data-length=(bytes.len()) {
            div.fields {
                @if tree.is_empty() { p.remark { "Its fields are not known." } }
                (fields)
                @if left == 0 { p.remark { "More fields than are shown." } }
            }
            (hex(bytes, settings))
        }
    }))
}

fn fields(all: &[Field], settings: &Settings, left: &mut usize) -> Markup {
    let shown: Vec<(&Field, Markup)> = all
        .iter()
        .map_while(|field| {
            *left = left.checked_sub(1)?;
            let inner = match field.fields.is_empty() {
                true => html! {},
                false => fields(&field.fields, settings, left),
            };
            Some((field, inner))
        })
        .collect();
    html! {
        ul {
            @for (field, inner) in shown {
                li {
                    @if field.fields.is_empty() {
                        (line(field, settings))
                    } @else if field.fields.len() > 12 {
                        details { summary { (line(field, settings)) } (inner) }
                    } @else {
                        details open { summary { (line(field, settings)) } (inner) }
                    }
                }
            }
        }
    }
}

fn line(field: &Field, settings: &Settings) -> Markup {
    let last = field.range.end.saturating_sub(1).max(field.range.start);
    let leaf = field.fields.is_empty();
    html! {
        span.field data-from=(field.range.start) data-to=(field.range.end)
            tabindex=[(settings.interactive && leaf).then_some("0")] {
            span.offset { (field.range.start) @if last > field.range.start { "–" (last) } }
            " " span.key { (field.name) }
            @if let Some(value) = &field.value { ": " span.value { (cut(value, VALUE)) } }
        }
    }
}

/// The bytes, sixteen a row. Where a script runs each is an element, so that it can be pointed at.
fn hex(bytes: &[u8], settings: &Settings) -> Markup {
    let shown = bytes.get(..BYTES_SHOWN).unwrap_or(bytes);
    html! {
        div.bytes role="group" aria-label="Bytes" tabindex="0" {
            @for (row, part) in shown.chunks(ROW).enumerate() {
                div.line {
                    span.offset { (format!("{:04x}", row * ROW)) }
                    @if settings.interactive {
                        span.hex { @for (place, byte) in part.iter().enumerate() {
                            span data-at=(row * ROW + place) { (format!("{byte:02x}")) } " "
                        } }
                        span.ascii { @for (place, byte) in part.iter().enumerate() {
                            span data-at=(row * ROW + place) { (ascii(*byte)) }
                        } }
                    } @else {
                        span.hex { (part.iter().map(|byte| format!("{byte:02x} ")).collect::<String>()) }
                        span.ascii { (part.iter().map(|byte| ascii(*byte)).collect::<String>()) }
                    }
                }
            }
            @if bytes.len() > shown.len() {
                p.remark { "and " (wording::bytes((bytes.len() - shown.len()) as u64)) " more" }
            }
        }
    }
}

fn ascii(byte: u8) -> char {
    if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' }
}
