//! IRC and its STARTTLS. <https://ircv3.net/specs/deprecated/tls>. Who speaks first is not laid down.

use super::cursor::Cursor;
use super::lines::{self, Manner, is_command};
use super::{Preamble, PreambleProtocol};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Irc,
        greets: |line| line.starts_with(':') || line.starts_with("NOTICE "),
        asks: |line| is_command(line, "STARTTLS"),
        answers: |line| match line.strip_prefix(':')?.split_whitespace().nth(1)? {
            "670" => Some(true),
            "421" | "451" | "462" | "691" => Some(false),
            _ => None,
        },
    };
    lines::read(cursor, &MANNER)
}
