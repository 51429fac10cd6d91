//! MySQL: the server's greeting, then a request for TLS in place of a login.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>

use super::talk::{Failure, Talk};

/// `CLIENT_SSL`.
const TLS: u16 = 0x0800;
/// Packet 1 of 32 bytes: capabilities (`CLIENT_SSL` among them), the largest packet, a character set, zeros.
const REQUEST: &[u8] =
    b"\x20\0\0\x01\x85\xae\x7f\0\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// An error in place of a greeting.
const ERROR: u8 = 0xff;

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let head = talk.bytes(4)?;
    let length = head.iter().take(3).rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let other = || Failure::other("something that is no greeting of MySQL");
    if length > 4096 {
        return Err(other());
    }
    let greeting = talk.bytes(length)?;
    match greeting.first() {
        Some(10) => {}
        Some(&ERROR) => {
            let said = String::from_utf8_lossy(greeting.get(3..).unwrap_or_default()).into_owned();
            return Err(Failure::refused(&said));
        }
        _ => return Err(other()),
    }
    // The version's text with its zero, the thread, eight bytes of salt and a zero: then what the server can.
    let text = greeting.iter().position(|byte| *byte == 0).ok_or_else(other)?;
    let place = text + 1 + 4 + 8 + 1;
    let abilities: [u8; 2] =
        greeting.get(place..place + 2).and_then(|two| two.try_into().ok()).ok_or_else(other)?;
    if u16::from_le_bytes(abilities) & TLS == 0 {
        return Err(Failure::not_offered("TLS"));
    }
    talk.send(REQUEST, "MySQL request for TLS")
}
