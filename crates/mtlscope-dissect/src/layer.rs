//! One header of a packet: which protocol it belongs to, and what comes behind it. A packet is a row of them.

use crate::input::LinkType;
use crate::{link, net, tunnel};

/// The protocol of a header that stands around TCP.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Protocol {
    /// Ethernet II or IEEE 802.3.
    Ethernet,
    /// One VLAN tag: IEEE 802.1Q or 802.1ad.
    Vlan,
    /// The I-tag of a provider backbone bridge: IEEE 802.1ah.
    ProviderBackbone,
    /// IEEE 802.2 logical link control, with SNAP where it is used.
    Llc,
    /// IEEE 802.11.
    Ieee80211,
    /// IEEE 802.11, where the card padded the header to four bytes.
    Ieee80211Padded,
    /// IEEE 802.11, its first two bytes swapped, as some access points do inside CAPWAP.
    Ieee80211Swapped,
    /// The head of one packet in an aggregate of 802.11 (A-MSDU).
    Ieee80211Subframe,
    /// Radiotap, before IEEE 802.11.
    Radiotap,
    /// The Prism header, before IEEE 802.11.
    Prism,
    /// The AVS header, before IEEE 802.11.
    Avs,
    /// The per-packet information header.
    Ppi,
    /// Linux cooked capture, version 1.
    LinuxCooked,
    /// Linux cooked capture, version 2.
    LinuxCooked2,
    /// BSD loopback.
    Loopback,
    /// The byte of direction that some captures have before PPP.
    PppDirection,
    /// PPP, with HDLC's address and control or without.
    Ppp,
    /// A session of PPP over Ethernet.
    Pppoe,
    /// Cisco HDLC.
    CiscoHdlc,
    /// Frame Relay.
    FrameRelay,
    /// What netfilter logged.
    Nflog,
    /// What OpenBSD's packet filter logged.
    Pflog,
    /// OpenBSD's view inside IPsec.
    Enc,
    /// IP over IEEE 1394, as Apple captures it.
    Ieee1394,
    /// A stack of MPLS labels.
    Mpls,
    /// The control word of an Ethernet pseudowire.
    ControlWord,
    /// IPv4.
    Ipv4,
    /// IPv6 without its extension headers.
    Ipv6,
    /// IPsec's authentication header.
    Authentication,
    /// UDP, where it carries a tunnel.
    Udp,
    /// GRE.
    Gre,
    /// A mirrored packet of a Cisco switch, type II or III.
    Erspan,
    /// VXLAN, also the generic extension (VXLAN-GPE).
    Vxlan,
    /// Geneve.
    Geneve,
    /// GTP-U.
    GtpU,
    /// Teredo's own headers before IPv6.
    Teredo,
    /// A data message of L2TP, version 2.
    L2tp,
    /// LISP.
    Lisp,
    /// Ethernet in IP.
    EtherIp,
    /// The network service header.
    Nsh,
    /// TaZmen Sniffer Protocol.
    Tzsp,
    /// A data packet of CAPWAP.
    Capwap,
}

/// One header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layer<'a> {
    /// Whose.
    pub protocol: Protocol,
    /// Its bytes, whole.
    pub header: &'a [u8],
}

impl Layer<'_> {
    /// What a person calls the tunnel that this header makes: `VLAN 7`, `VXLAN 42`. `None` where it makes none.
    pub fn tunnel(&self) -> Option<String> {
        let header = self.header;
        match self.protocol {
            Protocol::Vlan => link::vlan::name(header),
            Protocol::ProviderBackbone => link::provider_backbone::name(header),
            Protocol::Pppoe => link::pppoe::name(header),
            Protocol::Mpls => Some(link::mpls::name(header)),
            Protocol::Ipv4 => net::ipv4::name(header),
            Protocol::Ipv6 => net::ipv6::name(header),
            Protocol::Gre => tunnel::gre::name(header),
            Protocol::Erspan => tunnel::erspan::name(header),
            Protocol::Vxlan => tunnel::vxlan::name(header),
            Protocol::Geneve => tunnel::geneve::name(header),
            Protocol::GtpU => tunnel::gtp_u::name(header),
            Protocol::Teredo => Some("Teredo".to_owned()),
            Protocol::L2tp => tunnel::l2tp::name(header),
            Protocol::Lisp => Some("LISP".to_owned()),
            Protocol::EtherIp => Some("EtherIP".to_owned()),
            Protocol::Nsh => tunnel::nsh::name(header),
            Protocol::Tzsp => Some("TZSP".to_owned()),
            Protocol::Capwap => Some("CAPWAP".to_owned()),
            _ => None,
        }
    }
}

