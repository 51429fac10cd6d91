//! The display-filter language of Wireshark 4.0: text to a [`Filter`], which says of a frame or a connection whether it is
//! meant.
//!
//! ```text
//! text -> lexer -> parser -> syntax -> check (fields, types, literals) -> program -> yes or no
//! ```
//!
//! `docs/filters.md` describes the language for users. `xor` (`^^`) came to Wireshark after 4.0 and is taken, too.

mod lexer;
mod syntax;
mod parser;
mod literal;
mod moment;
mod named_values;
mod check;
mod program;
mod evaluate;
mod slice;
mod error;
mod over_connections;
mod sealed;
#[cfg(test)]
mod tests;

use mtlscope_diagnose::sealed::Contents;

use crate::fields::{Field, Occurrence, connection};

pub use error::FilterError;
pub use over_connections::{Candidate, OverConnections};

use program::Test;

/// The longest filter that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// A filter, ready to be asked.
#[derive(Debug)]
pub struct Filter {
    test: Test,
    fields: Vec<&'static Field>,
}

impl Filter {
    /// Understands a filter. All white space means everything, as in Wireshark: nothing is filtered.
    pub fn compile(text: &str) -> Result<Self, FilterError> {
        if text.len() > LONGEST {
            let message = format!("a filter may have {LONGEST} bytes, this one has {}", text.len());
            return Err(FilterError::new(message, 0..0).in_text(""));
        }
        let compiled = parser::parse(text).and_then(|syntax| check::check(&syntax));
        let test = compiled.map_err(|error| error.in_text(text))?;
        let mut fields: Vec<&'static Field> = Vec::new();
        test.each_field(&mut |field| {
            if !fields.iter().any(|known| std::ptr::eq(*known, field)) {
                fields.push(field);
            }
        });
        Ok(Self { test, fields })
    }

    /// Whether these occurrences, all that the frame or the connection has of the filter's fields, are what is meant.
    pub fn matches(&self, occurrences: &[Occurrence]) -> bool {
        evaluate::holds(&self.test, occurrences)
    }

    /// The fields it asks for, each once.
    pub fn fields(&self) -> &[&'static Field] {
        &self.fields
    }

    /// Whether it asks for fields of frames, so that these have to be told.
    pub fn needs_frames(&self) -> bool {
        self.fields.iter().any(|field| !connection::is_own(field))
    }

    /// The fields it asks for that are of a connection as a whole.
    pub fn connection_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().copied().filter(|field| connection::is_own(field))
    }

    /// What it asks for of what TLS may encrypt.
    pub fn asks_for(&self) -> Contents {
        sealed::asked_for(&self.test)
    }
}
