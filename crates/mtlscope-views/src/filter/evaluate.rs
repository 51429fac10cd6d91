//! Whether a filter holds of a frame: of all the values its fields have there.
//!
//! As in Wireshark, a question about a field that is not there is answered with no, also by `!=`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;

use super::program::{Datum, Leaf, Operand, Reference, Test};
use super::slice;
use super::syntax::{Comparison, Operator, Quantifier};
use crate::fields::{Occurrence, Value};

/// Whether a test holds of what occurs in a frame.
pub(super) fn holds(test: &Test, occurrences: &[Occurrence]) -> bool {
    holds_with(test, &mut |leaf| leaf_holds(leaf, occurrences))
}

/// Whether a test holds where its questions are answered so.
pub(super) fn holds_with(test: &Test, answer: &mut dyn FnMut(&Leaf) -> bool) -> bool {
    match test {
        Test::Or(tests) => tests.iter().any(|test| holds_with(test, answer)),
        Test::And(tests) => tests.iter().all(|test| holds_with(test, answer)),
        Test::Xor(tests) => tests.iter().filter(|test| holds_with(test, answer)).count() % 2 == 1,
        Test::Not(test) => !holds_with(test, answer),
        Test::Leaf(leaf) => answer(leaf),
    }
}

/// Whether one question is answered with yes.
pub(super) fn leaf_holds(leaf: &Leaf, occurrences: &[Occurrence]) -> bool {
    match leaf {
        Leaf::Exists(reference) => occurs(reference, occurrences).next().is_some(),
        Leaf::NotZero(operand) => {
            values(operand, occurrences).is_some_and(|values| values.iter().any(|value| !value.is_zero()))
        }
        Leaf::Compare { comparison, quantifier, left, right } => {
            pairs(*quantifier, left, right, occurrences, |left, right| compares(*comparison, left, right))
        }
        Leaf::Contains { quantifier, left, right } => {
            pairs(*quantifier, left, right, occurrences, |left, right| {
                contains(&left.bytes(), &right.bytes())
            })
        }
        Leaf::Matches { quantifier, left, pattern } => {
            let Some(values) = values(left, occurrences) else { return false };
            of(*quantifier, &values, |value| pattern.is_match(&value.bytes()))
        }
        Leaf::Member { quantifier, left, elements } => {
            let Some(values) = values(left, occurrences) else { return false };
            of(*quantifier, &values, |value| {
                elements.iter().any(|element| is_member(value, element, occurrences))
            })
        }
    }
}

fn of(quantifier: Quantifier, values: &[Datum<'_>], holds: impl FnMut(&Datum<'_>) -> bool) -> bool {
    match quantifier {
        Quantifier::Any => values.iter().any(holds),
        Quantifier::All => values.iter().all(holds),
    }
}

/// Whether something holds of any or all pairs of values.
fn pairs(
    quantifier: Quantifier,
    left: &Operand,
    right: &Operand,
    occurrences: &[Occurrence],
    holds: impl Fn(&Datum<'_>, &Datum<'_>) -> bool,
) -> bool {
    // By far the most are a field and a constant, which need no lists.
    if let (Operand::Field(reference), Operand::Constant(constant)) = (left, right) {
        let mut values = occurs(reference, occurrences).map(|occurrence| datum(&occurrence.value)).peekable();
        return values.peek().is_some()
            && match quantifier {
                Quantifier::Any => values.any(|value| holds(&value, constant)),
                Quantifier::All => values.all(|value| holds(&value, constant)),
            };
    }
    let (Some(lefts), Some(rights)) = (values(left, occurrences), values(right, occurrences)) else {
        return false;
    };
    of(quantifier, &lefts, |left| of(quantifier, &rights, |right| holds(left, right)))
}

fn compares(comparison: Comparison, left: &Datum<'_>, right: &Datum<'_>) -> bool {
    let Some(order) = left.order(right) else { return comparison == Comparison::NotEqual };
    match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    }
}

