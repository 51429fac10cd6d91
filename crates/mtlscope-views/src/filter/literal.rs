//! What is written into a filter to compare with: numbers, text, bytes, addresses, times, by the type of the field.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::moment;
use super::named_values::{self, Named};
use super::program::Datum;
use super::syntax::ExpressionKind;
use crate::fields::{Field, Kind};

/// What a value is compared as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type {
    Integer,
    Boolean,
    Float,
    Text,
    Bytes,
    Ethernet,
    Ipv4,
    Ipv6,
    Moment,
    Span,
    Oid,
    Label,
}

impl Type {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Protocol | Kind::Bytes => Self::Bytes,
            Kind::Label => Self::Label,
            Kind::Boolean => Self::Boolean,
            Kind::Unsigned(_) | Kind::Signed | Kind::FrameNumber => Self::Integer,
            Kind::Float => Self::Float,
            Kind::Text => Self::Text,
            Kind::Ethernet => Self::Ethernet,
            Kind::Ipv4 => Self::Ipv4,
            Kind::Ipv6 => Self::Ipv6,
            Kind::AbsoluteTime => Self::Moment,
            Kind::RelativeTime => Self::Span,
            Kind::Oid => Self::Oid,
        }
    }

    /// What it is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Integer => "a number",
            Self::Boolean => "yes or no",
            Self::Float => "a number with a fraction",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Ethernet => "an Ethernet address",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Moment => "a moment",
            Self::Span => "a time in seconds",
            Self::Oid => "an object identifier",
            Self::Label => "a part of the packet without a value",
        }
    }

    pub(super) fn fits(self, other: Self) -> bool {
        let class = |one| match one {
            Self::Boolean => Self::Integer,
            Self::Ethernet => Self::Bytes,
            other => other,
        };
        class(self) == class(other)
    }
}

/// Reads what is written as a value of a type; of a field, whose numbers may have names. Fails with what would be right.
pub(super) fn read(
    written: &ExpressionKind,
    wanted: Type,
    field: Option<&'static Field>,
) -> Result<Datum<'static>, String> {
    let quoted_only = |what: &str| format!("{} is written without quotes: {what}", wanted.name());
    match (wanted, written) {
        (Type::Integer | Type::Boolean, ExpressionKind::Character(byte)) => {
            Ok(number(wanted, (*byte).into()))
        }
        (Type::Integer | Type::Boolean, ExpressionKind::Quoted(text)) => {
            named(&String::from_utf8_lossy(text), wanted, field)
        }
        (Type::Boolean, ExpressionKind::Word(word)) if matches!(word.as_str(), "True" | "TRUE") => {
            Ok(Datum::Integer(1))
        }
        (Type::Boolean, ExpressionKind::Word(word)) if matches!(word.as_str(), "False" | "FALSE") => {
            Ok(Datum::Integer(0))
        }
        (Type::Integer | Type::Boolean, ExpressionKind::Word(word)) => match integer(word) {
            Some(value) => Ok(number(wanted, value)),
            None => named(word, wanted, field),
        },
        (Type::Float, ExpressionKind::Word(word)) => {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Datum::Float).ok_or_else(|| format!("{word} is no number"))
        }
        (Type::Text | Type::Bytes, ExpressionKind::Quoted(text)) => Ok(bytes(text.clone())),
        (Type::Text | Type::Bytes, ExpressionKind::Character(byte)) => Ok(bytes(vec![*byte])),
        (Type::Text, ExpressionKind::Word(word)) => Ok(bytes(word.clone().into_bytes())),
        (Type::Bytes, ExpressionKind::Word(word)) => hex(word).map(bytes).ok_or_else(|| {
            format!("{word} is no byte string; bytes are written 16:03:01, text stands in double quotes")
        }),
        (Type::Ethernet, ExpressionKind::Word(word)) => match hex(word) {
            Some(address) if address.len() == 6 => Ok(bytes(address)),
            _ => Err(format!("{word} is no Ethernet address, which is six bytes: 00:00:5e:00:53:01")),
        },
        (Type::Ethernet, _) => Err(quoted_only("00:00:5e:00:53:01")),
        (Type::Ipv4, ExpressionKind::Word(word)) => ipv4(word),
        (Type::Ipv4, _) => Err(quoted_only("10.0.0.1, 10.0.0.0/8")),
        (Type::Ipv6, ExpressionKind::Word(word)) => ipv6(word),
        (Type::Ipv6, _) => Err(quoted_only("2001:db8::1, 2001:db8::/32")),
        (Type::Moment, ExpressionKind::Word(word)) => moment(word),
        (Type::Moment, ExpressionKind::Quoted(text)) => moment(&String::from_utf8_lossy(text)),
        (Type::Span, ExpressionKind::Word(word)) => {
            seconds(word).map(Datum::Integer).ok_or_else(|| format!("{word} is no number of seconds"))
        }
        (Type::Span, ExpressionKind::Quoted(_)) => Err(quoted_only("1.5")),
        (Type::Oid, ExpressionKind::Word(word)) => oid(word)
            .map(bytes)
            .ok_or_else(|| format!("{word} is no object identifier, such as 1.2.840.113549.1.1.11")),
        (Type::Oid, ExpressionKind::Quoted(_)) => Err(quoted_only("1.2.840.113549.1.1.11")),
        _ => Err(format!("{} is wanted here", wanted.name())),
    }
}

