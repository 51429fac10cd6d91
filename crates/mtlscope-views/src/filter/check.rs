//! Finds the fields that a filter names, and holds its types against each other.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::error::FilterError;
use super::literal::{self, Type};
use super::program::{Datum, Leaf, Operand, Reference, Test};
use super::syntax::{Element, Expression, ExpressionKind, Operator, Quantifier, Relation, Sentence, Span};
use crate::fields::{Base, Field, Kind, registry};

/// The most memory that a regular expression may take when compiled, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

/// Understands what a filter means.
pub(super) fn check(sentence: &Sentence) -> Result<Test, FilterError> {
    let all = |sentences: &[Sentence]| sentences.iter().map(check).collect::<Result<Vec<_>, _>>();
    Ok(match sentence {
        Sentence::Or(parts) => Test::Or(all(parts)?),
        Sentence::Xor(parts) => Test::Xor(all(parts)?),
        Sentence::And(parts) => Test::And(all(parts)?),
        Sentence::Not(inside) => Test::Not(Box::new(check(inside)?)),
        Sentence::Bare(expression) => Test::Leaf(bare(expression)?),
        Sentence::Relation { quantifier, left, relation, right, place } => {
            Test::Leaf(related(*quantifier, left, *relation, right, place)?)
        }
        Sentence::Member { quantifier, left, is_in, elements } => {
            let within = Test::Leaf(member(*quantifier, left, elements)?);
            // `not in` is no question of its own: it also holds where the field is not there.
            if *is_in { within } else { Test::Not(Box::new(within)) }
        }
    })
}

/// An operand, its type, and the field it is, if it is one.
struct Typed {
    operand: Operand,
    r#type: Type,
    field: Option<&'static Field>,
}

/// What a literal is to be read as.
#[derive(Clone, Copy)]
struct Wanted {
    r#type: Type,
    field: Option<&'static Field>,
}

