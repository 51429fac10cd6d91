//! LDAP: the extended operation StartTLS (RFC 4511 section 4.14).

use super::talk::{Failure, Talk};

/// Message 1: ExtendedRequest (application 23) with the name 1.3.6.1.4.1.1466.20037.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// ExtendedResponse (application 24), constructed.
const EXTENDED_RESPONSE: u8 = 0x78;
/// The most that a response may have, in bytes.
const LIMIT: usize = 64 * 1024;

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    talk.send(REQUEST, "LDAP StartTLS request")?;
    let other = || Failure::other("something that is no LDAP message");
    let response = message(talk)?;
    // Behind the message's number stands the response, and in it first the result code.
    let (number, rest) = element(&response).ok_or_else(other)?;
    let (operation, _) = element(rest).ok_or_else(other)?;
    if number.0 != 0x02 || operation.0 != EXTENDED_RESPONSE {
        return Err(other());
    }
    let ((_, code), rest) = element(operation.1).ok_or_else(other)?;
    match code {
        [0] => Ok(()),
        code => {
            // The name that matched, then what the server has to say.
            let said =
                element(rest).and_then(|(_, rest)| element(rest)).map_or(&b""[..], |((_, text), _)| text);
            let code = code.last().copied().unwrap_or_default();
            Err(Failure::refused(format!("result {code} {}", String::from_utf8_lossy(said)).trim_end()))
        }
    }
}

/// The content of the next message, a SEQUENCE.
fn message(talk: &mut Talk<'_, '_>) -> Result<Vec<u8>, Failure> {
    let head = talk.bytes(2)?;
    let [0x30, first] = head[..] else { return Err(Failure::other("something that is no LDAP message")) };
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let bytes = talk.bytes(usize::from(first & 0x0f))?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => LIMIT + 1,
    };
    if length > LIMIT {
        return Err(Failure::other("a message that is far too long"));
    }
    talk.bytes(length)
}

/// A tag, and its content.
type Element<'a> = (u8, &'a [u8]);

/// The first element, and what follows it.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let (long, behind) = rest.split_at_checked(usize::from(first & 0x0f))?;
            rest = behind;
            long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some(((tag, content), rest))
}
