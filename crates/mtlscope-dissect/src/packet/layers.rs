//! The headers of one packet, from the link to the transport: the same steps as the walk to TCP takes, but keeping each
//! header, also of what holds no TCP.

use std::net::IpAddr;
use std::ops::Range;

use crate::input::Frame;
use crate::layer::{self, Next, Protocol, u16_at, u32_at};
use crate::limits::Limits;
use crate::link::{self, ethernet, ieee80211};
use crate::net::fragments::Fragments;
use crate::net::{self, Datagram, ipv6};
use crate::reassembly::At;
use crate::transport::udp;

use super::{
    Analysis, Completeness, Ethernet, Header, Ipv4, Ipv6, Ipv6Extension, Layer, LinuxCooked, Tcp, Udp, Vlan,
    WindowScale,
};

/// Headers read of one packet; behind them it is taken for content.
const LAYERS: usize = 32;

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP_V6: u8 = 58;

/// What was read of a packet.
#[derive(Default)]
pub(super) struct Read {
    pub(super) layers: Vec<Layer>,
    /// For each transport header, by its place among the layers, between which addresses it travels.
    pub(super) ends: Vec<(usize, IpAddr, IpAddr)>,
}

pub(super) fn read(frame: &Frame<'_>, fragments: &mut Fragments, limits: &Limits) -> Read {
    let at = At { frame: Some(frame.number), time: frame.time };
    let mut reading = Reading { frame, at, fragments, limits, read: Read::default(), ether_type: 0 };
    match link::first(frame.link_type) {
        Some(Next::Ip) => {
            reading.push(Header::RawIp, &[]);
            reading.ip(frame.bytes);
        }
        Some(next) => reading.on(next, frame.bytes),
        None => {}
    }
    reading.read
}

struct Reading<'r> {
    frame: &'r Frame<'r>,
    at: At,
    fragments: &'r mut Fragments,
    limits: &'r Limits,
    read: Read,
    /// The EtherType that announced what stands next.
    ether_type: u16,
}