impl Typed {
    fn wanted(&self) -> Wanted {
        Wanted { r#type: self.r#type, field: self.field }
    }
}

fn bare(expression: &Expression) -> Result<Leaf, FilterError> {
    let typed = operand(expression, None)?;
    match typed.operand {
        Operand::Field(reference) => Ok(Leaf::Exists(reference)),
        operand @ (Operand::Slice(..) | Operand::Arithmetic(..) | Operand::Negative(..)) => {
            Ok(Leaf::NotZero(operand))
        }
        _ => Err(FilterError::new(
            "what a function gives needs something to be compared with",
            expression.place.clone(),
        )),
    }
}

fn related(
    quantifier: Option<Quantifier>,
    left: &Expression,
    relation: Relation,
    right: &Expression,
    place: &Range<usize>,
) -> Result<Leaf, FilterError> {
    let typed = operand(left, None)?;
    let cannot = |why: &str| {
        let message = format!("{} {why}", typed.r#type.name());
        FilterError::new(message, left.place.start..place.end)
    };
    match relation {
        Relation::Compare(comparison, usual) => {
            if typed.r#type == Type::Label {
                return Err(cannot("can only be asked for, not compared"));
            }
            let right = fitting(right, &typed)?;
            let quantifier = quantifier.unwrap_or(usual);
            Ok(Leaf::Compare { comparison, quantifier, left: typed.operand, right: right.operand })
        }
        Relation::Contains => {
            let right = match typed.r#type {
                Type::Text => fitting(right, &typed)?,
                Type::Bytes | Type::Ethernet | Type::Oid => {
                    let bytes = Wanted { r#type: Type::Bytes, field: None };
                    let right = operand(right, Some(bytes))?;
                    fits(&right, typed.r#type, place)?;
                    right
                }
                _ => return Err(cannot("contains nothing; only text and bytes do")),
            };
            let quantifier = quantifier.unwrap_or(Quantifier::Any);
            Ok(Leaf::Contains { quantifier, left: typed.operand, right: right.operand })
        }
        Relation::Matches => {
            if !matches!(typed.r#type, Type::Text | Type::Bytes | Type::Ethernet) {
                return Err(cannot("matches no regular expression; string() makes text of it"));
            }
            let ExpressionKind::Quoted(written) = &right.kind else {
                let message = "a regular expression stands in double quotes, best as r\"...\"";
                return Err(FilterError::new(message, right.place.clone()));
            };
            let pattern =
                pattern(written).map_err(|message| FilterError::new(message, right.place.clone()))?;
            let quantifier = quantifier.unwrap_or(Quantifier::Any);
            Ok(Leaf::Matches { quantifier, left: typed.operand, pattern })
        }
    }
}

fn member(
    quantifier: Option<Quantifier>,
    left: &Expression,
    elements: &[Element],
) -> Result<Leaf, FilterError> {
    let typed = operand(left, None)?;
    if typed.r#type == Type::Label {
        let message = format!("{} can only be asked for, not compared", typed.r#type.name());
        return Err(FilterError::new(message, left.place.clone()));
    }
    let elements = elements
        .iter()
        .map(|element| {
            Ok(match element {
                Element::One(one) => (fitting(one, &typed)?.operand, None),
                Element::Range(first, last) => {
                    (fitting(first, &typed)?.operand, Some(fitting(last, &typed)?.operand))
                }
            })
        })
        .collect::<Result<Vec<_>, FilterError>>()?;
    let quantifier = quantifier.unwrap_or(Quantifier::Any);
    Ok(Leaf::Member { quantifier, left: typed.operand, elements })
}

/// The right side of something, which must be of the type of its left.
fn fitting(right: &Expression, left: &Typed) -> Result<Typed, FilterError> {
    let typed = operand(right, Some(left.wanted()))?;
    fits(&typed, left.r#type, &right.place)?;
    Ok(typed)
}

fn fits(typed: &Typed, wanted: Type, place: &Range<usize>) -> Result<(), FilterError> {
    if typed.r#type.fits(wanted) {
        return Ok(());
    }
    let message = format!("{} is compared with {}", wanted.name(), typed.r#type.name());
    Err(FilterError::new(message, place.clone()))
}

/// Finds out what an expression is. Without `wanted` it stands where only a field or a function may.
fn operand(expression: &Expression, wanted: Option<Wanted>) -> Result<Typed, FilterError> {
    let place = || expression.place.clone();
    match &expression.kind {
        ExpressionKind::Word(word) => match (field(word), wanted) {
            (Some(field), _) => Ok(of_field(field, None)),
            (None, Some(wanted)) => constant(expression, wanted),
            (None, None) => Err(unknown(word, place())),
        },
        ExpressionKind::Quoted(_) | ExpressionKind::Character(_) => match wanted {
            Some(wanted) => constant(expression, wanted),
            None => Err(FilterError::new("a field or a function is wanted here, not a value", place())),
        },
        ExpressionKind::Layered(inside, layers) => {
            let field = named_field(inside, "only a field has layers")?;
            Ok(of_field(field, Some(layers.clone())))
        }
        ExpressionKind::Slice(inside, spans) => {
            let typed = operand(inside, None)?;
            let sliceable = !matches!(
                typed.r#type,
                Type::Integer | Type::Boolean | Type::Float | Type::Moment | Type::Span | Type::Label
            );
            if !sliceable {
                let message = format!("{} has no bytes to take a slice of", typed.r#type.name());
                return Err(FilterError::new(message, place()));
            }
            let operand = Operand::Slice(Box::new(typed.operand), spans.clone());
            Ok(Typed { operand, r#type: Type::Bytes, field: None })
        }
        ExpressionKind::Call(name, arguments) => call(name, arguments, place()),
        ExpressionKind::Negative(inside) => {
            let typed = operand(inside, wanted)?;
            if !matches!(typed.r#type, Type::Integer | Type::Float | Type::Span) {
                let message = format!("{} has no negative", typed.r#type.name());
                return Err(FilterError::new(message, place()));
            }
            let operand = match typed.operand {
                Operand::Constant(Datum::Integer(number)) => {
                    Operand::Constant(Datum::Integer(number.saturating_neg()))
                }
                Operand::Constant(Datum::Float(number)) => Operand::Constant(Datum::Float(-number)),
                other => Operand::Negative(Box::new(other)),
            };
            Ok(Typed { operand, ..typed })
        }
        ExpressionKind::Arithmetic(operator, left, right) => {
            let left_typed = operand(left, wanted)?;
            let right_typed = fitting(right, &left_typed)?;
            if !calculates(*operator, left_typed.r#type) {
                let message = format!("{} cannot be calculated with like this", left_typed.r#type.name());
                return Err(FilterError::new(message, place()));
            }
            let r#type = match left_typed.r#type {
                Type::Boolean => Type::Integer,
                Type::Ethernet => Type::Bytes,
                other => other,
            };
            let (left, right) = (Box::new(left_typed.operand), Box::new(right_typed.operand));
            Ok(Typed { operand: Operand::Arithmetic(*operator, left, right), r#type, field: None })
        }
    }
}

fn calculates(operator: Operator, r#type: Type) -> bool {
    match r#type {
        Type::Integer | Type::Boolean => true,
        Type::Float => operator != Operator::And,
        Type::Span => matches!(operator, Operator::Add | Operator::Subtract),
        Type::Bytes | Type::Ethernet | Type::Ipv4 | Type::Ipv6 => operator == Operator::And,
        Type::Text | Type::Moment | Type::Oid | Type::Label => false,
    }
}

fn call(name: &str, arguments: &[Expression], place: Range<usize>) -> Result<Typed, FilterError> {
    let functions = ["len", "count", "string", "upper", "lower", "abs", "min", "max"];
    if !functions.contains(&name) {
        let message = format!("no function is called {name}; there are {}", functions.join(", "));
        return Err(FilterError::new(message, place));
    }
    let many = matches!(name, "min" | "max");
    let (Some(first), true) = (arguments.first(), many || arguments.len() == 1) else {
        let wanted = if many { "at least one argument" } else { "one argument" };
        return Err(FilterError::new(format!("{name}() takes {wanted}"), place));
    };
    let is = |operand, r#type| Ok(Typed { operand, r#type, field: None });
    match name {
        "len" => {
            let (reference, field) = reference(first, "len() takes a field")?;
            match (Type::of(field.kind), field.kind) {
                (_, Kind::Unsigned(Base::Hexadecimal(digits))) => {
                    let length = Datum::Integer(i128::from(digits / 2));
                    // The number itself does not matter, but it must be there.
                    let nothing = Operand::Arithmetic(
                        Operator::Multiply,
                        Box::new(Operand::Field(reference)),
                        Box::new(Operand::Constant(Datum::Integer(0))),
                    );
                    let length = Box::new(Operand::Constant(length));
                    is(Operand::Arithmetic(Operator::Add, Box::new(nothing), length), Type::Integer)
                }
                (Type::Text | Type::Bytes | Type::Ethernet | Type::Ipv4 | Type::Ipv6 | Type::Oid, _) => {
                    is(Operand::Length(reference), Type::Integer)
                }
                (other, _) => {
                    let message = format!("len() takes text, bytes and addresses, not {}", other.name());
                    Err(FilterError::new(message, first.place.clone()))
                }
            }
        }
        "count" => is(Operand::Count(reference(first, "count() takes a field")?.0), Type::Integer),
        "string" => {
            let (reference, field) = reference(first, "string() takes a field")?;
            match Type::of(field.kind) {
                Type::Integer | Type::Float | Type::Ethernet | Type::Ipv4 | Type::Ipv6 | Type::Oid => {
                    is(Operand::Text(reference), Type::Text)
                }
                other => {
                    let message = format!("string() takes numbers and addresses, not {}", other.name());
                    Err(FilterError::new(message, first.place.clone()))
                }
            }
        }
        "upper" | "lower" => {
            let typed = operand(first, None)?;
            if typed.r#type != Type::Text {
                let message = format!("{name}() takes text, not {}", typed.r#type.name());
                return Err(FilterError::new(message, first.place.clone()));
            }
            let inside = Box::new(typed.operand);
            is(if name == "upper" { Operand::Upper(inside) } else { Operand::Lower(inside) }, Type::Text)
        }
        "abs" => {
            let typed = operand(first, None)?;
            if !matches!(typed.r#type, Type::Integer | Type::Float | Type::Span) {
                let message = format!("abs() takes numbers, not {}", typed.r#type.name());
                return Err(FilterError::new(message, first.place.clone()));
            }
            is(Operand::Absolute(Box::new(typed.operand)), typed.r#type)
        }
        _ => {
            let typed = operand(first, None)?;
            if typed.r#type == Type::Label {
                let message = format!("{name}() takes values, not {}", typed.r#type.name());
                return Err(FilterError::new(message, first.place.clone()));
            }
            let r#type = typed.r#type;
            let wanted = Typed { operand: Operand::Constant(Datum::Present), r#type, field: typed.field };
            let mut operands = vec![typed.operand];
            for argument in arguments.iter().skip(1) {
                operands.push(fitting(argument, &wanted)?.operand);
            }
            is(if name == "min" { Operand::Least(operands) } else { Operand::Greatest(operands) }, r#type)
        }
    }
}

/// A field, perhaps in some layers only.
fn reference(expression: &Expression, otherwise: &str) -> Result<(Reference, &'static Field), FilterError> {
    let (named, layers) = match &expression.kind {
        ExpressionKind::Layered(inside, layers) => (inside.as_ref(), Some(layers.clone())),
        _ => (expression, None),
    };
    let field = named_field(named, otherwise)?;
    Ok((Reference { field, layers }, field))
}

fn named_field(expression: &Expression, otherwise: &str) -> Result<&'static Field, FilterError> {
    match &expression.kind {
        ExpressionKind::Word(word) => field(word).ok_or_else(|| unknown(word, expression.place.clone())),
        _ => Err(FilterError::new(otherwise, expression.place.clone())),
    }
}

fn of_field(field: &'static Field, layers: Option<Vec<Span>>) -> Typed {
    let operand = Operand::Field(Reference { field, layers });
    Typed { operand, r#type: Type::of(field.kind), field: Some(field) }
}

fn constant(expression: &Expression, wanted: Wanted) -> Result<Typed, FilterError> {
    let read = literal::read(&expression.kind, wanted.r#type, wanted.field);
    let datum = read.map_err(|message| {
        // It may have been meant as a field.
        let meant = match &expression.kind {
            ExpressionKind::Word(word) if word.contains('.') => {
                registry::nearest(word).map(|nearest| format!(" (or is the field {nearest} meant?)"))
            }
            _ => None,
        };
        FilterError::new(format!("{message}{}", meant.unwrap_or_default()), expression.place.clone())
    })?;
    Ok(Typed { operand: Operand::Constant(datum), r#type: wanted.r#type, field: None })
}

/// A leading dot marks a field, a leading colon marks what is none.
fn field(word: &str) -> Option<&'static Field> {
    registry::find(word.strip_prefix('.').unwrap_or(word))
}

fn unknown(word: &str, place: Range<usize>) -> FilterError {
    let name = word.strip_prefix('.').unwrap_or(word);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !is_name {
        return FilterError::new("a field or a function is wanted here, not a value", place);
    }
    let meant = registry::nearest(name).map(|nearest| format!(", did you mean {nearest}?"));
    let hint = meant.unwrap_or_else(|| "; `mtlscope read --fields` lists them all".to_owned());
    FilterError::new(format!("no field is called {name}{hint}"), place)
}

/// A regular expression as Wireshark has it: capitals do not count, and `.` is any byte.
fn pattern(written: &[u8]) -> Result<Regex, String> {
    let text = match str::from_utf8(written) {
        Ok(text) => text.to_owned(),
        // Bytes that are no text were written as escapes, and are meant as bytes.
        Err(_) => written
            .iter()
            .map(
                |byte| if byte.is_ascii() { char::from(*byte).to_string() } else { format!("\\x{byte:02x}") },
            )
            .collect(),
    };
    RegexBuilder::new(&text)
        .case_insensitive(true)
        .unicode(!text.is_ascii())
        .size_limit(LARGEST_PATTERN)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
            other => {
                // The last line says what is wrong; those before draw a picture of their own.
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                let why = last.strip_prefix("error: ").unwrap_or(last);
                format!("this is no regular expression: {why}")
            }
        })
}
