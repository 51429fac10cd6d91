//! `vlan`, `ieee8021ad`: VLAN tags. IEEE 802.1Q clause 9.

use mtlscope_dissect::packet::Vlan;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

/// Of a tag that 0x8100 announced, or one of the numbers that stood for it before.
pub(super) static FIELDS: &[HeaderField<Vlan>] = &[
    field("vlan", Kind::Protocol, "A VLAN tag.", |of, put| put(of.bytes())),
    field("vlan.priority", DECIMAL, "The priority of the frame.", |of, put| put(priority(of.header))),
    field("vlan.dei", Kind::Boolean, "Whether the frame may be dropped first.", |of, put| {
        put(eligible(of.header))
    }),
    field("vlan.id", DECIMAL, "The number of the VLAN.", |of, put| put(id(of.header))),
    field("vlan.etype", Kind::Unsigned(Base::Hexadecimal(4)), "The EtherType behind the tag.", |of, put| {
        if of.header.ether_type >= 1536 {
            put(Value::Unsigned(of.header.ether_type.into()));
        }
    }),
    field("vlan.len", DECIMAL, "The length behind the tag, in place of a type.", |of, put| {
        if of.header.ether_type < 1536 {
            put(Value::Unsigned(of.header.ether_type.into()));
        }
    }),
];

/// Of a tag that 0x88a8 announced.
pub(super) static PROVIDER_FIELDS: &[HeaderField<Vlan>] = &[
    field("ieee8021ad", Kind::Protocol, "A provider's VLAN tag.", |of, put| put(of.bytes())),
    field("ieee8021ad.priority", DECIMAL, "The priority of the frame.", |of, put| put(priority(of.header))),
    field("ieee8021ad.dei", DECIMAL, "Whether the frame may be dropped first.", |of, put| {
        put(Value::Unsigned(u64::from(of.header.tag >> 12 & 1)));
    }),
    field("ieee8021ad.id", DECIMAL, "The number of the provider's VLAN.", |of, put| put(id(of.header))),
];

fn priority(vlan: &Vlan) -> Value {
    Value::Unsigned(u64::from(vlan.tag >> 13))
}

fn eligible(vlan: &Vlan) -> Value {
    Value::Boolean(vlan.tag & 0x1000 != 0)
}

fn id(vlan: &Vlan) -> Value {
    Value::Unsigned(u64::from(vlan.tag & 0x0fff))
}
