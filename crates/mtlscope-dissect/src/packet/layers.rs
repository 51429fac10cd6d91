//! The headers of one packet, from the link to the transport.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::input::Frame;

use super::{Ethernet, Header, Ipv4, Ipv6, Ipv6Extension, Layer, LinuxCooked, Tcp, Udp, Vlan, WindowScale};

/// Headers read of one packet; behind them it is taken for content.
const LAYERS: usize = 32;

/// What was read of a packet.
#[derive(Default)]
pub(super) struct Read {
    pub(super) layers: Vec<Layer>,
    /// The addresses between which a transport header travels, by where the header begins.
    pub(super) ends: BTreeMap<usize, (IpAddr, IpAddr)>,
}

/// What stands next.
#[derive(Clone, Copy)]
enum Next {
    EtherType(u16),
    Ip,
    /// A protocol number of IP, and between whom.
    Protocol(u8, IpAddr, IpAddr),
    Nothing,
}

/// The bytes that are left, and where they stand.
#[derive(Clone, Copy)]
struct Rest<'a> {
    bytes: &'a [u8],
    start: usize,
    /// How many bytes there were on the wire.
    wire_length: usize,
}

pub(super) fn read(frame: &Frame<'_>) -> Read {
    let mut read = Read::default();
    let mut rest = Rest { bytes: frame.bytes, start: 0, wire_length: frame.wire_length as usize };
    let mut next = match frame.link_type.0 {
        1 => read.ethernet(&mut rest),
        0 | 108 => read.loopback(&mut rest, frame.link_type.0),
        12 | 14 | 101 | 228 | 229 => {
            read.push(Header::RawIp, rest.start, 0);
            Next::Ip
        }
        113 => read.linux_cooked_v1(&mut rest),
        276 => read.linux_cooked_v2(&mut rest),
        _ => Next::Nothing,
    };
    while read.layers.len() < LAYERS {
        next = match next {
            Next::EtherType(ether_type) => read.by_ether_type(ether_type, &mut rest),
            Next::Ip => read.ip(&mut rest),
            Next::Protocol(protocol, source, destination) => {
                read.by_protocol(protocol, source, destination, &mut rest)
            }
            Next::Nothing => break,
        };
    }
    read
}

impl Rest<'_> {
    /// Steps over a header.
    fn step(&mut self, length: usize) {
        let length = length.min(self.bytes.len());
        self.bytes = &self.bytes[length..];
        self.start += length;
        self.wire_length = self.wire_length.saturating_sub(length);
    }

    /// What stands behind so many bytes does not belong to the packet.
    fn cut(&mut self, length: usize) {
        self.bytes = &self.bytes[..self.bytes.len().min(length)];
        self.wire_length = length;
    }
}

impl Read {
    fn push(&mut self, header: Header, start: usize, length: usize) {
        self.layers.push(Layer { header, place: start..start + length });
    }

