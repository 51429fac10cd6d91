//! How fields are declared that code calls by a name of its own, and what their values are told to.

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Oid;

use super::{Field, Kind, Occurrence, Value, Wanted};

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
pub(super) const HEX24: Kind = Kind::Unsigned(super::Base::Hexadecimal(6));

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

    /// Whether a field is wanted whose name begins with one of these.
    pub(super) fn wants_any(&self, prefixes: &[&str]) -> bool {
        match self.wanted {
            Wanted::All => true,
            Wanted::Only(names) => {
                names.iter().any(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            }
        }
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
        Kind::Oid => Value::Oid(Oid::from_content(bytes).to_string().into()),
        Kind::Signed => Value::Signed(signed(bytes)?),
        Kind::Float | Kind::Ethernet | Kind::RelativeTime => return None,
    })
}

/// Up to eight bytes, most significant first.
fn number(bytes: &[u8]) -> Option<u64> {
    let is_number = (1..=8).contains(&bytes.len());
    is_number.then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Up to eight bytes in two's complement.
fn signed(bytes: &[u8]) -> Option<i64> {
    let number = number(bytes)?;
    // One to eight, since it is a number.
    let bits = 64 - 8 * bytes.len();
    Some((number << bits).cast_signed() >> bits)
}

/// Text as Wireshark reads it: it ends before a zero, and what is no UTF-8 shows as U+FFFD.
fn text(bytes: &[u8]) -> Box<str> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_values_of_the_kind_asked_for() {
        assert_eq!(value(DECIMAL, &[1, 2]), Some(Value::Unsigned(258)));
        assert_eq!(value(Kind::Signed, &[0xff, 0xfe]), Some(Value::Signed(-2)));
        assert_eq!(value(Kind::Oid, &[0x55, 4, 3]), Some(Value::Oid("2.5.4.3".into())));
        for kind in [DECIMAL, Kind::Signed] {
            assert_eq!((value(kind, &[]), value(kind, &[0; 9])), (None, None));
        }
        assert_eq!(value(Kind::Text, b"a\xff\0b"), Some(Value::Text("a\u{fffd}".into())));
        assert_eq!(value(Kind::Ipv4, &[1, 2, 3]), None);
        let time = Value::AbsoluteTime(Timestamp::from_parts(1, 2_000_000));
        assert_eq!(value(Kind::AbsoluteTime, &1002_u64.to_be_bytes()), Some(time));
    }
}
