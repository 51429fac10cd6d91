//! MySQL's and MariaDB's SSLRequest. <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>.
//!
//! ```text
//! server: length(3) sequence 0(1) version 10(1) text 0 ...
//! client: length 32(3) sequence 1(1) capabilities, with SSL(4) ...
//! ```
//!
//! The server does not answer: the hello follows at once, often in the same segment.

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, PreambleResult, shown};
use crate::side::Side;

/// The packet of 32 bytes, with its head.
const REQUEST: usize = 36;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let greeting = cursor.ahead_of(Side::Server)?;
    if !is_greeting(greeting.bytes) {
        return None;
    }
    let greeting = cursor.take_all()?;
    let version: Vec<u8> = greeting.bytes.iter().skip(5).copied().take_while(|byte| *byte != 0).collect();
    let mut preamble = Preamble::of(PreambleProtocol::Mysql);
    preamble
        .steps
        .extend(cursor.step_saying(&greeting, format!("greeting of server version {}", shown(&version))));
    let request = cursor.ahead_of(Side::Client)?;
    request_length(request.bytes)?;
    let request = cursor.take(Side::Client, REQUEST)?;
    preamble.ask(cursor.step_saying(&request, "SSLRequest"));
    // The greeting has offered TLS; a client asks only then.
    preamble.result = PreambleResult::Agreed;
    Some(preamble)
}

pub(super) fn is_greeting(bytes: &[u8]) -> bool {
    // Versions begin with a digit.
    matches!(bytes, [_, _, 0, 0, 10, b'0'..=b'9', ..])
}

pub(super) fn request_length(bytes: &[u8]) -> Option<usize> {
    const SSL: u8 = 0x08;
    match bytes {
        [0x20, 0, 0, 1, _, capabilities, ..] if capabilities & SSL != 0 => Some(REQUEST),
        _ => None,
    }
}