fn bytes(bytes: Vec<u8>) -> Datum<'static> {
    Datum::Bytes(Cow::Owned(bytes))
}

fn number(wanted: Type, value: i128) -> Datum<'static> {
    Datum::Integer(if wanted == Type::Boolean { i128::from(value != 0) } else { value })
}

fn named(name: &str, wanted: Type, field: Option<&'static Field>) -> Result<Datum<'static>, String> {
    match field.map(|field| (field, named_values::number(field, name))) {
        Some((_, Named::Number(value))) => Ok(Datum::Integer(value.into())),
        Some((field, Named::Unknown)) if wanted == Type::Boolean => {
            Err(format!("\"{name}\" is no value of {}, which is 1 or 0, True or False", field.name))
        }
        Some((field, Named::Unknown)) => Err(format!("\"{name}\" is the name of no value of {}", field.name)),
        _ => Err(format!("\"{name}\" is no number")),
    }
}

/// `443`, `0x1bb`, `0673`, `0b11`; without a sign, which is an operator.
fn integer(text: &str) -> Option<i128> {
    // An explicit mark of bytes makes no number.
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let number = if let Some(hex) = lower.strip_prefix("0x") {
        u64::from_str_radix(hex, 16)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        u64::from_str_radix(binary, 2)
    } else if let Some(octal) = lower.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        u64::from_str_radix(octal, 8)
    } else {
        lower.parse()
    };
    number.ok().filter(|_| !text.contains('+')).map(i128::from)
}

/// `16:03`, `16-03`, `16.03`, `1603`; a single byte also as `0x16` or with one digit.
fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix(':').unwrap_or(text);
    if let Some(one) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let byte = u8::from_str_radix(one, 16).ok().filter(|_| matches!(one.len(), 1 | 2));
        return byte.map(|byte| vec![byte]);
    }
    let parts: Vec<&str> = match [':', '-', '.'].into_iter().find(|sign| text.contains(*sign)) {
        Some(sign) => text.split(sign).collect(),
        None if text.len() <= 2 => vec![text],
        None => {
            let pairs = text.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap_or_default());
            if text.len() % 2 == 1 {
                return None;
            }
            pairs.collect()
        }
    };
    let all_hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts
        .into_iter()
        .map(|part| u8::from_str_radix(Some(part).filter(all_hex)?, 16).ok().filter(|_| part.len() <= 2))
        .collect()
}

fn ipv4(text: &str) -> Result<Datum<'static>, String> {
    let (address, prefix) = prefixed(text, 32)?;
    match address.parse::<Ipv4Addr>() {
        Ok(address) => Ok(Datum::Address { bits: u32::from(address).into(), width: 32, prefix }),
        Err(_) => Err(format!("{address} is no IPv4 address; names are not looked up")),
    }
}

