//! Protocols that speak in lines, and in which the client asks for TLS with a line and the server answers with one: what
//! they have in common.

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, PreambleResult};
use crate::side::Side;

/// How a protocol asks for TLS.
pub(super) struct Manner {
    pub(super) protocol: PreambleProtocol,
    /// Whether a server greets with this line.
    pub(super) greets: fn(&str) -> bool,
    /// Whether a client asks for TLS with this line.
    pub(super) asks: fn(&str) -> bool,
    /// What a server's line answers to that: yes, no, or nothing.
    pub(super) answers: fn(&str) -> Option<bool>,
}

/// Steps kept of one talk: someone may ask again and again.
const STEPS: usize = 16;

/// Reads a talk in this manner; `None` where the greeting is another's. A talk of which the greeting was not captured
/// may begin with what the client says.
pub(super) fn read(cursor: &mut Cursor<'_>, manner: &Manner) -> Option<Preamble> {
    let mut preamble = Preamble::of(manner.protocol);
    let mut is_first = true;
    while let Some(line) = cursor.line() {
        let text = String::from_utf8_lossy(line.bytes);
        match line.side {
            Side::Server if is_first => {
                if !(manner.greets)(&text) {
                    return None;
                }
                preamble.steps.extend(cursor.step(&line));
            }
            Side::Client if (manner.asks)(text.trim()) && preamble.steps.len() < STEPS => {
                preamble.ask(cursor.step(&line));
            }
            Side::Server if preamble.result == PreambleResult::NotAnswered => {
                if let Some(agreed) = (manner.answers)(&text) {
                    preamble.answer(cursor.step(&line), agreed);
                }
                if preamble.result == PreambleResult::Agreed {
                    return Some(preamble);
                }
            }
            _ => {}
        }
        is_first = false;
    }
    Some(preamble)
}

/// Whether a line is this command, in capitals or not.
pub(super) fn is_command(line: &str, command: &str) -> bool {
    line.eq_ignore_ascii_case(command)
}

/// The answer that a number of three digits gives: 2xx and 3xx agree, 4xx and 5xx refuse. A hyphen behind it says that
/// more lines follow.
pub(super) fn by_number(line: &str) -> Option<bool> {
    let (number, rest) = line.split_at_checked(3)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) || rest.starts_with('-') {
        return None;
    }
    match number.as_bytes().first()? {
        b'2' | b'3' => Some(true),
        b'4' | b'5' => Some(false),
        _ => None,
    }
}
