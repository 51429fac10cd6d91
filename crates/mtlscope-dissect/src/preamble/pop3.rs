//! POP3 and its STLS. RFC 2595 section 4.

use super::cursor::Cursor;
use super::lines::{self, Manner, is_command};
use super::{Preamble, PreambleProtocol};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Pop3,
        greets: |line| line.starts_with("+OK"),
        asks: |line| is_command(line, "STLS"),
        answers: |line| match line.as_bytes().first()? {
            b'+' => Some(true),
            b'-' => Some(false),
            _ => None,
        },
    };
    lines::read(cursor, &MANNER)
}
