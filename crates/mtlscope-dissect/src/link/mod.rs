//! The link layer: from a captured packet to the IP packet inside. One file a kind of header.

mod ethernet;
mod linux_cooked;
mod loopback;
mod raw_ip;

use crate::input::LinkType;

/// What the link layer carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carried<'a> {
    /// An IP packet, version in its first four bits.
    Ip {
        /// Its bytes; link-layer padding may follow the packet.
        packet: &'a [u8],
        /// The innermost VLAN it travelled in, 0 for none.
        vlan: u16,
    },
    /// Something that holds no TCP: ARP, spanning tree, a cut header.
    Nothing,
    /// A link type that is not read.
    UnknownLinkType,
}

/// The IP packet inside a captured packet.
#[inline]
pub(crate) fn carried(link_type: LinkType, bytes: &[u8]) -> Carried<'_> {
    match link_type.0 {
        1 => ethernet::carried(bytes),
        0 | 108 => loopback::carried(bytes),
        12 | 14 | 101 | 228 | 229 => raw_ip::carried(bytes),
        113 => linux_cooked::carried_v1(bytes),
        276 => linux_cooked::carried_v2(bytes),
        _ => Carried::UnknownLinkType,
    }
}
