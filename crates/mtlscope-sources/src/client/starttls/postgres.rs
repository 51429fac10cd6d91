//! PostgreSQL: SSLRequest, and one letter in answer.
//! <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>

use super::talk::{Failure, Talk};

/// Eight bytes, and the number 80877103.
const REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    talk.send(REQUEST, "PostgreSQL SSLRequest")?;
    match talk.bytes(1)?[..] {
        [b'S'] => Ok(()),
        [b'N'] => {
            Err(Failure::Unwilling("the server has TLS turned off (postgresql.conf: ssl = on)".to_owned()))
        }
        [b'E'] => {
            Err(Failure::Unwilling("the server answers with an error (too old, or too busy?)".to_owned()))
        }
        _ => Err(Failure::other("something that PostgreSQL does not say")),
    }
}
