//! The PROXY protocol, versions 1 and 2: what a load balancer says of the client before all else.
//! <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>.
//!
//! ```text
//! 1: PROXY TCP4 source destination port port CR LF
//! 2: signature(12) version 2, command(1) family(1) length(2) source(4 or 16) destination port(2) port(2) TLVs
//! ```

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, PreambleResult};
use crate::layer::u16_at;
use crate::side::Side;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The longest line of version 1, its end included.
const LONGEST_LINE: usize = 107;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let ahead = cursor.ahead_of(Side::Client)?;
    let words = cursor.take(Side::Client, length(ahead.bytes)?)?;
    let is_second = is_version_2(words.bytes);
    let protocol =
        if is_second { PreambleProtocol::ProxyProtocol2 } else { PreambleProtocol::ProxyProtocol1 };
    let addresses = if is_second { binary(words.bytes) } else { text(words.bytes) };
    let mut preamble = Preamble::of(protocol);
    match &addresses {
        Some((source, destination)) => {
            preamble
                .steps
                .extend(cursor.step_saying(&words, format!("PROXY from {source} to {destination}")));
        }
        None => preamble.steps.extend(cursor.step_saying(&words, "PROXY, addresses not told")),
    }
    (preamble.source, preamble.destination) = addresses.unzip();
    // Nobody answers: what follows is the connection itself.
    preamble.result = PreambleResult::Agreed;
    Some(preamble)
}

pub(super) fn is_version_2(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The header's length, once it is known.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    if is_version_2(bytes) {
        return Some(16 + usize::from(u16_at(bytes, 14)?));
    }
    if !bytes.starts_with(b"PROXY ") {
        return None;
    }
    Some(bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n')? + 1)
}

fn text(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, "TCP4" | "TCP6", source, destination, source_port, destination_port] = words[..] else {
        return None;
    };
    let address =
        |host: &str, port: &str| Some(SocketAddr::new(host.parse().ok()?, port.parse().ok()?).to_string());
    Some((address(source, source_port)?, address(destination, destination_port)?))
}

fn binary(header: &[u8]) -> Option<(String, String)> {
    const PROXY: u8 = 0x21;
    const TCP4: u8 = 0x11;
    const TCP6: u8 = 0x21;
    if *header.get(12)? != PROXY {
        return None;
    }
    let addresses = header.get(16..)?;
    match *header.get(13)? {
        TCP4 => {
            let address = |at: usize| Some(Ipv4Addr::from(*addresses.get(at..)?.first_chunk::<4>()?));
            let end = |at: usize, port: usize| {
                Some(SocketAddr::from((address(at)?, u16_at(addresses, port)?)).to_string())
            };
            Some((end(0, 8)?, end(4, 10)?))
        }
        TCP6 => {
            let address = |at: usize| Some(Ipv6Addr::from(*addresses.get(at..)?.first_chunk::<16>()?));
            let end = |at: usize, port: usize| {
                Some(SocketAddr::from((address(at)?, u16_at(addresses, port)?)).to_string())
            };
            Some((end(0, 32)?, end(16, 34)?))
        }
        _ => None,
    }
}