fn is_member(value: &Datum<'_>, element: &(Operand, Option<Operand>), occurrences: &[Occurrence]) -> bool {
    let any = |operand, comparison| {
        values(operand, occurrences)
            .is_some_and(|members| members.iter().any(|member| compares(comparison, value, member)))
    };
    match element {
        (one, None) => any(one, Comparison::Equal),
        (first, Some(last)) => any(first, Comparison::GreaterOrEqual) && any(last, Comparison::LessOrEqual),
    }
}

/// Whether the bytes hold these others in a row. No bytes are in everything.
fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    match wanted {
        [] => true,
        [first, ..] => {
            let mut rest = bytes;
            while let Some(place) = rest.iter().position(|byte| byte == first) {
                rest = rest.get(place..).unwrap_or_default();
                if rest.starts_with(wanted) {
                    return true;
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            false
        }
    }
}

/// Where a field occurs.
fn occurs<'a>(
    reference: &'a Reference,
    occurrences: &'a [Occurrence],
) -> impl Iterator<Item = &'a Occurrence> + 'a {
    occurrences.iter().filter(|occurrence| {
        std::ptr::eq(occurrence.field, reference.field)
            && reference.layers.as_ref().is_none_or(|layers| slice::has_layer(layers, occurrence.layer))
    })
}

/// All values; none where a field that they come from is not there.
fn values<'a>(operand: &'a Operand, occurrences: &'a [Occurrence]) -> Option<Vec<Datum<'a>>> {
    let values: Vec<Datum<'a>> = match operand {
        Operand::Constant(constant) => vec![constant.lend()],
        Operand::Field(reference) => {
            occurs(reference, occurrences).map(|occurrence| datum(&occurrence.value)).collect()
        }
        Operand::Length(reference) => occurs(reference, occurrences)
            .map(|occurrence| Datum::Integer(datum(&occurrence.value).bytes().len() as i128))
            .collect(),
        Operand::Count(reference) => match occurs(reference, occurrences).count() {
            0 => Vec::new(),
            number => vec![Datum::Integer(number as i128)],
        },
        Operand::Text(reference) => occurs(reference, occurrences)
            .map(|occurrence| Datum::Bytes(Cow::Owned(text(&occurrence.value).into_bytes())))
            .collect(),
        Operand::Slice(inside, spans) => {
            each(inside, occurrences, |value| Datum::Bytes(Cow::Owned(slice::cut(&value.bytes(), spans))))?
        }
        Operand::Upper(inside) => {
            each(inside, occurrences, |value| Datum::Bytes(Cow::Owned(value.bytes().to_ascii_uppercase())))?
        }
        Operand::Lower(inside) => {
            each(inside, occurrences, |value| Datum::Bytes(Cow::Owned(value.bytes().to_ascii_lowercase())))?
        }
        Operand::Absolute(inside) => each(inside, occurrences, |value| match value {
            Datum::Integer(number) => Datum::Integer(number.saturating_abs()),
            Datum::Float(number) => Datum::Float(number.abs()),
            other => other,
        })?,
        Operand::Negative(inside) => each(inside, occurrences, |value| match value {
            Datum::Integer(number) => Datum::Integer(number.saturating_neg()),
            Datum::Float(number) => Datum::Float(-number),
            other => other,
        })?,
        Operand::Least(operands) => vec![extreme(operands, Ordering::Less, occurrences)?],
        Operand::Greatest(operands) => vec![extreme(operands, Ordering::Greater, occurrences)?],
        Operand::Arithmetic(operator, left, right) => {
            let (lefts, rights) = (values(left, occurrences)?, values(right, occurrences)?);
            let pairs = lefts.iter().flat_map(|left| rights.iter().map(move |right| (left, right)));
            pairs.filter_map(|(left, right)| calculate(*operator, left, right)).collect()
        }
    };
    (!values.is_empty()).then_some(values)
}

