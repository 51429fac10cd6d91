//! `frame`: what is known of a packet before any header is read.

use mtlscope_dissect::packet::{Header, Packet};
use mtlscope_dissect::time::Timestamp;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

/// A packet among those before it.
pub(super) struct InCapture {
    /// When the first of the capture came.
    pub(super) first: Timestamp,
    /// When the one before came.
    pub(super) previous: Timestamp,
    /// When the last one before came that was shown.
    pub(super) displayed: Timestamp,
    /// What it carries, outermost first.
    pub(super) protocols: String,
}

pub(super) static FIELDS: &[HeaderField<InCapture>] = &[
    field("frame", Kind::Protocol, "The whole packet.", |of, put| {
        put(Value::Bytes(of.packet.bytes.clone()));
    }),
    field(
        "frame.encap_type",
        Kind::Signed,
        "The kind of the outermost header, in Wireshark's numbers.",
        |of, put| {
            if let Some(number) = encapsulation(of.packet.link_type.0) {
                put(Value::Signed(number));
            }
        },
    ),
    field("frame.time", Kind::AbsoluteTime, "When it was captured.", |of, put| {
        put(Value::AbsoluteTime(of.packet.time));
    }),
    field(
        "frame.time_epoch",
        Kind::RelativeTime,
        "When it was captured, in seconds since 1970.",
        |of, put| {
            put(Value::RelativeTime(of.packet.time.nanoseconds()));
        },
    ),
    field("frame.time_delta", Kind::RelativeTime, "Time since the frame before.", |of, put| {
        put(Value::RelativeTime(of.packet.time - of.header.previous));
    }),
    field(
        "frame.time_delta_displayed",
        Kind::RelativeTime,
        "Time since the frame shown before.",
        |of, put| {
            put(Value::RelativeTime(of.packet.time - of.header.displayed));
        },
    ),
    field("frame.time_relative", Kind::RelativeTime, "Time since the first frame.", |of, put| {
        put(Value::RelativeTime(of.packet.time - of.header.first));
    }),
    field("frame.offset_shift", Kind::RelativeTime, "Always 0: times are not shifted.", |_, put| {
        put(Value::RelativeTime(0));
    }),
    field("frame.number", DECIMAL, "Its number in the capture, from 1.", |of, put| {
        put(Value::Unsigned(of.packet.number.get()));
    }),
    field("frame.len", DECIMAL, "Its length on the wire.", |of, put| {
        put(Value::Unsigned(of.packet.wire_length.into()));
    }),
    field("frame.cap_len", DECIMAL, "How much of it was captured.", |of, put| {
        put(Value::Unsigned(of.packet.bytes.len() as u64));
    }),
    field("frame.marked", Kind::Boolean, "Always 0: nobody marks frames here.", |_, put| {
        put(Value::Boolean(false))
    }),
    field("frame.ignored", Kind::Boolean, "Always 0: no frame is ignored.", |_, put| {
        put(Value::Boolean(false))
    }),
    field("frame.protocols", Kind::Text, "What it carries, outermost first.", |of, put| {
        put(Value::Text(of.header.protocols.as_str().into()));
    }),
];

/// Wireshark's number of a link type.
fn encapsulation(link_type: u16) -> Option<i64> {
    Some(match link_type {
        1 => 1,
        9 => 4,
        12 | 14 | 101 => 7,
        0 | 108 => 15,
        105 => 20,
        113 => 25,
        119 => 21,
        127 => 23,
        228 => 129,
        229 => 130,
        276 => 210,
        _ => return None,
    })
}

/// The names of the protocols of a packet as far as its headers go, as Wireshark joins them: `eth:ethertype:ip:tcp`.
pub(super) fn protocols(packet: &Packet) -> String {
    let mut names: Vec<&str> = Vec::new();
    for layer in &packet.layers {
        match &layer.header {
            Header::Ethernet(header) if header.type_or_length < 1536 => names.push("eth"),
            Header::Ethernet(_) => names.extend(["eth", "ethertype"]),
            Header::Vlan(tag) => {
                names.push(if tag.protocol == 0x88a8 { "ieee8021ad" } else { "vlan" });
                names.push("ethertype");
            }
            Header::LinuxCooked(_) => names.extend(["sll", "ethertype"]),
            Header::Loopback(_) => names.push("null"),
            Header::RawIp => names.push("raw"),
            Header::Ipv4(_) => names.push("ip"),
            Header::Ipv6(_) => names.push("ipv6"),
            Header::Ipv6Extension(extension) => names.push(match extension.kind {
                0 => "ipv6.hopopts",
                43 => "ipv6.routing",
                44 => "ipv6.fraghdr",
                51 => "ah",
                135 => "mipv6",
                _ => "ipv6.dstopts",
            }),
            Header::Tcp(_) => names.push("tcp"),
            Header::Udp(_) => names.push("udp"),
            Header::Other(name) => names.push(name),
            _ => {}
        }
    }
    names.join(":")
}