fn ipv6(text: &str) -> Result<Datum<'static>, String> {
    let (address, prefix) = prefixed(text, 128)?;
    match address.parse::<Ipv6Addr>() {
        Ok(address) => Ok(Datum::Address { bits: address.into(), width: 128, prefix }),
        Err(_) => Err(format!("{address} is no IPv6 address; names are not looked up")),
    }
}

fn prefixed(text: &str, width: u8) -> Result<(&str, u8), String> {
    let Some((address, prefix)) = text.split_once('/') else { return Ok((text, width)) };
    match prefix.parse() {
        Ok(prefix) if prefix <= width => Ok((address, prefix)),
        _ => Err(format!("a prefix has at most {width} bits, not {prefix}")),
    }
}

fn moment(text: &str) -> Result<Datum<'static>, String> {
    moment::parse(text).map(Datum::Integer).ok_or_else(|| {
        format!("\"{text}\" is no moment, such as \"2026-11-22 12:00:00\" or \"Nov 22, 2026 12:00:00.5\"")
    })
}

/// Seconds in nanoseconds.
fn seconds(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanoseconds: i128 = format!("{:0<9}", fraction.get(..fraction.len().min(9))?).parse().ok()?;
    Some(whole.parse::<i64>().ok().map(i128::from)? * 1_000_000_000 + nanoseconds)
}

/// An object identifier as it is encoded (X.690 section 8.19).
pub(super) fn oid(dotted: &str) -> Option<Vec<u8>> {
    let arcs: Option<Vec<u64>> = dotted
        .split('.')
        .map(|arc| Some(arc).filter(|arc| !arc.starts_with('+')).and_then(|arc| arc.parse().ok()))
        .collect();
    let arcs = arcs?;
    let [first @ 0..=2, second, rest @ ..] = &arcs[..] else { return None };
    if *first < 2 && *second > 39 {
        return None;
    }
    let mut encoded = Vec::with_capacity(arcs.len() + 2);
    for arc in std::iter::once(&first.checked_mul(40)?.checked_add(*second)?).chain(rest) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let more = if group > 0 { 0x80 } else { 0 };
            encoded.push(((arc >> (7 * group)) & 0x7f) as u8 | more);
        }
    }
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_notations() {
        for (text, number) in
            [("443", 443), ("0x1BB", 443), ("0X1bb", 443), ("0673", 443), ("0b110111011", 443), ("0", 0)]
        {
            assert_eq!(integer(text), Some(number), "{text}");
        }
        for text in ["08", "1e3", "443.0", "0x", "", "+4", "0x+4", "ff", "99999999999999999999"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_have_three_signs_or_none() {
        for text in ["16:03:0a", "16-03-0a", "16.03.0A", "16030a", ":16030a"] {
            assert_eq!(hex(text), Some(vec![0x16, 3, 10]), "{text}");
        }
        assert_eq!(hex("0x16"), Some(vec![0x16]));
        assert_eq!(hex("0"), Some(vec![0]));
        assert_eq!(hex("0.1.2.d"), Some(vec![0, 1, 2, 13]));
        for text in ["0x1603", "160", "16:", "16:033", "xyz", "", "+1:02", "16:03-01"] {
            assert_eq!(hex(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_read_to_the_nanosecond() {
        assert_eq!(seconds("1.5"), Some(1_500_000_000));
        assert_eq!(seconds("10"), Some(10_000_000_000));
        assert_eq!(seconds("0.0000000019"), Some(1));
        for text in ["", ".5", "5.", "1e3", "-1", "1.5.0"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn identifiers_are_encoded_as_in_certificates() {
        assert_eq!(
            oid("1.2.840.113549.1.1.11"),
            Some(vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b])
        );
        assert_eq!(oid("2.5.4.3"), Some(vec![0x55, 4, 3]));
        assert_eq!(oid("2.999"), Some(vec![0x88, 0x37]));
        for text in ["", "1", "3.1", "1.40", "1.2.", "1.2.x", "1.+2", "1.2.99999999999999999999"] {
            assert_eq!(oid(text), None, "{text}");
        }
    }
}