impl Reading<'_> {
    fn push(&mut self, header: Header, bytes: &[u8]) {
        let place = self.place(bytes);
        self.read.layers.push(Layer { header, place });
    }

    /// Where these bytes lie in the frame; nowhere, if they were put together from several.
    fn place(&self, bytes: &[u8]) -> Range<usize> {
        let start = (bytes.as_ptr() as usize).wrapping_sub(self.frame.bytes.as_ptr() as usize);
        match start.checked_add(bytes.len()) {
            Some(end) if end <= self.frame.bytes.len() => start..end,
            _ => 0..0,
        }
    }

    /// Goes on with what stands behind some headers.
    fn on(&mut self, mut next: Next, mut bytes: &[u8]) {
        while self.read.layers.len() < LAYERS {
            next = match next {
                Next::Header(Protocol::Ieee80211Subframe) => return self.aggregate(bytes),
                Next::Header(protocol) => {
                    let Some(step) = layer::read(protocol, bytes) else { return };
                    if let Some(header) = self.header(protocol, step.header) {
                        self.push(header, step.header);
                    }
                    bytes = step.payload;
                    step.next
                }
                Next::LinkType(link_type) => match link::first(link_type) {
                    Some(next) => next,
                    None => return,
                },
                Next::EtherType(ether_type) => {
                    self.ether_type = ether_type;
                    if let Some(name) = ether_type_name(ether_type) {
                        self.push(Header::Other(name), bytes);
                    }
                    ethernet::behind(ether_type)
                }
                Next::IpProtocol(number) => net::behind(number),
                Next::Ip => return self.ip(bytes),
                Next::Encrypted | Next::Nothing => return,
            };
        }
    }

    /// What a header says whose bytes these are; `None` for one that Wireshark does not list.
    fn header(&self, protocol: Protocol, bytes: &[u8]) -> Option<Header> {
        Some(match protocol {
            Protocol::Ethernet => {
                let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, high, low] =
                    *bytes.first_chunk::<14>()?;
                Header::Ethernet(Ethernet {
                    destination: [d0, d1, d2, d3, d4, d5],
                    source: [s0, s1, s2, s3, s4, s5],
                    type_or_length: u16::from_be_bytes([high, low]),
                })
            }
            Protocol::Vlan => {
                let (tag, ether_type) = (u16_at(bytes, 0)?, u16_at(bytes, 2)?);
                Header::Vlan(Vlan { protocol: self.ether_type, tag, ether_type })
            }
            Protocol::LinuxCooked => Header::LinuxCooked(LinuxCooked {
                version: 1,
                packet_type: u16_at(bytes, 0)?,
                link: u16_at(bytes, 2)?,
                address_length: u16_at(bytes, 4)?,
                address: *bytes.get(6..)?.first_chunk::<8>()?,
                protocol: u16_at(bytes, 14)?,
                interface: None,
            }),
            Protocol::LinuxCooked2 => Header::LinuxCooked(LinuxCooked {
                version: 2,
                packet_type: u16::from(*bytes.get(10)?),
                link: u16_at(bytes, 8)?,
                address_length: u16::from(*bytes.get(11)?),
                address: *bytes.get(12..)?.first_chunk::<8>()?,
                protocol: u16_at(bytes, 0)?,
                interface: Some(u32_at(bytes, 4)?),
            }),
            Protocol::Loopback => {
                // The family of most systems is small: in the wrong order its number would be huge.
                let family = u32_at(bytes, 0)?;
                let is_swapped = family > 0xffff && self.frame.link_type.0 == 0;
                Header::Loopback(if is_swapped { family.swap_bytes() } else { family })
            }
            Protocol::Ipv4 | Protocol::Ipv6 | Protocol::Udp | Protocol::Ieee80211Subframe => return None,
            _ => Header::Other(name(protocol)?),
        })
    }

    /// The packets of an aggregate of 802.11, one after the other.
    fn aggregate(&mut self, bytes: &[u8]) {
        for (_, packet) in ieee80211::subframes(bytes) {
            if self.read.layers.len() >= LAYERS {
                return;
            }
            self.on(Next::Header(Protocol::Llc), packet);
        }
    }

    fn ip(&mut self, packet: &[u8]) {
        let protocol = match packet.first() {
            Some(first) if first >> 4 == 4 => self.ipv4(packet),
            Some(first) if first >> 4 == 6 => self.ipv6(packet),
            _ => None,
        };
        if protocol.is_none() || self.read.layers.len() >= LAYERS {
            return;
        }
        match net::read(packet) {
            net::Read::Whole(datagram) => self.datagram(&datagram),
            net::Read::Fragment(fragment) => {
                let Some(complete) = self.fragments.take(&fragment, self.at, self.limits) else { return };
                let whole = ipv6::behind_extensions(Datagram {
                    source: fragment.source,
                    destination: fragment.destination,
                    protocol: complete.protocol,
                    payload: &complete.payload,
                    stated_length: complete.payload.len(),
                });
                if let net::Read::Whole(datagram) = whole {
                    self.datagram(&datagram);
                }
            }
            net::Read::Nothing => {}
        }
    }

    fn ipv4(&mut self, packet: &[u8]) -> Option<u8> {
        let header = packet.first_chunk::<20>()?;
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let header_length = (header[0] & 15) * 4;
        let ipv4 = Ipv4 {
            header_length,
            type_of_service: header[1],
            total_length: number(2),
            identification: number(4),
            flags_and_offset: number(6),
            time_to_live: header[8],
            protocol: header[9],
            checksum: number(10),
            source: [header[12], header[13], header[14], header[15]].into(),
            destination: [header[16], header[17], header[18], header[19]].into(),
        };
        let bytes = packet.get(..usize::from(header_length)).filter(|bytes| bytes.len() >= 20)?;
        self.push(Header::Ipv4(ipv4), bytes);
        Some(ipv4.protocol)
    }

    fn ipv6(&mut self, packet: &[u8]) -> Option<u8> {
        let (header, mut rest) = packet.split_first_chunk::<40>()?;
        let words = u32_at(header, 0)?;
        let address = |at: usize| Some(u128::from_be_bytes(*header.get(at..)?.first_chunk::<16>()?).into());
        let ipv6 = Ipv6 {
            traffic_class: (words >> 20) as u8,
            flow_label: words & 0xf_ffff,
            payload_length: u16_at(header, 4)?,
            next_header: header[6],
            hop_limit: header[7],
            source: address(8)?,
            destination: address(24)?,
        };
        self.push(Header::Ipv6(ipv6), header);
        let mut kind = ipv6.next_header;
        while let 0 | 43 | 44 | 51 | 60 | 135 = kind
            && self.read.layers.len() < LAYERS
            && let Some(head) = rest.first_chunk::<8>().copied()
        {
            let length = match kind {
                44 => 8,
                // RFC 4302 section 2.2: units of four bytes, less two.
                51 => (usize::from(head[1]) + 2) * 4,
                _ => (usize::from(head[1]) + 1) * 8,
            };
            let Some((bytes, behind)) = rest.split_at_checked(length) else { break };
            self.push(Header::Ipv6Extension(Ipv6Extension { kind, next_header: head[0], head }), bytes);
            (kind, rest) = (head[0], behind);
        }
        Some(kind)
    }

    fn datagram(&mut self, datagram: &Datagram<'_>) {
        match datagram.protocol {
            TCP => self.tcp(datagram),
            UDP => self.udp(datagram),
            ICMP | ICMP_V6 => self.icmp(datagram),
            number => {
                let next = net::behind(number);
                if next == Next::Nothing
                    && let Some(name) = protocol_name(number)
                {
                    self.push(Header::Other(name), datagram.payload);
                }
                self.on(next, datagram.payload);
            }
        }
    }

    /// An ICMP error quotes the head of the packet that it is about.
    fn icmp(&mut self, datagram: &Datagram<'_>) {
        let is_v6 = datagram.protocol == ICMP_V6;
        if is_v6 != datagram.source.is_ipv6() {
            return;
        }
        let (name, errors): (_, &[u8]) =
            if is_v6 { ("icmpv6", &[1, 2, 3, 4]) } else { ("icmp", &[3, 4, 5, 11, 12]) };
        self.push(Header::Other(name), datagram.payload);
        if datagram.payload.first().is_some_and(|kind| errors.contains(kind))
            && let Some(quoted) = datagram.payload.get(8..)
        {
            self.ip(quoted);
        }
    }

    fn tcp(&mut self, datagram: &Datagram<'_>) {
        let bytes = datagram.payload;
        let (Some(source_port), Some(destination_port), Some(sequence_number)) =
            (u16_at(bytes, 0), u16_at(bytes, 2), u32_at(bytes, 4))
        else {
            return;
        };
        let mut tcp = Tcp { source_port, destination_port, sequence_number, ..Tcp::quoted() };
        let Some(header) = bytes.first_chunk::<20>() else {
            tcp.relative_sequence_number = sequence_number;
            if self.is_quoted() {
                self.push(Header::Tcp(Box::new(tcp)), bytes);
            }
            return;
        };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let header_length = (header[12] >> 4) * 4;
        let length = usize::from(header_length);
        if length < 20 {
            return;
        }
        let there = length.min(bytes.len());
        let (head, payload) = bytes.split_at(there);
        let tcp = Tcp {
            is_quoted: false,
            acknowledgment_number: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            header_length,
            flags: number(12) & 0x0fff,
            window: number(14),
            checksum: number(16),
            urgent_pointer: number(18),
            options: head.get(20..).unwrap_or(&[]).into(),
            payload: payload.into(),
            payload_length: datagram.stated_length.saturating_sub(length) as u32,
            ..tcp
        };
        self.read.ends.push((self.read.layers.len(), datagram.source, datagram.destination));
        self.push(Header::Tcp(Box::new(tcp)), head);
    }

    /// Whether an ICMP error stands around what is read.
    fn is_quoted(&self) -> bool {
        self.read.layers.iter().any(|layer| matches!(layer.header, Header::Other("icmp" | "icmpv6")))
    }

    fn udp(&mut self, datagram: &Datagram<'_>) {
        let Some((header, payload)) = datagram.payload.split_first_chunk::<8>() else { return };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let udp = Udp {
            source_port: number(0),
            destination_port: number(2),
            length: number(4),
            checksum: number(6),
            stream: 0,
        };
        self.read.ends.push((self.read.layers.len(), datagram.source, datagram.destination));
        self.push(Header::Udp(udp), header);
        if let Some(tunnel) = udp::tunnel(datagram.payload) {
            self.on(Next::Header(tunnel), payload);
        }
    }
}

