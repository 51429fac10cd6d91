//! PostgreSQL's SSLRequest. <https://www.postgresql.org/docs/current/protocol-flow.html>.
//!
//! ```text
//! client: length 8(4) code 80877103(4)
//! server: S (willing), N (unwilling), E (an error)
//! ```
//!
//! A client may first ask for encryption by GSSAPI in the same way.

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol};
use crate::side::Side;

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const GSSENC_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let mut preamble = Preamble::of(PreambleProtocol::Postgresql);
    let mut request = cursor.take(Side::Client, 8)?;
    if request.bytes == GSSENC_REQUEST {
        cursor.take(Side::Server, 1)?;
        request = cursor.take(Side::Client, 8)?;
    }
    if request.bytes != SSL_REQUEST {
        return None;
    }
    preamble.ask(cursor.step_saying(&request, "SSLRequest"));
    if let Some(answer) = cursor.take(Side::Server, 1) {
        let (text, agreed) = match answer.bytes {
            b"S" => ("S (willing to use TLS)", true),
            b"N" => ("N (unwilling to use TLS)", false),
            _ => ("an error", false),
        };
        preamble.answer(cursor.step_saying(&answer, text), agreed);
    }
    Some(preamble)
}

pub(super) fn is_request(bytes: &[u8]) -> bool {
    bytes.starts_with(&SSL_REQUEST) || bytes.starts_with(&GSSENC_REQUEST)
}
