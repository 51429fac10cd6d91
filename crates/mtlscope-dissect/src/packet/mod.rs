//! A captured packet in full: every header that is known, with its values, for those who ask for packets rather than
//! connections.
//!
//! This is a second, thorough reading beside the one that follows connections, which steps over headers as fast as it
//! can and keeps nothing of them.

mod analysis;
mod in_flight;
mod layers;
mod streams;
mod tcp_options;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::event::ConnectionId;
use crate::evidence::FrameNumber;
use crate::flow_table::FlowKey;
use crate::input::{Frame, LinkType};
use crate::limits::Limits;
use crate::net::fragments::Fragments;
use crate::time::Timestamp;

pub use analysis::Analysis;
pub use streams::Completeness;
pub use tcp_options::{TcpOption, TcpOptions};

use streams::Streams;

/// One captured packet.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Its place in the capture.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// What its first byte belongs to.
    pub link_type: LinkType,
    /// Its length on the wire.
    pub wire_length: u32,
    /// What was captured of it.
    pub bytes: Box<[u8]>,
    /// Its headers, outermost first.
    pub layers: Vec<Layer>,
    /// The TLS connection it belongs to, if one was recognised by the end of this packet.
    pub connection: Option<ConnectionId>,
    /// How many bytes at the end of its payload belong to a TLS record that ends in a later packet.
    pub unfinished: u32,
    /// Where its payload stands in what its sender sent, counted as [`crate::evidence::Evidence::offset`] is; negative for
    /// bytes before the first that was taken. `None` where no TCP connection is followed.
    pub stream_offset: Option<i64>,
}

/// One header of a packet.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What it says.
    pub header: Header,
    /// Where it lies in the packet's bytes; empty for one that was put together from several packets.
    pub place: Range<usize>,
}

/// The headers that are read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Header {
    /// IEEE 802.3.
    Ethernet(Ethernet),
    /// One VLAN tag.
    Vlan(Vlan),
    /// Linux cooked, version 1 or 2.
    LinuxCooked(LinuxCooked),
    /// BSD loopback: the number of the address family, as the capturing machine wrote it.
    Loopback(u32),
    /// No link header: the packet begins with IP.
    RawIp,
    /// RFC 791.
    Ipv4(Ipv4),
    /// RFC 8200.
    Ipv6(Ipv6),
    /// An IPv6 extension header.
    Ipv6Extension(Ipv6Extension),
    /// RFC 9293.
    Tcp(Box<Tcp>),
    /// RFC 768.
    Udp(Udp),
    /// Something that is known by name only: Wireshark's name of its protocol.
    Other(&'static str),
}

/// An Ethernet header.
#[derive(Clone, Copy, Debug)]
pub struct Ethernet {
    /// To whom.
    pub destination: [u8; 6],
    /// From whom.
    pub source: [u8; 6],
    /// EtherType, or below 1536 the length of what follows.
    pub type_or_length: u16,
}

/// A VLAN tag.
#[derive(Clone, Copy, Debug)]
pub struct Vlan {
    /// The EtherType that announced it: 0x8100 for 802.1Q, 0x88a8 for 802.1ad.
    pub protocol: u16,
    /// Priority (3 bits), drop eligible (1 bit), VLAN (12 bits).
    pub tag: u16,
    /// The EtherType behind it.
    pub ether_type: u16,
}

/// A header of Linux cooked captures.
#[derive(Clone, Copy, Debug)]
pub struct LinuxCooked {
    /// 1 or 2.
    pub version: u8,
    /// To us, broadcast, multicast, to another, from us.
    pub packet_type: u16,
    /// The kind of link: 1 is Ethernet.
    pub link: u16,
    /// How many bytes of the address count.
    pub address_length: u16,
    /// Who sent it.
    pub address: [u8; 8],
    /// EtherType of what follows.
    pub protocol: u16,
    /// The number of the interface; version 2 only.
    pub interface: Option<u32>,
}

/// An IPv4 header.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4 {
    /// In bytes.
    pub header_length: u8,
    /// Differentiated services and congestion notification.
    pub type_of_service: u8,
    /// Of the packet with its header, as stated: 0 where segmentation offload left it so.
    pub total_length: u16,
    /// Which packet a fragment belongs to.
    pub identification: u16,
    /// Flags (3 bits) and fragment offset in units of eight bytes (13 bits).
    pub flags_and_offset: u16,
    /// Time to live.
    pub time_to_live: u8,
    /// IANA protocol number.
    pub protocol: u8,
    /// As stated; not checked.
    pub checksum: u16,
    /// From whom.
    pub source: Ipv4Addr,
    /// To whom.
    pub destination: Ipv4Addr,
}

/// An IPv6 header.
#[derive(Clone, Copy, Debug)]
pub struct Ipv6 {
    /// Differentiated services and congestion notification.
    pub traffic_class: u8,
    /// 20 bits.
    pub flow_label: u32,
    /// Of what follows, as stated.
    pub payload_length: u16,
    /// The protocol of the next header.
    pub next_header: u8,
    /// Hop limit.
    pub hop_limit: u8,
    /// From whom.
    pub source: Ipv6Addr,
    /// To whom.
    pub destination: Ipv6Addr,
}

/// An IPv6 extension header.
#[derive(Clone, Copy, Debug)]
pub struct Ipv6Extension {
    /// Its own protocol number: 0 is hop-by-hop options, 44 a fragment.
    pub kind: u8,
    /// The protocol of the next header.
    pub next_header: u8,
    /// The first eight bytes.
    pub head: [u8; 8],
}

