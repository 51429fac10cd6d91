//! `ipv6`: the IPv6 header and its extension headers. RFC 8200 sections 3 and 4.

use mtlscope_dissect::packet::{Ipv6, Ipv6Extension};

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

pub(super) static FIELDS: &[HeaderField<Ipv6>] = &[
    field("ipv6", Kind::Protocol, "The IPv6 header.", |of, put| put(of.bytes())),
    field("ipv6.version", DECIMAL, "The version of IP, always 6.", |_, put| put(Value::Unsigned(6))),
    field("ipv6.tclass", Kind::Unsigned(Base::Hexadecimal(8)), "The traffic class.", |of, put| {
        put(Value::Unsigned(of.header.traffic_class.into()));
    }),
    field("ipv6.tclass.dscp", DECIMAL, "The differentiated services codepoint.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.traffic_class >> 2)));
    }),
    field("ipv6.tclass.ecn", DECIMAL, "Explicit congestion notification.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.traffic_class & 3)));
    }),
    field("ipv6.flow", Kind::Unsigned(Base::Hexadecimal(6)), "The flow label.", |of, put| {
        put(Value::Unsigned(of.header.flow_label.into()));
    }),
    field("ipv6.plen", DECIMAL, "The length behind this header.", |of, put| {
        put(Value::Unsigned(of.header.payload_length.into()));
    }),
    field("ipv6.nxt", DECIMAL, "The protocol of the next header: 6 is TCP.", |of, put| {
        put(Value::Unsigned(of.header.next_header.into()));
    }),
    field("ipv6.hlim", DECIMAL, "The hop limit.", |of, put| put(Value::Unsigned(of.header.hop_limit.into()))),
    field("ipv6.src", Kind::Ipv6, "The address of the sender.", |of, put| put(Value::Ipv6(of.header.source))),
    field("ipv6.dst", Kind::Ipv6, "The address of the receiver.", |of, put| {
        put(Value::Ipv6(of.header.destination));
    }),
    field("ipv6.addr", Kind::Ipv6, "The address of the sender, then the receiver.", |of, put| {
        put(Value::Ipv6(of.header.source));
        put(Value::Ipv6(of.header.destination));
    }),
    field("ipv6.src_host", Kind::Text, "The address of the sender, as text.", |of, put| {
        put(Value::Text(of.header.source.to_string().into()));
    }),
    field("ipv6.dst_host", Kind::Text, "The address of the receiver, as text.", |of, put| {
        put(Value::Text(of.header.destination.to_string().into()));
    }),
    field("ipv6.host", Kind::Text, "The address of the sender, then the receiver, as text.", |of, put| {
        put(Value::Text(of.header.source.to_string().into()));
        put(Value::Text(of.header.destination.to_string().into()));
    }),
];

const HOP_BY_HOP: u8 = 0;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// Of extension headers.
pub(super) static EXTENSION_FIELDS: &[HeaderField<Ipv6Extension>] = &[
    field("ipv6.hopopts", Kind::Protocol, "The header of hop-by-hop options.", |of, put| {
        if of.header.kind == HOP_BY_HOP {
            put(of.bytes());
        }
    }),
    field("ipv6.hopopts.nxt", DECIMAL, "The protocol behind the hop-by-hop options.", |of, put| {
        if of.header.kind == HOP_BY_HOP {
            put(Value::Unsigned(of.header.next_header.into()));
        }
    }),
    field("ipv6.dstopts", Kind::Protocol, "The header of destination options.", |of, put| {
        if of.header.kind == DESTINATION {
            put(of.bytes());
        }
    }),
    field("ipv6.dstopts.nxt", DECIMAL, "The protocol behind the destination options.", |of, put| {
        if of.header.kind == DESTINATION {
            put(Value::Unsigned(of.header.next_header.into()));
        }
    }),
    field("ipv6.fraghdr", Kind::Protocol, "The header of a fragment.", |of, put| {
        if of.header.kind == FRAGMENT {
            put(of.bytes());
        }
    }),
    field("ipv6.fraghdr.nxt", DECIMAL, "The protocol of what is cut into fragments.", |of, put| {
        if of.header.kind == FRAGMENT {
            put(Value::Unsigned(of.header.next_header.into()));
        }
    }),
    field("ipv6.fraghdr.offset", DECIMAL, "Where a fragment belongs, in units of eight bytes.", |of, put| {
        if of.header.kind == FRAGMENT {
            put(Value::Unsigned(u64::from(offset_and_more(of.header) >> 3)));
        }
    }),
    field("ipv6.fraghdr.more", Kind::Boolean, "Whether more fragments follow.", |of, put| {
        if of.header.kind == FRAGMENT {
            put(Value::Boolean(offset_and_more(of.header) & 1 != 0));
        }
    }),
    field(
        "ipv6.fraghdr.ident",
        Kind::Unsigned(Base::Hexadecimal(8)),
        "Which packet a fragment belongs to.",
        |of, put| {
            if of.header.kind == FRAGMENT {
                let [_, _, _, _, a, b, c, d] = of.header.head;
                put(Value::Unsigned(u32::from_be_bytes([a, b, c, d]).into()));
            }
        },
    ),
];

fn offset_and_more(header: &Ipv6Extension) -> u16 {
    u16::from_be_bytes([header.head[2], header.head[3]])
}
