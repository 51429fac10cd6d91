//! A filter whose fields are known and whose types fit: what is asked of each frame.

use std::borrow::Cow;
use std::cmp::Ordering;

use regex::bytes::Regex;

use super::syntax::{Comparison, Operator, Quantifier, Span};
use crate::fields::Field;

/// Something that is true or false of a frame.
#[derive(Debug)]
pub(super) enum Test {
    Or(Vec<Test>),
    Xor(Vec<Test>),
    And(Vec<Test>),
    Not(Box<Test>),
    Leaf(Leaf),
}

/// A question of its own.
#[derive(Debug)]
pub(super) enum Leaf {
    /// The field is there.
    Exists(Reference),
    /// One of the values is not zero.
    NotZero(Operand),
    Compare {
        comparison: Comparison,
        quantifier: Quantifier,
        left: Operand,
        right: Operand,
    },
    Contains {
        quantifier: Quantifier,
        left: Operand,
        right: Operand,
    },
    Matches {
        quantifier: Quantifier,
        left: Operand,
        pattern: Regex,
    },
    Member {
        quantifier: Quantifier,
        left: Operand,
        /// One value, or all from one to another.
        elements: Vec<(Operand, Option<Operand>)>,
    },
}

/// A field, perhaps only in some layers.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) field: &'static Field,
    pub(super) layers: Option<Vec<Span>>,
}

/// What has values in a frame.
#[derive(Debug)]
pub(super) enum Operand {
    Field(Reference),
    Constant(Datum<'static>),
    Slice(Box<Operand>, Vec<Span>),
    /// How many bytes each value has.
    Length(Reference),
    /// How often the field occurs.
    Count(Reference),
    /// Each value as text.
    Text(Reference),
    Upper(Box<Operand>),
    Lower(Box<Operand>),
    Absolute(Box<Operand>),
    Least(Vec<Operand>),
    Greatest(Vec<Operand>),
    Negative(Box<Operand>),
    Arithmetic(Operator, Box<Operand>, Box<Operand>),
}

/// A value while it is looked at. Which fields have which is settled when the filter is compiled.
#[derive(Clone, Debug)]
pub(super) enum Datum<'a> {
    /// Whole numbers, yes and no, moments and spans in nanoseconds.
    Integer(i128),
    Float(f64),
    /// Bytes, and text as bytes.
    Bytes(Cow<'a, [u8]>),
    /// An address, and how many of its bits count.
    Address {
        bits: u128,
        width: u8,
        prefix: u8,
    },
    /// There, and no more.
    Present,
}

impl Datum<'_> {
    /// The same, borrowed.
    pub(super) fn lend(&self) -> Datum<'_> {
        match self {
            Datum::Bytes(bytes) => Datum::Bytes(Cow::Borrowed(bytes)),
            Datum::Integer(number) => Datum::Integer(*number),
            Datum::Float(number) => Datum::Float(*number),
            Datum::Address { bits, width, prefix } => {
                Datum::Address { bits: *bits, width: *width, prefix: *prefix }
            }
            Datum::Present => Datum::Present,
        }
    }

    /// Which comes first. None where the two cannot be compared.
    pub(super) fn order(&self, other: &Datum<'_>) -> Option<Ordering> {
        match (self, other) {
            (Datum::Integer(one), Datum::Integer(other)) => Some(one.cmp(other)),
            (Datum::Float(one), Datum::Float(other)) => one.partial_cmp(other),
            (Datum::Bytes(one), Datum::Bytes(other)) => Some(one.cmp(other)),
            (
                Datum::Address { bits: one, width, prefix: first },
                Datum::Address { bits: other, width: other_width, prefix: second },
            ) if width == other_width => {
                // Only what both prefixes cover counts.
                let ignored = u32::from(width.saturating_sub(*first.min(second)));
                let network = |bits: &u128| bits.checked_shr(ignored).unwrap_or(0);
                Some(network(one).cmp(&network(other)))
            }
            _ => None,
        }
    }

    /// The bytes of it: those of text and bytes, and of addresses as they travel.
    pub(super) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Datum::Bytes(bytes) => Cow::Borrowed(bytes),
            Datum::Address { bits, width, .. } => {
                let all = bits.to_be_bytes();
                let length = usize::from(*width) / 8;
                Cow::Owned(all.get(all.len() - length..).unwrap_or_default().to_vec())
            }
            Datum::Integer(_) | Datum::Float(_) | Datum::Present => Cow::Borrowed(&[]),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        match self {
            Datum::Integer(number) => *number == 0,
            Datum::Float(number) => *number == 0.0,
            Datum::Bytes(bytes) => bytes.iter().all(|byte| *byte == 0),
            Datum::Address { bits, .. } => *bits == 0,
            Datum::Present => false,
        }
    }
}

impl Test {
    /// Names every field that is asked for.
    pub(super) fn each_field(&self, name: &mut dyn FnMut(&'static Field)) {
        match self {
            Self::Or(tests) | Self::Xor(tests) | Self::And(tests) => {
                tests.iter().for_each(|test| test.each_field(name));
            }
            Self::Not(test) => test.each_field(name),
            Self::Leaf(leaf) => leaf.each_field(name),
        }
    }
}

impl Leaf {
    pub(super) fn each_field(&self, name: &mut dyn FnMut(&'static Field)) {
        match self {
            Self::Exists(reference) => name(reference.field),
            Self::NotZero(operand) | Self::Matches { left: operand, .. } => operand.each_field(name),
            Self::Compare { left, right, .. } | Self::Contains { left, right, .. } => {
                left.each_field(name);
                right.each_field(name);
            }
            Self::Member { left, elements, .. } => {
                left.each_field(name);
                for (first, last) in elements {
                    first.each_field(name);
                    last.iter().for_each(|last| last.each_field(name));
                }
            }
        }
    }
}

impl Operand {
    pub(super) fn each_field(&self, name: &mut dyn FnMut(&'static Field)) {
        match self {
            Self::Field(reference)
            | Self::Length(reference)
            | Self::Count(reference)
            | Self::Text(reference) => {
                name(reference.field);
            }
            Self::Constant(_) => {}
            Self::Slice(inside, _)
            | Self::Upper(inside)
            | Self::Lower(inside)
            | Self::Absolute(inside)
            | Self::Negative(inside) => inside.each_field(name),
            Self::Least(operands) | Self::Greatest(operands) => {
                operands.iter().for_each(|operand| operand.each_field(name));
            }
            Self::Arithmetic(_, left, right) => {
                left.each_field(name);
                right.each_field(name);
            }
        }
    }
}
