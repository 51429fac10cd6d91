//! A filter over connections: a connection is meant if the filter holds of one of its frames, with what is known of the
//! whole connection added to each.
//!
//! What is known of the whole comes last, and frames cannot be kept until then. So of each frame only the answers to the
//! questions about frames are kept, and equal answers once.

use super::evaluate;
use super::program::{Leaf, Test};
use super::{Filter, FilterError};
use crate::fields::{Occurrence, connection};

/// A filter that is asked about connections.
#[derive(Debug)]
pub struct OverConnections {
    filter: Filter,
    /// Of each question in order: whether it is about frames.
    of_frames: Vec<bool>,
}

/// What is remembered of one connection: the answers its frames gave, each combination once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Candidate {
    answers: Vec<Box<[bool]>>,
}

/// How many combinations of answers are remembered of a connection. A filter of eight questions about frames has no
/// more.
const MOST_ANSWERS: usize = 256;

impl OverConnections {
    /// Understands a filter. Fields of frames and of connections may be joined, but not be compared with each other.
    pub fn compile(text: &str) -> Result<Self, FilterError> {
        let filter = Filter::compile(text)?;
        let mut mixed = false;
        let mut of_frames = Vec::new();
        each_leaf(&filter.test, &mut |leaf| {
            mixed |= is_of_frame(leaf) && is_of_connection(leaf);
            of_frames.push(is_of_frame(leaf));
        });
        if mixed {
            let message = "a field of a frame cannot be compared with one of the whole connection";
            return Err(FilterError::new(message, 0..text.len()).in_text(text));
        }
        Ok(Self { filter, of_frames })
    }

    /// The filter itself.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Takes a frame of the connection: what occurs in it of the filter's fields.
    pub fn frame(&self, candidate: &mut Candidate, occurrences: &[Occurrence]) {
        let mut answers = Vec::new();
        let mut of_frames = self.of_frames.iter();
        each_leaf(&self.filter.test, &mut |leaf| {
            if of_frames.next() == Some(&true) {
                answers.push(evaluate::leaf_holds(leaf, occurrences));
            }
        });
        if candidate.answers.len() < MOST_ANSWERS
            && !candidate.answers.iter().any(|known| **known == *answers)
        {
            candidate.answers.push(answers.into());
        }
    }

    /// Whether a connection is meant, all of whose frames were taken. `own`: what occurs of the filter's fields of
    /// connections.
    pub fn matches(&self, candidate: &Candidate, own: &[Occurrence]) -> bool {
        if !self.filter.needs_frames() {
            return self.filter.matches(own);
        }
        candidate.answers.iter().any(|answers| self.holds(answers, own))
    }

    fn holds(&self, answers: &[bool], own: &[Occurrence]) -> bool {
        // All leaves are looked at, in order, so that each meets its own answer.
        let mut given = answers.iter();
        let mut of_frames = self.of_frames.iter();
        let mut all = Vec::new();
        each_leaf(&self.filter.test, &mut |leaf| {
            all.push(match of_frames.next() == Some(&true) {
                true => given.next().copied().unwrap_or_default(),
                false => evaluate::leaf_holds(leaf, own),
            });
        });
        let mut all = all.into_iter();
        combine(&self.filter.test, &mut || all.next().unwrap_or_default())
    }
}

fn each_leaf(test: &Test, hear: &mut dyn FnMut(&Leaf)) {
    match test {
        Test::Or(tests) | Test::Xor(tests) | Test::And(tests) => {
            tests.iter().for_each(|test| each_leaf(test, hear));
        }
        Test::Not(test) => each_leaf(test, hear),
        Test::Leaf(leaf) => hear(leaf),
    }
}

/// The truth of a test from the answers to its leaves in order, each of which is taken.
fn combine(test: &Test, next: &mut dyn FnMut() -> bool) -> bool {
    let mut count = |tests: &[Test]| tests.iter().filter(|test| combine(test, next)).count();
    match test {
        Test::Or(tests) => count(tests) > 0,
        Test::Xor(tests) => count(tests) % 2 == 1,
        Test::And(tests) => count(tests) == tests.len(),
        Test::Not(test) => !combine(test, next),
        Test::Leaf(_) => next(),
    }
}

fn is_of_connection(leaf: &Leaf) -> bool {
    let mut own = false;
    leaf.each_field(&mut |field| own |= connection::is_own(field));
    own
}

fn is_of_frame(leaf: &Leaf) -> bool {
    let mut other = false;
    leaf.each_field(&mut |field| other |= !connection::is_own(field));
    other
}
