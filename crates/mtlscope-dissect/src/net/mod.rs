//! The network layer: IPv4 and IPv6, and fragments put together.

pub(crate) mod authentication;
pub(crate) mod fragments;
pub(crate) mod ipv4;
pub(crate) mod ipv6;

use std::net::IpAddr;

use crate::layer::{Next, Protocol};

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

/// A piece of a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fragment<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// IANA protocol number of what the pieces make up; in IPv6 only the first piece is sure to tell.
    pub(crate) protocol: u8,
    pub(crate) identification: u32,
    /// Where the piece belongs, in bytes.
    pub(crate) offset: u32,
    /// Whether more pieces stand behind it.
    pub(crate) more: bool,
    /// What was captured of it.
    pub(crate) payload: &'a [u8],
    /// Whether the capture cut it (snaplen).
    pub(crate) is_cut: bool,
}

/// What reading an IP packet gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read<'a> {
    /// A whole datagram.
    Whole(Datagram<'a>),
    /// A piece of one.
    Fragment(Fragment<'a>),
    /// Nothing that can be read.
    Nothing,
}

/// What an IANA protocol number says.
pub(crate) fn behind(protocol: u8) -> Next {
    match protocol {
        4 | 41 => Next::Ip,
        17 => Next::Header(Protocol::Udp),
        47 => Next::Header(Protocol::Gre),
        51 => Next::Header(Protocol::Authentication),
        97 => Next::Header(Protocol::EtherIp),
        137 => Next::Header(Protocol::Mpls),
        _ => Next::Nothing,
    }
}

/// Reads an IP packet of either version.
#[inline(always)] // Once a packet, on the way that most take.
pub(crate) fn read(packet: &[u8]) -> Read<'_> {
    match packet.first() {
        Some(first) if first >> 4 == 4 => ipv4::read(packet),
        Some(first) if first >> 4 == 6 => ipv6::read(packet),
        _ => Read::Nothing,
    }
}
