//! One thing that a message says and that can differ between two connections.

use std::fmt;

use crate::observed::Why;

/// One thing that a message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aspect {
    /// Its name, as the RFC's: `server_name`.
    pub name: &'static str,
    /// How much a difference in it matters.
    pub weight: Weight,
    /// What it says.
    pub value: Shown,
}

/// How much a difference matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// Two clients or two runs may differ in it and both succeed.
    Notable,
    /// It can decide how the handshake comes out.
    Decisive,
}

/// What one connection shows of an aspect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// One value.
    One(String),
    /// Several; their order is the sender's preference.
    Several(Vec<String>),
    /// It is not there.
    Absent,
    /// Cannot be told.
    Hidden(Why),
}

impl Aspect {
    /// An aspect with one value; `None` where it is not there.
    pub(super) fn one(name: &'static str, weight: Weight, value: Option<String>) -> Self {
        Self { name, weight, value: value.map_or(Shown::Absent, Shown::One) }
    }

    /// An aspect with a list; empty where it is not there.
    pub(super) fn several<T: fmt::Display>(
        name: &'static str,
        weight: Weight,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        Self { name, weight, value: if values.is_empty() { Shown::Absent } else { Shown::Several(values) } }
    }

    /// An aspect that is there or not.
    pub(super) fn flag(name: &'static str, weight: Weight, is_there: bool) -> Self {
        Self::one(name, weight, is_there.then(|| "yes".to_owned()))
    }
}

impl Shown {
    /// Whether two say the same. What is hidden says nothing, so it contradicts nothing. The order of a list counts.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        matches!(self, Self::Hidden(_)) || matches!(other, Self::Hidden(_)) || self == other
    }

    /// The values of this list that the other has not.
    pub fn without<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        let theirs = other.values();
        self.values().into_iter().filter(|value| !theirs.contains(value)).collect()
    }

    /// All values.
    pub fn values(&self) -> Vec<&str> {
        match self {
            Self::One(value) => vec![value],
            Self::Several(values) => values.iter().map(String::as_str).collect(),
            Self::Absent | Self::Hidden(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => f.write_str(value),
            Self::Several(values) => f.write_str(&values.join(", ")),
            Self::Absent => f.write_str("none"),
            Self::Hidden(why) => write!(f, "hidden: {why}"),
        }
    }
}
