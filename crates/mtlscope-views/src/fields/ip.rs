//! `ip`: the IPv4 header. RFC 791 section 3.1.

use mtlscope_dissect::packet::Ipv4;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

pub(super) static FIELDS: &[HeaderField<Ipv4>] = &[
    field("ip", Kind::Protocol, "The IPv4 header.", |of, put| put(of.bytes())),
    field("ip.version", DECIMAL, "The version of IP: 4, or of an IPv6 header 6.", |_, put| {
        put(Value::Unsigned(4))
    }),
    field("ip.hdr_len", DECIMAL, "The length of the header in bytes.", |of, put| {
        put(Value::Unsigned(of.header.header_length.into()));
    }),
    field(
        "ip.dsfield",
        Kind::Unsigned(Base::Hexadecimal(2)),
        "Differentiated services and ECN.",
        |of, put| {
            put(Value::Unsigned(of.header.type_of_service.into()));
        },
    ),
    field("ip.dsfield.dscp", DECIMAL, "The differentiated services codepoint.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.type_of_service >> 2)));
    }),
    field("ip.dsfield.ecn", DECIMAL, "Explicit congestion notification.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.type_of_service & 3)));
    }),
    field("ip.len", DECIMAL, "The length of the packet with its header.", |of, put| {
        // Segmentation offload leaves it 0: then the packet reaches to the end of the frame.
        let place = &of.layer.place;
        let rest = || (of.packet.wire_length as usize).saturating_sub(place.start) as u64;
        put(Value::Unsigned(match of.header.total_length {
            0 if !place.is_empty() => rest(),
            length => length.into(),
        }));
    }),
    field("ip.id", Kind::Unsigned(Base::Hexadecimal(4)), "Which packet a fragment belongs to.", |of, put| {
        put(Value::Unsigned(of.header.identification.into()));
    }),
    field("ip.flags", Kind::Unsigned(Base::Hexadecimal(2)), "The three flags.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.flags_and_offset >> 13)));
    }),
    field("ip.flags.rb", Kind::Boolean, "The reserved flag.", |of, put| put(flag(of.header, 0x8000))),
    field("ip.flags.df", Kind::Boolean, "Whether it must not be cut into fragments.", |of, put| {
        put(flag(of.header, 0x4000));
    }),
    field("ip.flags.mf", Kind::Boolean, "Whether more fragments follow.", |of, put| {
        put(flag(of.header, 0x2000));
    }),
    field("ip.frag_offset", DECIMAL, "Where a fragment belongs, in bytes.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.flags_and_offset & 0x1fff) * 8));
    }),
    field("ip.ttl", DECIMAL, "Time to live.", |of, put| put(Value::Unsigned(of.header.time_to_live.into()))),
    field("ip.proto", DECIMAL, "The protocol inside: 6 is TCP.", |of, put| {
        put(Value::Unsigned(of.header.protocol.into()));
    }),
    field(
        "ip.checksum",
        Kind::Unsigned(Base::Hexadecimal(4)),
        "The checksum, which is not checked.",
        |of, put| {
            put(Value::Unsigned(of.header.checksum.into()));
        },
    ),
    field("ip.checksum.status", DECIMAL, "Always 2: not checked.", |_, put| put(Value::Unsigned(2))),
    field("ip.src", Kind::Ipv4, "The address of the sender.", |of, put| put(Value::Ipv4(of.header.source))),
    field("ip.dst", Kind::Ipv4, "The address of the receiver.", |of, put| {
        put(Value::Ipv4(of.header.destination));
    }),
    field("ip.addr", Kind::Ipv4, "The address of the sender, then the receiver.", |of, put| {
        put(Value::Ipv4(of.header.source));
        put(Value::Ipv4(of.header.destination));
    }),
    field("ip.src_host", Kind::Text, "The address of the sender, as text.", |of, put| {
        put(Value::Text(of.header.source.to_string().into()));
    }),
    field("ip.dst_host", Kind::Text, "The address of the receiver, as text.", |of, put| {
        put(Value::Text(of.header.destination.to_string().into()));
    }),
    field("ip.host", Kind::Text, "The address of the sender, then the receiver, as text.", |of, put| {
        put(Value::Text(of.header.source.to_string().into()));
        put(Value::Text(of.header.destination.to_string().into()));
    }),
];

fn flag(ip: &Ipv4, bit: u16) -> Value {
    Value::Boolean(ip.flags_and_offset & bit != 0)
}
