//! The link layer: from a captured packet to the IP packet inside. One file a kind of header.
//!
//! What most packets are, IP in Ethernet with a VLAN tag at most, is found by [`carried`] at once; all else by the walk
//! over the headers (`walk.rs`).

pub(crate) mod avs;
pub(crate) mod cisco_hdlc;
pub(crate) mod enc;
pub(crate) mod ethernet;
pub(crate) mod frame_relay;
pub(crate) mod ieee1394;
pub(crate) mod ieee80211;
pub(crate) mod linux_cooked;
pub(crate) mod llc;
pub(crate) mod loopback;
pub(crate) mod mpls;
pub(crate) mod nflog;
pub(crate) mod pflog;
pub(crate) mod ppi;
pub(crate) mod ppp;
pub(crate) mod pppoe;
pub(crate) mod prism;
pub(crate) mod provider_backbone;
pub(crate) mod radiotap;
mod raw_ip;
pub(crate) mod vlan;

use crate::input::LinkType;
use crate::layer::{Next, Protocol};

/// What the link layer carries, as far as it is seen at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carried<'a> {
    /// An IP packet, version in its first four bits.
    Ip {
        /// Its bytes; link-layer padding may follow the packet.
        packet: &'a [u8],
        /// The one VLAN it travelled in, 0 for none.
        vlan: u16,
    },
    /// Something that holds no TCP: ARP, a cut header.
    Nothing,
    /// Headers that have to be walked over one by one.
    More,
}

/// The IP packet inside a captured packet, where it is near.
#[inline(always)] // Once a packet, on the way that most take.
pub(crate) fn carried(link_type: LinkType, bytes: &[u8]) -> Carried<'_> {
    match link_type.0 {
        1 => ethernet::carried(bytes),
        0 | 108 => loopback::carried(bytes),
        12 | 14 | 101 | 228 | 229 => raw_ip::carried(bytes),
        _ => Carried::More,
    }
}

/// What a capture of a link type begins with; `None` for one that is not read.
/// Registry: <https://www.tcpdump.org/linktypes.html>.
pub(crate) fn first(link_type: LinkType) -> Option<Next> {
    let protocol = match link_type.0 {
        0 | 108 => Protocol::Loopback,
        1 => Protocol::Ethernet,
        // PPP; on serial lines; of PPPoE, without Ethernet.
        9 | 50 => Protocol::Ppp,
        51 => Protocol::Pppoe,
        // Classical IP over ATM begins with LLC.
        11 => Protocol::Llc,
        12 | 14 | 101 | 228 | 229 => return Some(Next::Ip),
        104 => Protocol::CiscoHdlc,
        105 => Protocol::Ieee80211,
        107 => Protocol::FrameRelay,
        109 => Protocol::Enc,
        113 => Protocol::LinuxCooked,
        117 => Protocol::Pflog,
        119 => Protocol::Prism,
        127 => Protocol::Radiotap,
        138 => Protocol::Ieee1394,
        163 => Protocol::Avs,
        166 | 204 => Protocol::PppDirection,
        192 => Protocol::Ppi,
        219 => Protocol::Mpls,
        239 => Protocol::Nflog,
        276 => Protocol::LinuxCooked2,
        _ => return None,
    };
    Some(Next::Header(protocol))
}
