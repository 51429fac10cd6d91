//! A way through a SOCKS 4 proxy, with names as in SOCKS 4a. <https://www.openssh.org/txt/socks4.protocol>.
//!
//! ```text
//! client: version 4(1) command 1(1) port(2) address(4) user 0 [ name 0 ]
//! server: 0(1) code, 90 for yes(1) port(2) address(4)
//! ```

use std::net::Ipv4Addr;

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, shown};
use crate::layer::u16_at;
use crate::side::Side;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let ahead = cursor.ahead_of(Side::Client)?;
    if !is_request(ahead.bytes) {
        return None;
    }
    let port = u16_at(ahead.bytes, 2)?;
    let address = Ipv4Addr::from(*ahead.bytes.get(4..)?.first_chunk::<4>()?);
    let mut strings = ahead.bytes.get(8..)?.split(|byte| *byte == 0);
    let user = strings.next()?;
    let mut length = 8 + user.len() + 1;
    // An address that cannot be says that a name follows.
    let destination = match address.octets() {
        [0, 0, 0, 1..=255] => {
            let name = strings.next()?;
            length += name.len() + 1;
            format!("{}:{port}", shown(name))
        }
        _ => format!("{address}:{port}"),
    };
    let request = cursor.take(Side::Client, length)?;
    let mut preamble = Preamble::of(PreambleProtocol::Socks4);
    preamble.ask(cursor.step_saying(&request, format!("CONNECT {destination}")));
    preamble.destination = Some(destination);
    if let Some(reply) = cursor.take(Side::Server, 8) {
        let (text, agreed) = match reply.bytes.get(1) {
            Some(90) => ("request granted", true),
            Some(92 | 93) => ("request rejected: the client is not who it says", false),
            _ => ("request rejected or failed", false),
        };
        preamble.answer(cursor.step_saying(&reply, text), agreed);
    }
    Some(preamble)
}

pub(super) fn is_request(bytes: &[u8]) -> bool {
    matches!(bytes, [4, 1, _, _, _, _, _, _, _, ..])
}
