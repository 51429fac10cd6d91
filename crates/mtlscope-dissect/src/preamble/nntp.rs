//! NNTP and its STARTTLS. RFC 4642.

use super::cursor::Cursor;
use super::lines::{self, Manner, by_number, is_command};
use super::{Preamble, PreambleProtocol};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Nntp,
        greets: |line| line.starts_with("200") || line.starts_with("201"),
        asks: |line| is_command(line, "STARTTLS"),
        answers: by_number,
    };
    lines::read(cursor, &MANNER)
}
