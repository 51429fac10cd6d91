//! What is wrong with a filter, and where.

use std::fmt::{self, Display};
use std::ops::Range;

use crate::printable::printable;

/// Why a filter is none: what is wrong, and the filter with a caret under the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterError {
    message: String,
    text: String,
    place: Range<usize>,
}

impl FilterError {
    pub(super) fn new(message: impl Into<String>, place: Range<usize>) -> Self {
        Self { message: message.into(), text: String::new(), place }
    }

    pub(super) fn in_text(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> String {
        printable(&self.message).to_string()
    }

    /// Which bytes of the filter are meant.
    pub fn place(&self) -> Range<usize> {
        self.place.clone()
    }
}

/// The message; below it the line of the filter that is meant, and carets under the place.
impl Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        let before = self.text.get(..self.place.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        if line.is_empty() {
            return Ok(());
        }
        let columns = |text: Option<&str>| printable(text.unwrap_or_default()).to_string().chars().count();
        let indent = columns(self.text.get(start..self.place.start));
        let end = self.place.end.min(start + line.len());
        let carets = columns(self.text.get(self.place.start..end)).max(1);
        write!(f, "\n  {}\n  {:indent$}{}", printable(line), "", "^".repeat(carets))
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_place() {
        let error = FilterError::new("no such field", 4..7).in_text("tcp foo");
        assert_eq!(error.to_string(), "no such field\n  tcp foo\n      ^^^");
        let error = FilterError::new("ends too soon", 3..3).in_text("tcp");
        assert_eq!(error.to_string(), "ends too soon\n  tcp\n     ^");
        let error = FilterError::new("no such field", 5..6).in_text("tcp\nx y");
        assert_eq!(error.to_string(), "no such field\n  x y\n   ^");
    }
}
