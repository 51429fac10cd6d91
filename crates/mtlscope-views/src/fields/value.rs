//! The value of a field.

use std::net::{Ipv4Addr, Ipv6Addr};

use mtlscope_dissect::time::Timestamp;

/// A value, of the type that its field's [`super::Kind`] names.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// There, without a value.
    Present,
    /// Yes or no.
    Boolean(bool),
    /// A whole number; also the number of a frame.
    Unsigned(u64),
    /// A whole number with a sign.
    Signed(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text, as it stood on the wire: never to be written to a terminal raw.
    Text(Box<str>),
    /// Bytes; of a protocol, all that belongs to it.
    Bytes(Box<[u8]>),
    /// An Ethernet address.
    Ethernet([u8; 6]),
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address.
    Ipv6(Ipv6Addr),
    /// A moment.
    AbsoluteTime(Timestamp),
    /// Nanoseconds.
    RelativeTime(i64),
    /// An object identifier, dotted.
    Oid(Box<str>),
}
