//! `eth`: the Ethernet header. IEEE 802.3 clause 3.

use mtlscope_dissect::packet::Ethernet;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

/// The bit of an address that tells a group from one station.
const GROUP: u8 = 0x01;
/// The bit of an address that tells that its maker did not assign it.
const LOCAL: u8 = 0x02;

pub(super) static FIELDS: &[HeaderField<Ethernet>] = &[
    field("eth", Kind::Protocol, "The Ethernet header.", |of, put| put(of.bytes())),
    field("eth.dst", Kind::Ethernet, "The address of the receiver.", |of, put| {
        put(Value::Ethernet(of.header.destination));
    }),
    field("eth.src", Kind::Ethernet, "The address of the sender.", |of, put| {
        put(Value::Ethernet(of.header.source));
    }),
    field("eth.addr", Kind::Ethernet, "The address of the receiver, then the sender.", |of, put| {
        put(Value::Ethernet(of.header.destination));
        put(Value::Ethernet(of.header.source));
    }),
    field("eth.dst.oui", OUI, "Who made the receiver's interface.", |of, put| {
        put(oui(of.header.destination))
    }),
    field("eth.src.oui", OUI, "Who made the sender's interface.", |of, put| put(oui(of.header.source))),
    field("eth.addr.oui", OUI, "Who made the receiver's interface, then the sender's.", |of, put| {
        put(oui(of.header.destination));
        put(oui(of.header.source));
    }),
    field("eth.dst.lg", Kind::Boolean, "Whether the receiver's address was assigned locally.", |of, put| {
        put(bit(of.header.destination, LOCAL));
    }),
    field("eth.dst.ig", Kind::Boolean, "Whether the receiver's address is that of a group.", |of, put| {
        put(bit(of.header.destination, GROUP));
    }),
    field("eth.src.lg", Kind::Boolean, "Whether the sender's address was assigned locally.", |of, put| {
        put(bit(of.header.source, LOCAL));
    }),
    field("eth.src.ig", Kind::Boolean, "Whether the sender's address is that of a group.", |of, put| {
        put(bit(of.header.source, GROUP));
    }),
    field(
        "eth.lg",
        Kind::Boolean,
        "Whether the receiver's, then the sender's address is local.",
        |of, put| {
            put(bit(of.header.destination, LOCAL));
            put(bit(of.header.source, LOCAL));
        },
    ),
    field(
        "eth.ig",
        Kind::Boolean,
        "Whether the receiver's, then the sender's address is a group's.",
        |of, put| {
            put(bit(of.header.destination, GROUP));
            put(bit(of.header.source, GROUP));
        },
    ),
    field("eth.type", Kind::Unsigned(Base::Hexadecimal(4)), "The EtherType of what follows.", |of, put| {
        if of.header.type_or_length >= 1536 {
            put(Value::Unsigned(of.header.type_or_length.into()));
        }
    }),
    field(
        "eth.len",
        Kind::Unsigned(Base::Decimal),
        "The length of what follows, in place of a type.",
        |of, put| {
            if of.header.type_or_length <= 1500 {
                put(Value::Unsigned(of.header.type_or_length.into()));
            }
        },
    ),
];

const OUI: Kind = Kind::Unsigned(Base::Decimal);

fn oui([first, second, third, ..]: [u8; 6]) -> Value {
    Value::Unsigned(u64::from(first) << 16 | u64::from(second) << 8 | u64::from(third))
}

fn bit(address: [u8; 6], bit: u8) -> Value {
    Value::Boolean(address[0] & bit != 0)
}
