//! `sll`: the header of Linux cooked captures, both versions.

use mtlscope_dissect::packet::LinuxCooked;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

pub(super) static FIELDS: &[HeaderField<LinuxCooked>] = &[
    field("sll", Kind::Protocol, "The header of a Linux cooked capture.", |of, put| put(of.bytes())),
    field("sll.pkttype", DECIMAL, "To whom: 0 to us, 4 from us.", |of, put| {
        put(Value::Unsigned(of.header.packet_type.into()));
    }),
    field("sll.hatype", DECIMAL, "The kind of link: 1 is Ethernet.", |of, put| {
        put(Value::Unsigned(of.header.link.into()));
    }),
    field("sll.halen", DECIMAL, "The length of the sender's address.", |of, put| {
        put(Value::Unsigned(of.header.address_length.into()));
    }),
    field("sll.src.eth", Kind::Ethernet, "The sender's Ethernet address.", |of, put| {
        if of.header.address_length == 6 {
            let [a, b, c, d, e, f, ..] = of.header.address;
            put(Value::Ethernet([a, b, c, d, e, f]));
        }
    }),
    field(
        "sll.src.ipv4",
        Kind::Ipv4,
        "The sender's address, where the link has those of IPv4.",
        |of, put| {
            if of.header.address_length == 4 {
                let [a, b, c, d, ..] = of.header.address;
                put(Value::Ipv4([a, b, c, d].into()));
            }
        },
    ),
    field("sll.unused", Kind::Bytes, "Bytes behind the sender's address.", |of, put| {
        let used = usize::from(of.header.address_length);
        if let Some(unused) = of.header.address.get(used..).filter(|unused| !unused.is_empty()) {
            put(Value::Bytes(unused.into()));
        }
    }),
    field("sll.etype", Kind::Unsigned(Base::Hexadecimal(4)), "The EtherType of what follows.", |of, put| {
        if of.header.protocol >= 1536 {
            put(Value::Unsigned(of.header.protocol.into()));
        }
    }),
    field("sll.ifindex", DECIMAL, "The number of the interface.", |of, put| {
        if let Some(interface) = of.header.interface {
            put(Value::Unsigned(interface.into()));
        }
    }),
];