impl Tcp {
    /// A header of which nothing is known but what is set besides.
    fn quoted() -> Self {
        Self {
            is_quoted: true,
            source_port: 0,
            destination_port: 0,
            stream: 0,
            sequence_number: 0,
            acknowledgment_number: 0,
            relative_sequence_number: 0,
            relative_acknowledgment_number: 0,
            header_length: 0,
            flags: 0,
            window: 0,
            window_scale: WindowScale::Unknown,
            checksum: 0,
            urgent_pointer: 0,
            options: Box::default(),
            payload: Box::default(),
            payload_length: 0,
            analysis: Analysis::default(),
            completeness: Completeness::default(),
            since_first: 0,
            since_last: 0,
        }
    }
}

/// Wireshark's names of headers of which no more is told than that they are there.
fn name(protocol: Protocol) -> Option<&'static str> {
    Some(match protocol {
        Protocol::ProviderBackbone => "ieee8021ah",
        Protocol::Llc => "llc",
        Protocol::Ieee80211 | Protocol::Ieee80211Swapped => "wlan",
        Protocol::Radiotap => "radiotap",
        Protocol::Prism => "prism",
        Protocol::Avs => "wlancap",
        Protocol::Ppi => "ppi",
        Protocol::Ppp => "ppp",
        Protocol::Pppoe => "pppoes",
        Protocol::CiscoHdlc => "chdlc",
        Protocol::FrameRelay => "fr",
        Protocol::Nflog => "nflog",
        Protocol::Pflog => "pflog",
        Protocol::Enc => "enc",
        Protocol::Ieee1394 => "ap1394",
        Protocol::Mpls => "mpls",
        Protocol::ControlWord => "pwethcw",
        Protocol::Authentication => "ah",
        Protocol::Gre => "gre",
        Protocol::Erspan => "erspan",
        Protocol::Vxlan => "vxlan",
        Protocol::Geneve => "geneve",
        Protocol::GtpU => "gtp",
        Protocol::Teredo => "teredo",
        Protocol::L2tp => "l2tp",
        Protocol::Lisp => "lisp-data",
        Protocol::EtherIp => "etherip",
        Protocol::Nsh => "nsh",
        Protocol::Tzsp => "tzsp",
        Protocol::Capwap => "capwap.data",
        _ => return None,
    })
}

/// Wireshark's names of what is no IP and not read.
fn ether_type_name(ether_type: u16) -> Option<&'static str> {
    Some(match ether_type {
        0x0806 => "arp",
        0x88cc => "lldp",
        0x888e => "eapol",
        0x8863 => "pppoed",
        0x9000 => "loop",
        _ => return None,
    })
}

/// Wireshark's names of transport protocols that are not read.
fn protocol_name(protocol: u8) -> Option<&'static str> {
    Some(match protocol {
        2 => "igmp",
        50 => "esp",
        89 => "ospf",
        103 => "pim",
        112 => "vrrp",
        132 => "sctp",
        _ => return None,
    })
}
