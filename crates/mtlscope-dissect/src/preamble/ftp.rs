//! FTP and its AUTH TLS. RFC 4217 section 4.

use super::cursor::Cursor;
use super::lines::{self, Manner, by_number, is_command};
use super::{Preamble, PreambleProtocol, PreambleResult};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    const MANNER: Manner = Manner {
        protocol: PreambleProtocol::Ftp,
        greets: |line| line.starts_with("220"),
        asks: |line| {
            ["AUTH TLS", "AUTH SSL", "AUTH TLS-C", "AUTH TLS-P"].iter().any(|one| is_command(line, one))
        },
        answers: by_number,
    };
    // SMTP greets alike: what is no AUTH is left to it.
    lines::read(cursor, &MANNER).filter(|preamble| preamble.result != PreambleResult::NotAsked)
}
