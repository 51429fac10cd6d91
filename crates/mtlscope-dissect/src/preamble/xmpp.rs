//! XMPP and its STARTTLS. RFC 6120 section 5. Both speak in XML; three elements matter.

use super::cursor::{Cursor, Words};
use super::{Preamble, PreambleProtocol, PreambleResult};
use crate::side::Side;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    if !cursor.ahead()?.bytes.starts_with(b"<") {
        return None;
    }
    let mut preamble = Preamble::of(PreambleProtocol::Xmpp);
    while let Some(words) = cursor.take_all() {
        match (words.side, preamble.result) {
            (Side::Client, PreambleResult::NotAsked) if holds(&words, "<starttls") => {
                preamble.ask(cursor.step_saying(&words, "<starttls/>"));
            }
            (Side::Client, PreambleResult::NotAsked) if holds(&words, "<stream:stream") => {
                let to = attribute(&words, " to=").map(|to| format!(" to {to}")).unwrap_or_default();
                preamble.steps.extend(cursor.step_saying(&words, format!("<stream:stream>{to}")));
            }
            (Side::Server, PreambleResult::NotAnswered) if holds(&words, "<proceed") => {
                preamble.answer(cursor.step_saying(&words, "<proceed/>"), true);
                return Some(preamble);
            }
            (Side::Server, PreambleResult::NotAnswered) if holds(&words, "<failure") => {
                preamble.answer(cursor.step_saying(&words, "<failure/>"), false);
                return Some(preamble);
            }
            _ => {}
        }
    }
    Some(preamble)
}

fn holds(words: &Words<'_>, element: &str) -> bool {
    words.bytes.windows(element.len()).any(|window| window == element.as_bytes())
}

/// What stands in quotes behind ` name=`.
fn attribute(words: &Words<'_>, name: &str) -> Option<String> {
    let start = words.bytes.windows(name.len()).position(|window| window == name.as_bytes())? + name.len();
    let (quote, rest) = words.bytes.get(start..)?.split_first()?;
    let end = rest.iter().position(|byte| byte == quote)?;
    Some(super::shown(rest.get(..end)?))
}