/// What stands behind a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// A header of this protocol.
    Header(Protocol),
    /// What a capture of this link type begins with.
    LinkType(LinkType),
    /// What this EtherType says.
    EtherType(u16),
    /// What this number of IANA's protocol numbers says.
    IpProtocol(u8),
    /// IP; its first four bits say which version.
    Ip,
    /// Ciphertext of the link layer.
    Encrypted,
    /// Nothing that can hold TCP.
    Nothing,
}

/// A header that was read, and what is behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) next: Next,
    pub(crate) payload: &'a [u8],
}

impl<'a> Step<'a> {
    /// A header of so many bytes; `None` where they are not all there.
    pub(crate) fn after(bytes: &'a [u8], length: usize, next: Next) -> Option<Self> {
        let (header, payload) = bytes.split_at_checked(length)?;
        Some(Self { header, next, payload })
    }
}

/// Two bytes in network order.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?))
}

/// Four bytes in network order.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?))
}

/// Reads a header of a protocol.
pub(crate) fn read(protocol: Protocol, bytes: &[u8]) -> Option<Step<'_>> {
    match protocol {
        Protocol::Ethernet => link::ethernet::read(bytes),
        Protocol::Vlan => link::vlan::read(bytes),
        Protocol::ProviderBackbone => link::provider_backbone::read(bytes),
        Protocol::Llc => link::llc::read(bytes),
        Protocol::Ieee80211 => link::ieee80211::read(bytes),
        Protocol::Ieee80211Padded => link::ieee80211::read_padded(bytes),
        Protocol::Ieee80211Swapped => link::ieee80211::read_swapped(bytes),
        // Read by the walk, since several may follow one another.
        Protocol::Ieee80211Subframe => None,
        Protocol::Radiotap => link::radiotap::read(bytes),
        Protocol::Prism => link::prism::read(bytes),
        Protocol::Avs => link::avs::read(bytes),
        Protocol::Ppi => link::ppi::read(bytes),
        Protocol::LinuxCooked => link::linux_cooked::read_v1(bytes),
        Protocol::LinuxCooked2 => link::linux_cooked::read_v2(bytes),
        Protocol::Loopback => link::loopback::read(bytes),
        Protocol::PppDirection => Step::after(bytes, 1, Next::Header(Protocol::Ppp)),
        Protocol::Ppp => link::ppp::read(bytes),
        Protocol::Pppoe => link::pppoe::read(bytes),
        Protocol::CiscoHdlc => link::cisco_hdlc::read(bytes),
        Protocol::FrameRelay => link::frame_relay::read(bytes),
        Protocol::Nflog => link::nflog::read(bytes),
        Protocol::Pflog => link::pflog::read(bytes),
        Protocol::Enc => link::enc::read(bytes),
        Protocol::Ieee1394 => link::ieee1394::read(bytes),
        Protocol::Mpls => link::mpls::read(bytes),
        Protocol::ControlWord => Step::after(bytes, 4, Next::Header(Protocol::Ethernet)),
        // Read by the walk itself, since fragments may have to be put together.
        Protocol::Ipv4 | Protocol::Ipv6 => None,
        Protocol::Authentication => net::authentication::read(bytes),
        Protocol::Udp => crate::transport::udp::read(bytes),
        Protocol::Gre => tunnel::gre::read(bytes),
        Protocol::Erspan => tunnel::erspan::read(bytes),
        Protocol::Vxlan => tunnel::vxlan::read(bytes),
        Protocol::Geneve => tunnel::geneve::read(bytes),
        Protocol::GtpU => tunnel::gtp_u::read(bytes),
        Protocol::Teredo => tunnel::teredo::read(bytes),
        Protocol::L2tp => tunnel::l2tp::read(bytes),
        Protocol::Lisp => tunnel::lisp::read(bytes),
        Protocol::EtherIp => tunnel::etherip::read(bytes),
        Protocol::Nsh => tunnel::nsh::read(bytes),
        Protocol::Tzsp => tunnel::tzsp::read(bytes),
        Protocol::Capwap => tunnel::capwap::read(bytes),
    }
}
