//! What is to be known of how the client tried.

use std::io::{self, Write};

use crate::printable::printable;
use crate::terminal::{Ink, Settings, paragraph};

/// Writes a note: a sentence without its full stop.
pub fn write(note: &str, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    paragraph(
        2,
        (Ink::Doubtful, "Note             "),
        Ink::Plain,
        &format!("{}.", printable(note)),
        settings,
        out,
    )
}
