//! How fields are declared that code calls by a name of its own, and what their values are told to.

use super::{Field, Kind, Occurrence, Value, Wanted};
use mtlscope_dissect::time::Timestamp;

/// Declares fields, and the list of them.
macro_rules! fields {
    ($($NAME:ident = $name:literal, $kind:expr, $about:literal;)*) => {
        $(pub(in crate::fields) static $NAME: $crate::fields::Field =
            $crate::fields::Field { name: $name, kind: $kind, about: $about };)*

        /// The fields of this file.
        pub(in crate::fields) static FIELDS: &[&$crate::fields::Field] = &[$(&$NAME),*];
    };
}
pub(super) use fields;

pub(super) const DECIMAL: Kind = Kind::Unsigned(super::Base::Decimal);
pub(super) const HEX8: Kind = Kind::Unsigned(super::Base::Hexadecimal(2));
pub(super) const HEX16: Kind = Kind::Unsigned(super::Base::Hexadecimal(4));

/// Takes values, as far as they are wanted.
pub(super) struct Told<'a> {
    wanted: &'a Wanted,
    layer: u8,
    occurrences: &'a mut Vec<Occurrence>,
}

impl<'a> Told<'a> {
    /// Values that stand in this layer of their protocol.
    pub(super) fn new(wanted: &'a Wanted, layer: u8, occurrences: &'a mut Vec<Occurrence>) -> Self {
        Self { wanted, layer, occurrences }
    }

    /// Whether a value of any of these is wanted.
    pub(super) fn wants_any(&self, mut fields: impl Iterator<Item = &'static Field>) -> bool {
        fields.any(|field| self.wanted.wants(field))
    }

    /// One value.
    pub(super) fn put(&mut self, field: &'static Field, value: Value) {
        if self.wanted.wants(field) {
            self.occurrences.push(Occurrence { field, value, layer: self.layer });
        }
    }

    /// The value that these bytes are, if they can be one.
    pub(super) fn put_bytes(&mut self, field: &'static Field, bytes: &[u8]) {
        if self.wanted.wants(field)
            && let Some(value) = value(field.kind, bytes)
        {
            self.occurrences.push(Occurrence { field, value, layer: self.layer });
        }
    }

    /// A number.
    pub(super) fn put_number(&mut self, field: &'static Field, number: impl Into<u64>) {
        self.put(field, Value::Unsigned(number.into()));
    }

    /// That something is there.
    pub(super) fn put_label(&mut self, field: &'static Field) {
        self.put(field, Value::Present);
    }
}

/// What bytes on the wire are, taken for this kind.
fn value(kind: Kind, bytes: &[u8]) -> Option<Value> {
    Some(match kind {
        Kind::Label => Value::Present,
        Kind::Boolean => Value::Boolean(number(bytes)? != 0),
        Kind::Unsigned(_) | Kind::FrameNumber => Value::Unsigned(number(bytes)?),
        Kind::Text => Value::Text(text(bytes)),
        Kind::Protocol | Kind::Bytes => Value::Bytes(bytes.into()),
        Kind::Ipv4 => Value::Ipv4(<[u8; 4]>::try_from(bytes).ok()?.into()),
        Kind::Ipv6 => Value::Ipv6(<[u8; 16]>::try_from(bytes).ok()?.into()),
        // Seconds since 1970, or milliseconds where there are eight bytes of them.
        Kind::AbsoluteTime if bytes.len() == 8 => {
            let milliseconds = number(bytes)?;
            let seconds = i64::try_from(milliseconds / 1000).ok()?;
            Value::AbsoluteTime(Timestamp::from_parts(seconds, (milliseconds % 1000) as u32 * 1_000_000))
        }
        Kind::AbsoluteTime => {
            Value::AbsoluteTime(Timestamp::from_parts(i64::try_from(number(bytes)?).ok()?, 0))
        }
        Kind::Oid => Value::Oid(dotted(bytes)?.into()),
        Kind::Signed | Kind::Float | Kind::Ethernet | Kind::RelativeTime => return None,
    })
}

/// Up to eight bytes, most significant first.
fn number(bytes: &[u8]) -> Option<u64> {
    let is_number = (1..=8).contains(&bytes.len());
    is_number.then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Text as Wireshark reads it: it ends before a zero, and what is no UTF-8 shows as U+FFFD.
fn text(bytes: &[u8]) -> Box<str> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into()
}

/// An object identifier as it is written. ITU-T X.690 section 8.19.
pub(super) fn dotted(bytes: &[u8]) -> Option<String> {
    let mut arcs = String::new();
    let mut arc = 0_u64;
    for byte in bytes {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if arcs.is_empty() {
            let first = (arc / 40).min(2);
            arcs = format!("{first}.{}", arc - first * 40);
        } else {
            arcs.push('.');
            arcs.push_str(&arc.to_string());
        }
        arc = 0;
    }
    (!arcs.is_empty() && bytes.last().is_some_and(|last| last & 0x80 == 0)).then_some(arcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_values_of_the_kind_asked_for() {
        assert_eq!(value(DECIMAL, &[1, 2]), Some(Value::Unsigned(258)));
        assert_eq!(value(DECIMAL, &[]), None);
        assert_eq!(value(DECIMAL, &[0; 9]), None);
        assert_eq!(value(Kind::Text, b"a\xff\0b"), Some(Value::Text("a\u{fffd}".into())));
        assert_eq!(value(Kind::Ipv4, &[1, 2, 3]), None);
        let time = Value::AbsoluteTime(Timestamp::from_parts(1, 2_000_000));
        assert_eq!(value(Kind::AbsoluteTime, &1002_u64.to_be_bytes()), Some(time));
    }

    #[test]
    fn object_identifiers_are_dotted() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]).as_deref(), Some("1.2.840.113549"));
        assert_eq!(dotted(&[0x55, 4, 3]).as_deref(), Some("2.5.4.3"));
        assert_eq!(dotted(&[0x88, 0x37, 3]).as_deref(), Some("2.999.3"));
        for bad in [&[][..], &[0x2a, 0x86], &[0xff; 12]] {
            assert_eq!(dotted(bad), None);
        }
    }
}