/// A TCP header, and what only a look at the whole stream tells of it.
#[derive(Clone, Debug)]
pub struct Tcp {
    /// An ICMP error quotes it, and so little of it that only the ports and the sequence number are known.
    pub is_quoted: bool,
    /// From which port.
    pub source_port: u16,
    /// To which port.
    pub destination_port: u16,
    /// Which TCP connection, counted from 0: Wireshark's `tcp.stream`.
    pub stream: u32,
    /// As sent.
    pub sequence_number: u32,
    /// As sent.
    pub acknowledgment_number: u32,
    /// From the stream's beginning: 0 for the SYN, 1 for the first byte seen where no SYN was.
    pub relative_sequence_number: u32,
    /// From the other stream's beginning.
    pub relative_acknowledgment_number: u32,
    /// In bytes.
    pub header_length: u8,
    /// The low twelve bits: reserved (3), AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN.
    pub flags: u16,
    /// As sent.
    pub window: u16,
    /// By how many bits the window is to be shifted.
    pub window_scale: WindowScale,
    /// As stated; not checked.
    pub checksum: u16,
    /// As stated.
    pub urgent_pointer: u16,
    /// The options' bytes.
    pub options: Box<[u8]>,
    /// What was captured of the payload.
    pub payload: Box<[u8]>,
    /// Its length on the wire.
    pub payload_length: u32,
    /// What a look at the stream says of it.
    pub analysis: Analysis,
    /// What its connection had shown before it.
    pub completeness: Completeness,
    /// Nanoseconds since the stream's first packet.
    pub since_first: i64,
    /// Nanoseconds since the stream's packet before this one.
    pub since_last: i64,
}

/// What is known of the scale of a window. RFC 7323 section 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowScale {
    /// The handshake was not seen, or not yet: nobody knows.
    Unknown,
    /// At least one side did not agree to scale.
    NotUsed,
    /// Both did: by so many bits.
    Shift(u8),
}

/// A UDP header.
#[derive(Clone, Copy, Debug)]
pub struct Udp {
    /// From which port.
    pub source_port: u16,
    /// To which port.
    pub destination_port: u16,
    /// With the header.
    pub length: u16,
    /// As stated; not checked.
    pub checksum: u16,
    /// Which pair of ends, counted from 0: Wireshark's `udp.stream`.
    pub stream: u32,
}

impl Packet {
    /// The innermost TCP header.
    pub fn tcp(&self) -> Option<&Tcp> {
        self.layers.iter().rev().find_map(|layer| match &layer.header {
            Header::Tcp(tcp) => Some(&**tcp),
            _ => None,
        })
    }

    /// The bytes of a layer's header.
    pub fn header_bytes(&self, layer: &Layer) -> &[u8] {
        self.bytes.get(layer.place.clone()).unwrap_or(&[])
    }
}

impl Tcp {
    /// FIN: this side has no more to send.
    pub const FIN: u16 = 0x001;
    /// SYN: the numbers begin here.
    pub const SYN: u16 = 0x002;
    /// RST: the connection is over.
    pub const RST: u16 = 0x004;
    /// PSH.
    pub const PSH: u16 = 0x008;
    /// ACK: the acknowledgment number counts.
    pub const ACK: u16 = 0x010;
    /// URG: the urgent pointer counts.
    pub const URG: u16 = 0x020;

    /// Whether all of these flags are set.
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }

    /// The options, one after the other.
    pub fn options(&self) -> TcpOptions<'_> {
        TcpOptions::new(&self.options)
    }

    /// The window in bytes, scaled where the scale is known.
    pub fn scaled_window(&self) -> u32 {
        match self.window_scale {
            WindowScale::Shift(bits) if !self.has(Self::SYN) => u32::from(self.window) << bits.min(14),
            _ => u32::from(self.window),
        }
    }
}

/// Reads packets one after the other.
#[derive(Debug, Default)]
pub(crate) struct PacketReader {
    streams: Streams,
    fragments: Fragments,
}

impl PacketReader {
    /// Reads a frame; also gives the ends of the innermost TCP connection it belongs to, and which of them sent it.
    pub(crate) fn read(&mut self, frame: &Frame<'_>, limits: &Limits) -> (Packet, Option<(FlowKey, usize)>) {
        let layers::Read { mut layers, ends } = layers::read(frame, &mut self.fragments, limits);
        let mut innermost = None;
        for (place, source, destination) in ends {
            match layers.get_mut(place).map(|layer| &mut layer.header) {
                Some(Header::Tcp(tcp)) => {
                    let ends = FlowKey::of((source, tcp.source_port), (destination, tcp.destination_port));
                    self.streams.place_segment(ends, tcp, (frame.number, frame.time), limits.flows);
                    innermost = Some(ends);
                }
                Some(Header::Udp(udp)) => {
                    let ends = FlowKey::of((source, udp.source_port), (destination, udp.destination_port));
                    udp.stream = self.streams.udp_stream(ends.0, limits.flows);
                }
                _ => {}
            }
        }
        let packet = Packet {
            number: frame.number,
            time: frame.time,
            link_type: frame.link_type,
            wire_length: frame.wire_length,
            bytes: frame.bytes.into(),
            layers,
            connection: None,
            unfinished: 0,
            stream_offset: None,
        };
        (packet, innermost)
    }
}