    fn ethernet(&mut self, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<14>() else { return Next::Nothing };
        let type_or_length = u16::from_be_bytes([header[12], header[13]]);
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, ..] = *header;
        let ethernet = Ethernet {
            destination: [d0, d1, d2, d3, d4, d5],
            source: [s0, s1, s2, s3, s4, s5],
            type_or_length,
        };
        self.push(Header::Ethernet(ethernet), rest.start, 14);
        rest.step(14);
        if type_or_length < 1536 {
            self.push(Header::Other("llc"), rest.start, 0);
            return Next::Nothing;
        }
        Next::EtherType(type_or_length)
    }

    fn loopback(&mut self, rest: &mut Rest<'_>, link_type: u16) -> Next {
        let Some(header) = rest.bytes.first_chunk::<4>() else { return Next::Nothing };
        // The family of most systems is small: in the wrong order its number would be huge.
        let little = u32::from_le_bytes(*header);
        let family = if link_type == 108 || little > 0xffff { u32::from_be_bytes(*header) } else { little };
        self.push(Header::Loopback(family), rest.start, 4);
        rest.step(4);
        Next::Ip
    }

    fn linux_cooked_v1(&mut self, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<16>() else { return Next::Nothing };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let [_, _, _, _, _, _, address @ .., _, _] = *header;
        let cooked = LinuxCooked {
            version: 1,
            packet_type: number(0),
            link: number(2),
            address_length: number(4),
            address,
            protocol: number(14),
            interface: None,
        };
        self.push(Header::LinuxCooked(cooked), rest.start, 16);
        rest.step(16);
        Next::EtherType(cooked.protocol)
    }

    fn linux_cooked_v2(&mut self, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<20>() else { return Next::Nothing };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let [_, _, _, _, _, _, _, _, _, _, _, _, address @ ..] = *header;
        let cooked = LinuxCooked {
            version: 2,
            packet_type: u16::from(header[10]),
            link: number(8),
            address_length: u16::from(header[11]),
            address,
            protocol: number(0),
            interface: Some(u32::from_be_bytes([header[4], header[5], header[6], header[7]])),
        };
        self.push(Header::LinuxCooked(cooked), rest.start, 20);
        rest.step(20);
        Next::EtherType(cooked.protocol)
    }

    fn by_ether_type(&mut self, ether_type: u16, rest: &mut Rest<'_>) -> Next {
        match ether_type {
            0x0800 | 0x86dd => Next::Ip,
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => self.vlan(ether_type, rest),
            _ => {
                if let Some(name) = ether_type_name(ether_type) {
                    self.push(Header::Other(name), rest.start, 0);
                }
                Next::Nothing
            }
        }
    }

    fn vlan(&mut self, protocol: u16, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<4>() else { return Next::Nothing };
        let tag = u16::from_be_bytes([header[0], header[1]]);
        let ether_type = u16::from_be_bytes([header[2], header[3]]);
        self.push(Header::Vlan(Vlan { protocol, tag, ether_type }), rest.start, 4);
        rest.step(4);
        Next::EtherType(ether_type)
    }

    fn ip(&mut self, rest: &mut Rest<'_>) -> Next {
        match rest.bytes.first() {
            Some(first) if first >> 4 == 4 => self.ipv4(rest),
            Some(first) if first >> 4 == 6 => self.ipv6(rest),
            _ => Next::Nothing,
        }
    }

    fn ipv4(&mut self, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<20>() else { return Next::Nothing };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let header_length = (header[0] & 15) * 4;
        let length = usize::from(header_length);
        if length < 20 {
            return Next::Nothing;
        }
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
        self.push(Header::Ipv4(ipv4), rest.start, length);
        match usize::from(ipv4.total_length) {
            // Segmentation offload: the sender's kernel hands down more than the field can say and leaves it 0.
            0 => {}
            total if total < length => return Next::Nothing,
            total => rest.cut(total),
        }
        rest.step(length);
        if ipv4.flags_and_offset & 0x3fff != 0 {
            return Next::Nothing;
        }
        Next::Protocol(ipv4.protocol, ipv4.source.into(), ipv4.destination.into())
    }

    fn ipv6(&mut self, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<40>() else { return Next::Nothing };
        let words = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
        let address = |at: usize| {
            let mut octets = [0; 16];
            octets.copy_from_slice(&header[at..at + 16]);
            octets.into()
        };
        let ipv6 = Ipv6 {
            traffic_class: (words >> 20) as u8,
            flow_label: words & 0xf_ffff,
            payload_length: u16::from_be_bytes([header[4], header[5]]),
            next_header: header[6],
            hop_limit: header[7],
            source: address(8),
            destination: address(24),
        };
        self.push(Header::Ipv6(ipv6), rest.start, 40);
        rest.step(40);
        if ipv6.payload_length != 0 {
            rest.cut(usize::from(ipv6.payload_length));
        }
        Next::Protocol(ipv6.next_header, ipv6.source.into(), ipv6.destination.into())
    }

    fn by_protocol(
        &mut self,
        protocol: u8,
        source: IpAddr,
        destination: IpAddr,
        rest: &mut Rest<'_>,
    ) -> Next {
        match protocol {
            6 => self.tcp(source, destination, rest),
            17 => self.udp(source, destination, rest),
            0 | 43 | 44 | 51 | 60 | 135 if source.is_ipv6() => {
                self.ipv6_extension(protocol, source, destination, rest)
            }
            _ => {
                if let Some(name) = protocol_name(protocol, source.is_ipv6()) {
                    self.push(Header::Other(name), rest.start, 0);
                }
                Next::Nothing
            }
        }
    }

    fn ipv6_extension(&mut self, kind: u8, source: IpAddr, destination: IpAddr, rest: &mut Rest<'_>) -> Next {
        const FRAGMENT: u8 = 44;
        const AUTHENTICATION: u8 = 51;
        let Some(head) = rest.bytes.first_chunk::<8>().copied() else { return Next::Nothing };
        let length = match kind {
            FRAGMENT => 8,
            // RFC 4302 section 2.2: units of four bytes, less two.
            AUTHENTICATION => (usize::from(head[1]) + 2) * 4,
            _ => (usize::from(head[1]) + 1) * 8,
        };
        let extension = Ipv6Extension { kind, next_header: head[0], head };
        self.push(Header::Ipv6Extension(extension), rest.start, length.min(rest.bytes.len()));
        rest.step(length);
        if kind == FRAGMENT && u16::from_be_bytes([head[2], head[3]]) & 0xfff9 != 0 {
            return Next::Nothing;
        }
        Next::Protocol(head[0], source, destination)
    }

    fn tcp(&mut self, source: IpAddr, destination: IpAddr, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<20>() else { return Next::Nothing };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let long =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let header_length = (header[12] >> 4) * 4;
        let length = usize::from(header_length);
        if length < 20 {
            return Next::Nothing;
        }
        let options = rest.bytes.get(20..length.min(rest.bytes.len())).unwrap_or(&[]);
        let tcp = Tcp {
            source_port: number(0),
            destination_port: number(2),
            stream: 0,
            sequence_number: long(4),
            acknowledgment_number: long(8),
            relative_sequence_number: 0,
            relative_acknowledgment_number: 0,
            header_length,
            flags: number(12) & 0x0fff,
            window: number(14),
            window_scale: WindowScale::Unknown,
            checksum: number(16),
            urgent_pointer: number(18),
            options: options.into(),
            payload: rest.bytes.get(length..).unwrap_or(&[]).into(),
            payload_length: rest.wire_length.saturating_sub(length) as u32,
            since_first: 0,
            since_last: 0,
        };
        self.ends.insert(rest.start, (source, destination));
        self.push(Header::Tcp(Box::new(tcp)), rest.start, length.min(rest.bytes.len()));
        Next::Nothing
    }

    fn udp(&mut self, source: IpAddr, destination: IpAddr, rest: &mut Rest<'_>) -> Next {
        let Some(header) = rest.bytes.first_chunk::<8>() else { return Next::Nothing };
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let udp = Udp {
            source_port: number(0),
            destination_port: number(2),
            length: number(4),
            checksum: number(6),
            stream: 0,
        };
        self.ends.insert(rest.start, (source, destination));
        self.push(Header::Udp(udp), rest.start, 8);
        rest.step(8);
        Next::Nothing
    }
}

/// Wireshark's names of what is no IP.
fn ether_type_name(ether_type: u16) -> Option<&'static str> {
    Some(match ether_type {
        0x0806 => "arp",
        0x88cc => "lldp",
        0x888e => "eapol",
        0x8847 => "mpls",
        0x8863 => "pppoed",
        0x8864 => "pppoes",
        0x9000 => "loop",
        _ => return None,
    })
}

/// Wireshark's names of transport protocols that are not read.
fn protocol_name(protocol: u8, over_ipv6: bool) -> Option<&'static str> {
    Some(match protocol {
        1 if !over_ipv6 => "icmp",
        58 if over_ipv6 => "icmpv6",
        2 => "igmp",
        47 => "gre",
        50 => "esp",
        89 => "ospf",
        103 => "pim",
        112 => "vrrp",
        132 => "sctp",
        _ => return None,
    })
}
