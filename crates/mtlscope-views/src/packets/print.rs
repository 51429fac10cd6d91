//! A value as `tshark -T fields` prints it.

use std::fmt::Write;

use mtlscope_dissect::reader::hex;
use mtlscope_dissect::time::{Timestamp, civil};

use crate::fields::{Base, Field, Kind, Value};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes a value of a field. Text is written as it is: whoever puts it before a person has to make it printable.
pub(super) fn value(field: &Field, value: &Value, out: &mut String) {
    // A string takes all that is written to it.
    let _ = match value {
        // Wireshark prints a 1 for what is there without a value.
        Value::Present => out.write_str("1"),
        Value::Boolean(value) => write!(out, "{}", u8::from(*value)),
        Value::Unsigned(number) => match field.kind {
            Kind::Unsigned(Base::Hexadecimal(digits)) => {
                write!(out, "0x{number:0digits$x}", digits = usize::from(digits))
            }
            _ => write!(out, "{number}"),
        },
        Value::Signed(number) => write!(out, "{number}"),
        Value::Float(number) => write!(out, "{number}"),
        Value::Text(text) => out.write_str(text),
        // A protocol is printed by its name.
        Value::Bytes(_) if field.kind == Kind::Protocol => out.write_str(field.name),
        // So does Wireshark say that bytes are there, but none.
        Value::Bytes(bytes) if bytes.is_empty() => out.write_str("<MISSING>"),
        Value::Bytes(bytes) => out.write_str(&hex(bytes)),
        Value::Ethernet([a, b, c, d, e, f]) => write!(out, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"),
        Value::Ipv4(address) => write!(out, "{address}"),
        Value::Ipv6(address) => write!(out, "{address}"),
        Value::AbsoluteTime(time) => moment(*time, out),
        Value::RelativeTime(nanoseconds) => seconds(*nanoseconds, out),
        Value::Oid(oid) => out.write_str(oid),
    };
}

/// `Aug  7, 2017 15:12:01.115234000 UTC`
fn moment(time: Timestamp, out: &mut String) -> std::fmt::Result {
    const DAY: i64 = 86_400;
    let (year, month, day) = civil(time.seconds().div_euclid(DAY));
    let second = time.seconds().rem_euclid(DAY);
    let month = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    write!(
        out,
        "{month} {day:2}, {year} {:02}:{:02}:{:02}.{:09} UTC",
        second / 3600,
        second / 60 % 60,
        second % 60,
        time.subsecond_nanoseconds()
    )
}

/// `-0.000242000`
pub(super) fn seconds(nanoseconds: i64, out: &mut String) -> std::fmt::Result {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let nanoseconds = nanoseconds.unsigned_abs();
    write!(out, "{sign}{}.{:09}", nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(kind: Kind, of: &Value) -> String {
        let mut out = String::new();
        value(&Field { name: "some.field", kind, about: "" }, of, &mut out);
        out
    }

    #[test]
    fn values_are_printed_as_tshark_does() {
        assert_eq!(printed(Kind::Unsigned(Base::Hexadecimal(4)), &Value::Unsigned(0x12)), "0x0012");
        assert_eq!(printed(Kind::Unsigned(Base::Decimal), &Value::Unsigned(443)), "443");
        assert_eq!(printed(Kind::Boolean, &Value::Boolean(true)), "1");
        assert_eq!(printed(Kind::Bytes, &Value::Bytes([0xab, 1].into())), "ab01");
        assert_eq!(printed(Kind::Bytes, &Value::Bytes([].into())), "<MISSING>");
        assert_eq!(printed(Kind::Protocol, &Value::Bytes([1].into())), "some.field");
        let address = Value::Ethernet([8, 0, 0x27, 0xd8, 0xca, 0x49]);
        assert_eq!(printed(Kind::Ethernet, &address), "08:00:27:d8:ca:49");
        let moment = Value::AbsoluteTime(Timestamp::from_parts(1_502_118_721, 115_234_000));
        assert_eq!(printed(Kind::AbsoluteTime, &moment), "Aug  7, 2017 15:12:01.115234000 UTC");
        assert_eq!(printed(Kind::RelativeTime, &Value::RelativeTime(-242_000)), "-0.000242000");
    }
}
