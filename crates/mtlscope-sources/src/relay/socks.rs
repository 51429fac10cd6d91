//! The talk of a SOCKS proxy: version 5 (RFC 1928, RFC 1929), version 4 and 4a
//! (<https://www.openssh.org/txt/socks4.protocol>). Only CONNECT; any name and password will do.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};

use super::Way;
use super::caller::Caller;
use super::destination::Unreached;
use super::proxy::{Asked, Refused};
use crate::client::Target;

const CONNECT: u8 = 1;

/// Methods of authentication.
const NONE: u8 = 0;
const PASSWORD: u8 = 2;
const NOT_ACCEPTABLE: u8 = 0xff;

/// Kinds of address.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Replies of version 5.
const FAILURE: u8 = 1;
const NOT_ALLOWED: u8 = 2;
const NETWORK_UNREACHABLE: u8 = 3;
const HOST_UNREACHABLE: u8 = 4;
const CONNECTION_REFUSED: u8 = 5;
const TTL_EXPIRED: u8 = 6;
const NO_SUCH_COMMAND: u8 = 7;
const NO_SUCH_ADDRESS_TYPE: u8 = 8;

/// Replies of version 4.
const GRANTED: u8 = 90;
const REJECTED: u8 = 91;

/// Hears what a client of version 5 wants.
pub(super) fn asked_version_5(client: &mut Caller<'_>) -> Result<Asked, Refused> {
    let count = byte(client.hear(2)?, 1);
    client.hear(2 + count)?;
    let greeting = client.take(2 + count);
    let methods = greeting.get(2..).unwrap_or_default();
    match () {
        () if methods.contains(&NONE) => client.say(&[5, NONE])?,
        () if methods.contains(&PASSWORD) => {
            client.say(&[5, PASSWORD])?;
            let name = byte(client.hear(2)?, 1);
            let password = byte(client.hear(3 + name)?, 2 + name);
            client.hear(3 + name + password)?;
            client.take(3 + name + password);
            client.say(&[1, 0])?;
        }
        () => {
            client.say(&[5, NOT_ACCEPTABLE])?;
            return refused("offers no authentication that is spoken here: none, or name and password");
        }
    }
    let head = client.hear(5)?;
    let (command, kind) = (byte(head, 1), byte(head, 3) as u8);
    let address_length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => 1 + byte(head, 4),
        _ => {
            client.say(&reply_5(NO_SUCH_ADDRESS_TYPE, None))?;
            return refused("names its destination by a kind of address that SOCKS 5 does not have");
        }
    };
    let length = 4 + address_length + 2;
    client.hear(length)?;
    let request = client.take(length);
    if command != usize::from(CONNECT) {
        client.say(&reply_5(NO_SUCH_COMMAND, None))?;
        return refused("asked by SOCKS 5 for something else than CONNECT, which alone is done here");
    }
    let address = request.get(4..4 + address_length).unwrap_or_default();
    let host = match kind {
        IPV4 => address.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets).to_string()),
        IPV6 => address.first_chunk::<16>().map(|octets| Ipv6Addr::from(*octets).to_string()),
        _ => name(address.get(1..).unwrap_or_default()),
    };
    match host {
        Some(host) => Ok(asked(host, request.last_chunk(), Way::Socks5)),
        None => {
            client.say(&reply_5(FAILURE, None))?;
            refused("asked by SOCKS 5 for a name that is none")
        }
    }
}

/// Tells a client of version 5 what became of its wish.
pub(super) fn answer_version_5(
    client: &mut Caller<'_>,
    reached: Result<&TcpStream, &Unreached>,
) -> io::Result<()> {
    let reply = match reached {
        Ok(server) => reply_5(0, server.local_addr().ok()),
        Err(unreached) => {
            let code = match unreached.cause() {
                ErrorKind::ConnectionRefused => CONNECTION_REFUSED,
                ErrorKind::NetworkUnreachable => NETWORK_UNREACHABLE,
                ErrorKind::HostUnreachable | ErrorKind::NotFound => HOST_UNREACHABLE,
                ErrorKind::TimedOut => TTL_EXPIRED,
                ErrorKind::PermissionDenied => NOT_ALLOWED,
                _ => FAILURE,
            };
            reply_5(code, None)
        }
    };
    client.say(&reply)
}

/// Hears what a client of version 4 or 4a wants.
pub(super) fn asked_version_4(client: &mut Caller<'_>) -> Result<Asked, Refused> {
    let end_of_user = client.hear_until(|heard| end_of_string(heard, 8))?;
    let head = client.hear(end_of_user)?.to_vec();
    let octets: [u8; 4] = head.get(4..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    // An address that cannot be says that a name follows.
    let named = matches!(octets, [0, 0, 0, 1..=255]);
    let end = match named {
        true => client.hear_until(|heard| end_of_string(heard, end_of_user))?,
        false => end_of_user,
    };
    let request = client.take(end);
    if request.get(1) != Some(&CONNECT) {
        client.say(&reply_4(REJECTED))?;
        return refused("asked by SOCKS 4 for something else than CONNECT, which alone is done here");
    }
    let host = match named {
        true => name(request.get(end_of_user..end - 1).unwrap_or_default()),
        false => Some(Ipv4Addr::from(octets).to_string()),
    };
    match host {
        Some(host) => Ok(asked(host, request.get(2..).and_then(<[u8]>::first_chunk), Way::Socks4)),
        None => {
            client.say(&reply_4(REJECTED))?;
            refused("asked by SOCKS 4a for a name that is none")
        }
    }
}

/// Tells a client of version 4 what became of its wish.
pub(super) fn answer_version_4(
    client: &mut Caller<'_>,
    reached: Result<&TcpStream, &Unreached>,
) -> io::Result<()> {
    client.say(&reply_4(if reached.is_ok() { GRANTED } else { REJECTED }))
}

fn asked(host: String, port: Option<&[u8; 2]>, way: Way) -> Asked {
    let port = port.map_or(0, |port| u16::from_be_bytes(*port));
    Asked { destination: Target { host, port }, way, forwarded: Vec::new() }
}

fn refused(why: &str) -> Result<Asked, Refused> {
    Err(Refused::Answered(why.to_owned()))
}

/// A name that a resolver can be asked for.
fn name(bytes: &[u8]) -> Option<String> {
    let name = str::from_utf8(bytes).ok()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-._:".contains(c));
    is_name.then(|| name.to_owned())
}

/// The place behind the string that begins here.
fn end_of_string(heard: &[u8], start: usize) -> Option<usize> {
    let length = heard.get(start..)?.iter().position(|byte| *byte == 0)?;
    Some(start + length + 1)
}

fn reply_4(code: u8) -> [u8; 8] {
    [0, code, 0, 0, 0, 0, 0, 0]
}

fn reply_5(code: u8, bound: Option<SocketAddr>) -> Vec<u8> {
    let bound = bound.unwrap_or(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0));
    let mut reply = vec![5, code, 0];
    match bound.ip() {
        IpAddr::V4(address) => {
            reply.push(IPV4);
            reply.extend(address.octets());
        }
        IpAddr::V6(address) => {
            reply.push(IPV6);
            reply.extend(address.octets());
        }
    }
    reply.extend(bound.port().to_be_bytes());
    reply
}

/// A byte of what was heard, as a length.
fn byte(heard: &[u8], place: usize) -> usize {
    heard.get(place).copied().map_or(0, usize::from)
}
