//! What a filter says, before anybody asked whether its fields exist and its types fit.

use std::ops::Range;

/// Something that is true or false.
#[derive(Debug)]
pub(super) enum Sentence {
    /// At least one; never empty.
    Or(Vec<Sentence>),
    /// An odd number of them.
    Xor(Vec<Sentence>),
    /// All.
    And(Vec<Sentence>),
    Not(Box<Sentence>),
    /// A value by itself: it is there, or not zero.
    Bare(Expression),
    Relation {
        quantifier: Option<Quantifier>,
        left: Expression,
        relation: Relation,
        right: Expression,
        /// Where the sign of the relation stands.
        place: Range<usize>,
    },
    Member {
        quantifier: Option<Quantifier>,
        left: Expression,
        is_in: bool,
        elements: Vec<Element>,
    },
}

/// Of how many values of a field a relation must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quantifier {
    Any,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    Compare(Comparison, Quantifier),
    Contains,
    Matches,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Something of a set.
#[derive(Debug)]
pub(super) enum Element {
    One(Expression),
    Range(Expression, Expression),
}

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) kind: ExpressionKind,
    pub(super) place: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum ExpressionKind {
    Word(String),
    Quoted(Vec<u8>),
    Character(u8),
    /// `ip.addr#2`
    Layered(Box<Expression>, Vec<Span>),
    /// `frame[0:2]`
    Slice(Box<Expression>, Vec<Span>),
    Call(String, Vec<Expression>),
    Negative(Box<Expression>),
    Arithmetic(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A part of something counted; negative numbers count from its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// So many.
    Length(i64),
    /// Up to this one, inclusive.
    Offset(i64),
    /// All the rest.
    Open,
}
