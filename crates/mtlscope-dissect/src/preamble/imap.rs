//! IMAP and its STARTTLS. RFC 9051 section 6.2.1. A client puts a tag of its own before each command, and the server
//! repeats it.

use super::cursor::Cursor;
use super::lines::{self, Manner, is_command};
use super::{Preamble, PreambleProtocol};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Imap,
        greets: |line| line.starts_with("* OK") || line.starts_with("* PREAUTH") || line.starts_with("* BYE"),
        asks: |line| line.split_once(' ').is_some_and(|(_, command)| is_command(command, "STARTTLS")),
        answers: |line| {
            let (tag, rest) = line.split_once(' ')?;
            // What has no tag is news, no answer.
            if tag == "*" {
                return None;
            }
            match rest.split(' ').next()?.to_ascii_uppercase().as_str() {
                "OK" => Some(true),
                "NO" | "BAD" => Some(false),
                _ => None,
            }
        },
    };
    lines::read(cursor, &MANNER)
}
