//! LMTP: SMTP's words, but for the client's greeting. RFC 2033 section 4.1.

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, smtp};
use crate::side::Side;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let mut lines = cursor.clone();
    let first = std::iter::from_fn(|| lines.line()).find(|line| line.side == Side::Client)?;
    if !first.bytes.get(..4)?.eq_ignore_ascii_case(b"LHLO") {
        return None;
    }
    Some(Preamble { protocol: PreambleProtocol::Lmtp, ..smtp::read(cursor)? })
}
