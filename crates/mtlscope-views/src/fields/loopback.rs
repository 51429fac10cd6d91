//! `null`: the header of BSD loopback captures.

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

pub(super) static FIELDS: &[HeaderField<u32>] = &[
    field("null", Kind::Protocol, "The header of a BSD loopback capture.", |of, put| put(of.bytes())),
    field("null.family", Kind::Unsigned(Base::Decimal), "The address family of what follows.", |of, put| {
        put(Value::Unsigned((*of.header).into()));
    }),
];
