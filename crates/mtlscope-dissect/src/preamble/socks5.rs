//! A way through a SOCKS 5 proxy. RFC 1928; name and password RFC 1929, which are not told.
//!
//! ```text
//! client: version 5(1) count(1) methods     server: version 5(1) method(1)
//! client: version 1(1) name, password       server: version 1(1) status(1)
//! client: version 5(1) command 1(1) 0(1) address type(1) address port(2)
//! server: version 5(1) reply(1) 0(1) address type(1) address port(2)
//! ```

use std::net::{Ipv4Addr, Ipv6Addr};

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, shown};
use crate::layer::u16_at;
use crate::side::Side;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let ahead = cursor.ahead_of(Side::Client)?;
    if !is_greeting(ahead.bytes) {
        return None;
    }
    let greeting = cursor.take(Side::Client, 2 + usize::from(*ahead.bytes.get(1)?))?;
    let mut preamble = Preamble::of(PreambleProtocol::Socks5);
    preamble.ask(cursor.step_saying(&greeting, "greeting"));
    let Some(choice) = cursor.take(Side::Server, 2) else { return Some(preamble) };
    match choice.bytes {
        [5, 2] => {
            let length = login_length(cursor.ahead_of(Side::Client)?.bytes)?;
            let login = cursor.take(Side::Client, length)?;
            preamble.steps.extend(cursor.step_saying(&login, "user name and password"));
            let status = cursor.take(Side::Server, 2)?;
            if status.bytes != [1, 0] {
                preamble.answer(cursor.step_saying(&status, "user name or password not accepted"), false);
                return Some(preamble);
            }
        }
        [5, 0] => {}
        _ => {
            preamble.answer(cursor.step_saying(&choice, "no authentication method is acceptable"), false);
            return Some(preamble);
        }
    }
    let ahead = cursor.ahead_of(Side::Client)?;
    let [5, 1, 0, ..] = ahead.bytes else { return None };
    let (destination, length) = address(ahead.bytes)?;
    let request = cursor.take(Side::Client, length)?;
    preamble.ask(cursor.step_saying(&request, format!("CONNECT {destination}")));
    preamble.destination = Some(destination);
    if let Some(ahead) = cursor.ahead_of(Side::Server) {
        let reply = cursor.take(Side::Server, address(ahead.bytes)?.1)?;
        let code = *reply.bytes.get(1)?;
        preamble.answer(cursor.step_saying(&reply, reply_text(code)), code == 0);
    }
    Some(preamble)
}

pub(super) fn is_greeting(bytes: &[u8]) -> bool {
    match bytes {
        [5, count @ 1..=16, methods @ ..] => methods.len() == usize::from(*count),
        _ => false,
    }
}

fn login_length(bytes: &[u8]) -> Option<usize> {
    let [1, name, ..] = *bytes else { return None };
    let password = *bytes.get(2 + usize::from(name))?;
    Some(3 + usize::from(name) + usize::from(password))
}

/// The address in a request or reply, and the length of the whole.
fn address(bytes: &[u8]) -> Option<(String, usize)> {
    let (host, end) = match *bytes.get(3)? {
        1 => (Ipv4Addr::from(*bytes.get(4..)?.first_chunk::<4>()?).to_string(), 8),
        3 => {
            let end = 5 + usize::from(*bytes.get(4)?);
            (shown(bytes.get(5..end)?), end)
        }
        4 => (format!("[{}]", Ipv6Addr::from(*bytes.get(4..)?.first_chunk::<16>()?)), 20),
        _ => return None,
    };
    Some((format!("{host}:{}", u16_at(bytes, end)?), end + 2))
}

fn reply_text(code: u8) -> &'static str {
    match code {
        0 => "succeeded",
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "a failure without a name",
    }
}
