//! What should have happened, as the user says: `requested=yes,answer=certificate,outcome=accepted`.

use std::fmt;
use std::str::FromStr;

use crate::connection::Verdict;

/// What should have happened in every connection; `None` where nothing is expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Expectation {
    /// Whether the server asks for a client certificate.
    pub requested: Option<bool>,
    /// What the client answers.
    pub answer: Option<ExpectedAnswer>,
    /// How the connection comes out: accepted or refused.
    pub outcome: Option<Verdict>,
}

/// What a client can answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExpectedAnswer {
    /// A certificate.
    Certificate,
    /// A Certificate message without one.
    Empty,
    /// Nothing.
    None,
}

/// What is wrong with an expectation as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoExpectation {
    part: String,
    /// It says once more what was said before, or the contrary.
    is_repeated: bool,
}

impl FromStr for Expectation {
    type Err = NoExpectation;

    fn from_str(text: &str) -> Result<Self, NoExpectation> {
        let mut expectation = Self::default();
        let mut named = Vec::new();
        for part in text.split(',').map(str::trim) {
            let name = part.split('=').next().unwrap_or(part);
            if named.contains(&name) {
                return Err(NoExpectation { part: part.to_owned(), is_repeated: true });
            }
            named.push(name);
            match part.split_once('=') {
                Some(("requested", "yes")) => expectation.requested = Some(true),
                Some(("requested", "no")) => expectation.requested = Some(false),
                Some(("answer", "certificate")) => expectation.answer = Some(ExpectedAnswer::Certificate),
                Some(("answer", "empty")) => expectation.answer = Some(ExpectedAnswer::Empty),
                Some(("answer", "none")) => expectation.answer = Some(ExpectedAnswer::None),
                Some(("outcome", "accepted")) => expectation.outcome = Some(Verdict::Accepted),
                Some(("outcome", "refused")) => expectation.outcome = Some(Verdict::Refused),
                _ => return Err(NoExpectation { part: part.to_owned(), is_repeated: false }),
            }
        }
        Ok(expectation)
    }
}

impl fmt::Display for NoExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_repeated {
            let name = self.part.split('=').next().unwrap_or(&self.part);
            return write!(f, "{:?}: {name} was given before; give it once", self.part);
        }
        write!(
            f,
            "{:?} is nothing that can be expected; give requested=yes or no, answer=certificate, empty or none, \
             outcome=accepted or refused, with commas between",
            self.part
        )
    }
}

impl std::error::Error for NoExpectation {}

impl fmt::Display for ExpectedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "a certificate",
            Self::Empty => "an empty Certificate message",
            Self::None => "no Certificate message",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_can_be_expected_is_read() {
        let expectation: Expectation = "requested=yes, answer=certificate,outcome=accepted".parse().unwrap();
        assert_eq!(
            expectation,
            Expectation {
                requested: Some(true),
                answer: Some(ExpectedAnswer::Certificate),
                outcome: Some(Verdict::Accepted)
            }
        );
        assert_eq!("outcome=refused".parse::<Expectation>().unwrap().requested, None);
    }

    #[test]
    fn what_is_expected_twice_is_refused() {
        let error = "requested=yes,requested=no".parse::<Expectation>().unwrap_err().to_string();
        assert_eq!(error, "\"requested=no\": requested was given before; give it once");
    }

    #[test]
    fn what_cannot_be_expected_is_said() {
        for text in ["", "outcome=maybe", "asked=yes", "requested"] {
            let error = text.parse::<Expectation>().unwrap_err().to_string();
            assert!(error.contains("requested=yes"), "{error}");
        }
    }
}
