//! ManageSieve and its STARTTLS. RFC 5804 section 2.2. The server greets with what it can do, and ends with `OK`.

use super::cursor::Cursor;
use super::lines::{self, Manner, is_command};
use super::{Preamble, PreambleProtocol};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Sieve,
        greets: |line| line.starts_with('"') || line.starts_with("OK"),
        asks: |line| is_command(line, "STARTTLS"),
        answers: |line| match line.split([' ', '(']).next()? {
            "OK" => Some(true),
            "NO" | "BYE" => Some(false),
            _ => None,
        },
    };
    lines::read(cursor, &MANNER)
}
