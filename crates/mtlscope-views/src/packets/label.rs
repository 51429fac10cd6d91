//! How Wireshark sums up a header in one line: what `-T fields -e ip` prints.

use mtlscope_dissect::packet::{Header, Packet, Tcp};

use super::print::value as print;
use crate::fields::{Field, Kind, Value};

/// The labels of the headers of this protocol in a packet; `None` where Wireshark has none but the name.
pub(super) fn labels(protocol: &Field, packet: &Packet) -> Option<Vec<String>> {
    let labels = |of: fn(&Header) -> Option<String>| {
        Some(packet.layers.iter().filter_map(|layer| of(&layer.header)).collect())
    };
    match protocol.name {
        "frame" => Some(vec![format!(
            "Frame {}: {} bytes on wire ({} bits), {} bytes captured ({} bits)",
            packet.number,
            packet.wire_length,
            u64::from(packet.wire_length) * 8,
            packet.bytes.len(),
            packet.bytes.len() * 8,
        )]),
        "eth" => labels(|header| match header {
            Header::Ethernet(header) => {
                let kind =
                    if header.type_or_length < 1536 { "IEEE 802.3 Ethernet " } else { "Ethernet II, Src: " };
                let mut label = kind.to_owned();
                if header.type_or_length >= 1536 {
                    address(header.source, &mut label);
                    label.push_str(", Dst: ");
                    address(header.destination, &mut label);
                }
                Some(label)
            }
            _ => None,
        }),
        "vlan" => labels(|header| match header {
            Header::Vlan(vlan) if vlan.protocol != 0x88a8 => Some(format!(
                "802.1Q Virtual LAN, PRI: {}, DEI: {}, ID: {}",
                vlan.tag >> 13,
                vlan.tag >> 12 & 1,
                vlan.tag & 0x0fff
            )),
            _ => None,
        }),
        "ieee8021ad" => labels(|header| match header {
            Header::Vlan(vlan) if vlan.protocol == 0x88a8 => {
                Some(format!("IEEE 802.1ad, ID: {}", vlan.tag & 0x0fff))
            }
            _ => None,
        }),
        "sll" => labels(|header| match header {
            Header::LinuxCooked(header) => Some(format!("Linux cooked capture v{}", header.version)),
            _ => None,
        }),
        "ip" => labels(|header| match header {
            Header::Ipv4(header) => Some(format!(
                "Internet Protocol Version 4, Src: {}, Dst: {}",
                header.source, header.destination
            )),
            _ => None,
        }),
        "ipv6" => labels(|header| match header {
            Header::Ipv6(header) => Some(format!(
                "Internet Protocol Version 6, Src: {}, Dst: {}",
                header.source, header.destination
            )),
            _ => None,
        }),
        "tcp" => labels(|header| match header {
            Header::Tcp(tcp) if tcp.is_quoted => Some(format!(
                "Transmission Control Protocol, Src Port: {}, Dst Port: {}",
                tcp.source_port, tcp.destination_port
            )),
            Header::Tcp(tcp) => {
                let ack = match tcp.has(Tcp::ACK) {
                    true => format!(", Ack: {}", tcp.relative_acknowledgment_number),
                    false => String::new(),
                };
                Some(format!(
                    "Transmission Control Protocol, Src Port: {}, Dst Port: {}, Seq: {}{ack}, Len: {}",
                    tcp.source_port, tcp.destination_port, tcp.relative_sequence_number, tcp.payload_length
                ))
            }
            _ => None,
        }),
        "udp" => labels(|header| match header {
            Header::Udp(udp) => Some(format!(
                "User Datagram Protocol, Src Port: {}, Dst Port: {}",
                udp.source_port, udp.destination_port
            )),
            _ => None,
        }),
        _ => None,
    }
}

/// Writes an Ethernet address.
pub(super) fn address(bytes: [u8; 6], out: &mut String) {
    static ADDRESS: Field = Field { name: "", kind: Kind::Ethernet, about: "" };
    print(&ADDRESS, &Value::Ethernet(bytes), out);
}
