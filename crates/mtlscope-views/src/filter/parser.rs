//! Words and signs to what they say together.
//!
//! From loosest to tightest: `or`, `xor`, `and`, `not`, relations, `&`, `+ -`, `* / %`, the sign of a number. Parentheses
//! group what is true or false, braces group arithmetic.

use std::ops::Range;

use super::error::FilterError;
use super::lexer::{Token, TokenKind, tokens};
use super::slice;
use super::syntax::{
    Comparison, Element, Expression, ExpressionKind, Operator, Quantifier, Relation, Sentence,
};

/// How deep a filter may be nested.
const DEEPEST: usize = 100;

/// How many signs of arithmetic an expression may have.
const MOST_ARITHMETIC: usize = 100;

/// Understands the grammar of a filter. An empty one is true of everything.
pub(super) fn parse(text: &str) -> Result<Sentence, FilterError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Sentence::And(Vec::new()));
    }
    let mut parser = Parser { tokens, at: 0, length: text.len(), depth: 0, arithmetic: 0 };
    let sentence = parser.sentence()?;
    match parser.peek() {
        None => Ok(sentence),
        Some(_) => Err(parser.unexpected("here the filter could end, or go on with `and`, `or`")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Of the text.
    length: usize,
    depth: usize,
    arithmetic: usize,
}

impl Parser {
    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// Where the next token stands; behind the text if there is none.
    fn place(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.length..self.length, |token| token.place.clone())
    }

    /// From `start` to the token just taken.
    fn since(&self, start: usize) -> Range<usize> {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        start..last.map_or(start, |token| token.place.end)
    }

    fn unexpected(&self, wanted: &str) -> FilterError {
        let what = if self.peek().is_none() { "the filter ends too soon" } else { "this has no place here" };
        FilterError::new(format!("{what}: {wanted}"), self.place())
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Sign(sign)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Word(word)) if word == wanted);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self, sign: &str, word: &str) -> bool {
        self.sign(sign) || self.word(word)
    }

    /// Parses something nested.
    fn deeper<T>(&mut self, parse: fn(&mut Self) -> Result<T, FilterError>) -> Result<T, FilterError> {
        if self.depth >= DEEPEST {
            let message = format!("the filter is nested more than {DEEPEST} deep");
            return Err(FilterError::new(message, self.place()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn sentence(&mut self) -> Result<Sentence, FilterError> {
        self.joined("||", "or", Sentence::Or, |parser| {
            parser.joined("^^", "xor", Sentence::Xor, |parser| {
                parser.joined("&&", "and", Sentence::And, Self::negated)
            })
        })
    }

    fn joined(
        &mut self,
        sign: &str,
        word: &str,
        join: fn(Vec<Sentence>) -> Sentence,
        part: fn(&mut Self) -> Result<Sentence, FilterError>,
    ) -> Result<Sentence, FilterError> {
        let first = part(self)?;
        if !self.either(sign, word) {
            return Ok(first);
        }
        let mut parts = vec![first, part(self)?];
        while self.either(sign, word) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn negated(&mut self) -> Result<Sentence, FilterError> {
        if self.either("!", "not") {
            return Ok(Sentence::Not(Box::new(self.deeper(Self::negated)?)));
        }
        if self.sign("(") {
            let inside = self.deeper(Self::sentence)?;
            if !self.sign(")") {
                return Err(self.unexpected("the closing ) is missing"));
            }
            return Ok(inside);
        }
        self.relations()
    }

    /// `a < b < c` is `a < b and b < c`.
    fn relations(&mut self) -> Result<Sentence, FilterError> {
        let quantifier = self.quantifier();
        let mut left = self.expression()?;
        let mut chain = Vec::new();
        loop {
            let before = self.at;
            let is_in = !self.word("not") && !self.sign("!");
            if self.word("in") {
                chain.push(Sentence::Member { quantifier, left, is_in, elements: self.set()? });
                break;
            }
            self.at = before;
            let place = self.place();
            let Some(relation) = self.relation() else {
                if chain.is_empty() {
                    if quantifier.is_some() {
                        return Err(self.unexpected("`any` and `all` need a comparison"));
                    }
                    return Ok(Sentence::Bare(left));
                }
                break;
            };
            let right = self.expression()?;
            chain.push(Sentence::Relation { quantifier, left, relation, right: right.clone(), place });
            if !matches!(relation, Relation::Compare(..)) {
                break;
            }
            left = right;
        }
        match chain.pop() {
            Some(only) if chain.is_empty() => Ok(only),
            Some(last) => {
                chain.push(last);
                Ok(Sentence::And(chain))
            }
            None => Err(self.unexpected("a comparison is wanted")),
        }
    }

    /// `any` and `all`, unless a sign follows: then it is a field of that name that is meant.
    fn quantifier(&mut self) -> Option<Quantifier> {
        let next = self.tokens.get(self.at + 1).map(|token| &token.kind);
        let leads = matches!(next, Some(TokenKind::Word(_)) | Some(TokenKind::Sign("{" | "-" | ".")));
        if !leads {
            return None;
        }
        if self.word("any") {
            Some(Quantifier::Any)
        } else if self.word("all") {
            Some(Quantifier::All)
        } else {
            None
        }
    }

    fn relation(&mut self) -> Option<Relation> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        use Quantifier::{All, Any};
        let relation = match self.peek()? {
            TokenKind::Sign(sign) => match *sign {
                "==" => Relation::Compare(Equal, Any),
                "===" => Relation::Compare(Equal, All),
                "!=" => Relation::Compare(NotEqual, All),
                "!==" | "~=" => Relation::Compare(NotEqual, Any),
                ">" => Relation::Compare(Greater, Any),
                ">=" => Relation::Compare(GreaterOrEqual, Any),
                "<" => Relation::Compare(Less, Any),
                "<=" => Relation::Compare(LessOrEqual, Any),
                "~" => Relation::Matches,
                _ => return None,
            },
            TokenKind::Word(word) => match word.as_str() {
                "eq" | "any_eq" => Relation::Compare(Equal, Any),
                "all_eq" => Relation::Compare(Equal, All),
                "ne" | "all_ne" => Relation::Compare(NotEqual, All),
                "any_ne" => Relation::Compare(NotEqual, Any),
                "gt" => Relation::Compare(Greater, Any),
                "ge" => Relation::Compare(GreaterOrEqual, Any),
                "lt" => Relation::Compare(Less, Any),
                "le" => Relation::Compare(LessOrEqual, Any),
                "contains" => Relation::Contains,
                "matches" => Relation::Matches,
                _ => return None,
            },
            _ => return None,
        };
        self.at += 1;
        Some(relation)
    }

    fn set(&mut self) -> Result<Vec<Element>, FilterError> {
        if !self.sign("{") {
            return Err(self.unexpected("`in` is followed by a set, such as {80, 443, 8000..8100}"));
        }
        let mut elements = Vec::new();
        loop {
            let one = self.expression()?;
            elements.push(match self.sign("..") {
                true => Element::Range(one, self.expression()?),
                false => Element::One(one),
            });
            if self.sign("}") {
                return Ok(elements);
            }
            if !self.sign(",") {
                return Err(self.unexpected("the members of a set are parted by commas and end with }"));
            }
        }
    }

    fn expression(&mut self) -> Result<Expression, FilterError> {
        self.arithmetic(&[("&", Operator::And)], |parser| {
            parser.arithmetic(&[("+", Operator::Add), ("-", Operator::Subtract)], |parser| {
                let signs = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
                parser.arithmetic(&signs, Self::signed)
            })
        })
    }

    fn arithmetic(
        &mut self,
        signs: &[(&str, Operator)],
        part: fn(&mut Self) -> Result<Expression, FilterError>,
    ) -> Result<Expression, FilterError> {
        let start = self.place().start;
        let mut left = part(self)?;
        loop {
            let by_word =
                signs.iter().any(|(_, operator)| *operator == Operator::And) && self.word("bitwise_and");
            let found = match by_word {
                true => Some(Operator::And),
                false => signs.iter().find(|(sign, _)| self.sign(sign)).map(|(_, operator)| *operator),
            };
            let Some(operator) = found else { return Ok(left) };
            self.arithmetic += 1;
            if self.arithmetic > MOST_ARITHMETIC {
                let message = format!("a filter may have {MOST_ARITHMETIC} signs of arithmetic");
                return Err(FilterError::new(message, self.place()));
            }
            let right = part(self)?;
            let kind = ExpressionKind::Arithmetic(operator, Box::new(left), Box::new(right));
            left = Expression { kind, place: self.since(start) };
        }
    }

    fn signed(&mut self) -> Result<Expression, FilterError> {
        let start = self.place().start;
        if self.sign("+") {
            return self.deeper(Self::signed);
        }
        if self.sign("-") {
            let inside = self.deeper(Self::signed)?;
            return Ok(Expression {
                kind: ExpressionKind::Negative(Box::new(inside)),
                place: self.since(start),
            });
        }
        if self.sign("{") {
            let inside = self.deeper(Self::expression)?;
            if !self.sign("}") {
                return Err(self.unexpected("the closing } is missing"));
            }
            return Ok(inside);
        }
        self.value()
    }

    fn value(&mut self) -> Result<Expression, FilterError> {
        let start = self.place().start;
        let kind = match self.peek() {
            Some(TokenKind::Word(word)) => ExpressionKind::Word(word.clone()),
            Some(TokenKind::Quoted(bytes)) => ExpressionKind::Quoted(bytes.clone()),
            Some(TokenKind::Character(byte)) => ExpressionKind::Character(*byte),
            Some(TokenKind::Sign("(")) => {
                return Err(self.unexpected("a value is wanted; arithmetic is grouped with { and }"));
            }
            _ => return Err(self.unexpected("a field or a value is wanted")),
        };
        self.at += 1;
        let mut value = Expression { kind, place: self.since(start) };
        if let ExpressionKind::Word(name) = &value.kind
            && self.sign("(")
        {
            let name = name.clone();
            let arguments = self.deeper(Self::arguments)?;
            value = Expression { kind: ExpressionKind::Call(name, arguments), place: self.since(start) };
        }
        if self.sign("#") {
            let layers = self.layers()?;
            let kind = ExpressionKind::Layered(Box::new(value), layers);
            value = Expression { kind, place: self.since(start) };
        }
        if let Some(TokenKind::Brackets(inside)) = self.peek() {
            let spans = slice::spans(inside, self.place().start + 1)?;
            self.at += 1;
            let kind = ExpressionKind::Slice(Box::new(value), spans);
            value = Expression { kind, place: self.since(start) };
        }
        Ok(value)
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, FilterError> {
        let mut arguments = Vec::new();
        if self.sign(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.sign(")") {
                return Ok(arguments);
            }
            if !self.sign(",") {
                return Err(self.unexpected("arguments are parted by commas and end with )"));
            }
        }
    }

    /// `#2`, `#[1-2,4]`
    fn layers(&mut self) -> Result<Vec<super::syntax::Span>, FilterError> {
        let place = self.place();
        let spans = match self.peek() {
            Some(TokenKind::Brackets(inside)) => slice::spans(inside, place.start + 1)?,
            Some(TokenKind::Word(number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                slice::spans(number, place.start)?
            }
            _ => {
                return Err(self.unexpected("# is followed by the number of a layer, or by [ranges] of them"));
            }
        };
        self.at += 1;
        Ok(spans)
    }
}