fn each<'a>(
    inside: &'a Operand,
    occurrences: &'a [Occurrence],
    change: impl Fn(Datum<'a>) -> Datum<'a>,
) -> Option<Vec<Datum<'a>>> {
    Some(values(inside, occurrences)?.into_iter().map(change).collect())
}

/// The least or greatest of all values.
fn extreme<'a>(
    operands: &'a [Operand],
    wanted: Ordering,
    occurrences: &'a [Occurrence],
) -> Option<Datum<'a>> {
    let mut best: Option<Datum<'a>> = None;
    for operand in operands {
        for value in values(operand, occurrences)? {
            if best.as_ref().is_none_or(|best| value.order(best) == Some(wanted)) {
                best = Some(value);
            }
        }
    }
    best
}

/// None where there is no result: a division by zero.
fn calculate<'a>(operator: Operator, left: &Datum<'_>, right: &Datum<'_>) -> Option<Datum<'a>> {
    Some(match (left, right) {
        (Datum::Integer(left), Datum::Integer(right)) => Datum::Integer(match operator {
            Operator::And => left & right,
            Operator::Add => left.saturating_add(*right),
            Operator::Subtract => left.saturating_sub(*right),
            Operator::Multiply => left.saturating_mul(*right),
            Operator::Divide => left.checked_div(*right)?,
            Operator::Remainder => left.checked_rem(*right)?,
        }),
        (Datum::Float(left), Datum::Float(right)) => Datum::Float(match operator {
            Operator::And => return None,
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            Operator::Remainder => left % right,
        }),
        (Datum::Bytes(left), Datum::Bytes(right)) if operator == Operator::And => {
            Datum::Bytes(left.iter().zip(right.iter()).map(|(left, right)| left & right).collect())
        }
        (Datum::Address { bits, width, .. }, Datum::Address { bits: mask, .. })
            if operator == Operator::And =>
        {
            Datum::Address { bits: bits & mask, width: *width, prefix: *width }
        }
        _ => return None,
    })
}

/// The value as filters see it.
pub(super) fn datum(value: &Value) -> Datum<'_> {
    match value {
        Value::Present => Datum::Present,
        Value::Boolean(is) => Datum::Integer(i128::from(*is)),
        Value::Unsigned(number) => Datum::Integer(i128::from(*number)),
        Value::Signed(number) => Datum::Integer(i128::from(*number)),
        Value::Float(number) => Datum::Float(*number),
        Value::Text(text) => Datum::Bytes(Cow::Borrowed(text.as_bytes())),
        Value::Bytes(bytes) => Datum::Bytes(Cow::Borrowed(bytes)),
        Value::Ethernet(address) => Datum::Bytes(Cow::Borrowed(address)),
        Value::Ipv4(address) => {
            Datum::Address { bits: u128::from(u32::from(*address)), width: 32, prefix: 32 }
        }
        Value::Ipv6(address) => Datum::Address { bits: u128::from(*address), width: 128, prefix: 128 },
        Value::AbsoluteTime(time) => Datum::Integer(i128::from(time.nanoseconds())),
        Value::RelativeTime(nanoseconds) => Datum::Integer(i128::from(*nanoseconds)),
        Value::Oid(dotted) => Datum::Bytes(Cow::Owned(super::literal::oid(dotted).unwrap_or_default())),
    }
}

/// A value as `string()` says it: numbers in decimal, addresses as people write them.
fn text(value: &Value) -> String {
    match value {
        Value::Unsigned(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(is) => if *is { "True" } else { "False" }.to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Oid(dotted) => dotted.to_string(),
        Value::Ipv4(address) => address.to_string(),
        Value::Ipv6(address) => address.to_string(),
        Value::Ethernet(address) => {
            let mut text = String::with_capacity(18);
            for byte in address {
                let _ = write!(text, "{}{byte:02x}", if text.is_empty() { "" } else { ":" });
            }
            text
        }
        Value::Present | Value::Bytes(_) | Value::AbsoluteTime(_) | Value::RelativeTime(_) => String::new(),
    }
}
