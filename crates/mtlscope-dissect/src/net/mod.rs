//! The network layer: IPv4 and IPv6.

mod ipv4;
mod ipv6;

use std::net::IpAddr;

/// What stands inside an IP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// IANA protocol number: 6 is TCP.
    pub(crate) protocol: u8,
    /// What was captured of the payload.
    pub(crate) payload: &'a [u8],
    /// The payload's length as the IP header states it; more than `payload.len()` where the capture cut it.
    pub(crate) stated_length: usize,
}

/// What reading an IP packet gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read<'a> {
    /// A whole datagram.
    Whole(Datagram<'a>),
    /// A piece of one.
    Fragment,
    /// Nothing that can be read.
    Nothing,
}

/// Reads an IP packet of either version.
#[inline]
pub(crate) fn read(packet: &[u8]) -> Read<'_> {
    match packet.first() {
        Some(first) if first >> 4 == 4 => ipv4::read(packet),
        Some(first) if first >> 4 == 6 => ipv6::read(packet),
        _ => Read::Nothing,
    }
}
