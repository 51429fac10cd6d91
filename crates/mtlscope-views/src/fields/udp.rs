//! `udp`: the UDP header. RFC 768.

use mtlscope_dissect::packet::Udp;

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

pub(super) static FIELDS: &[HeaderField<Udp>] = &[
    field("udp", Kind::Protocol, "The UDP header.", |of, put| put(of.bytes())),
    field("udp.srcport", DECIMAL, "The port of the sender.", |of, put| {
        put(Value::Unsigned(of.header.source_port.into()));
    }),
    field("udp.dstport", DECIMAL, "The port of the receiver.", |of, put| {
        put(Value::Unsigned(of.header.destination_port.into()));
    }),
    field("udp.port", DECIMAL, "The port of the sender, then the receiver.", |of, put| {
        put(Value::Unsigned(of.header.source_port.into()));
        put(Value::Unsigned(of.header.destination_port.into()));
    }),
    field("udp.length", DECIMAL, "The length with the header.", |of, put| {
        put(Value::Unsigned(of.header.length.into()));
    }),
    field(
        "udp.checksum",
        Kind::Unsigned(Base::Hexadecimal(4)),
        "The checksum, which is not checked.",
        |of, put| {
            put(Value::Unsigned(of.header.checksum.into()));
        },
    ),
    field("udp.stream", DECIMAL, "The number of the pair of ends, from 0.", |of, put| {
        put(Value::Unsigned(of.header.stream.into()));
    }),
];
