//! A way through an HTTP proxy: CONNECT. RFC 9110 section 9.3.6.
//!
//! The request's fields may hold a password and are not told.

use super::cursor::{Cursor, Words};
use super::{Preamble, PreambleProtocol, PreambleResult, shown};
use crate::side::Side;

/// Requests in a row: the first is often answered with 407, the second brings what that asked for.
const REQUESTS: usize = 4;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let mut preamble = Preamble::of(PreambleProtocol::HttpConnect);
    for _ in 0..REQUESTS {
        let Some(ahead) = cursor.ahead_of(Side::Client).filter(|ahead| ahead.bytes.starts_with(b"CONNECT "))
        else {
            break;
        };
        preamble.destination = ahead.bytes.split(|byte| *byte == b' ').nth(1).map(shown);
        let request = head(cursor, Side::Client)?;
        preamble.ask(cursor.step(&request));
        let Some(response) = head(cursor, Side::Server) else { break };
        let agreed = response.bytes.get(9) == Some(&b'2');
        preamble.answer(cursor.step(&response), agreed);
        if agreed {
            break;
        }
        // The page that comes with a refusal.
        while cursor.ahead_of(Side::Server).is_some() {
            cursor.take_all();
        }
    }
    (preamble.result != PreambleResult::NotAsked).then_some(preamble)
}

/// Takes a message's head, and gives its first line.
fn head<'a>(cursor: &mut Cursor<'a>, side: Side) -> Option<Words<'a>> {
    let ahead = cursor.ahead_of(side)?;
    if side == Side::Server && !ahead.bytes.starts_with(b"HTTP/1.") {
        return None;
    }
    let first = cursor.line()?;
    while let Some(line) = cursor.ahead_of(side).and_then(|_| cursor.line()) {
        if line.bytes.is_empty() {
            break;
        }
    }
    Some(first)
}
