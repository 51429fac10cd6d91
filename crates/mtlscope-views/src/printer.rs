//! Printing connections apart from each other, so that several threads may print them and one puts in order what they print.

use std::io;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;

/// Prints connections one by one, each without regard to the others. A [`crate::View`] makes it, and shows what it prints
/// ([`crate::View::printed`]).
pub trait Printer: Send {
    /// Appends one connection, and what the rules say of it.
    ///
    /// # Errors
    /// Where it cannot be put into text.
    fn print(&mut self, connection: &Connection, findings: &[Finding], text: &mut Vec<u8>) -> io::Result<()>;
}
