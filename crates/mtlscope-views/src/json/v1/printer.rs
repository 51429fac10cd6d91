//! Lines for several threads: each without the notices of the input, which are put into it once all before it is shown.

use std::io;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::notice::Notice;

use super::{Kept, append, files_of, write_line};
use crate::{Printer, wording};

/// Prints lines of one input.
#[derive(Debug)]
pub(super) struct LinePrinter {
    /// The files that are read as one.
    pub(super) files: Vec<String>,
    pub(super) kept: Kept,
}

impl Printer for LinePrinter {
    fn print(&mut self, connection: &Connection, findings: &[Finding], text: &mut Vec<u8>) -> io::Result<()> {
        write_line(connection, findings, files_of(connection, &self.files), &[], &self.kept, text)
    }
}

/// What every line ends with: its notices are the last of its fields.
const END: &[u8] = b"]}\n";

/// Puts notices of the input behind those of the connection itself.
pub(super) fn add_notices(line: &[u8], notices: &[&Notice], out: &mut Vec<u8>) -> io::Result<()> {
    let begun = line.strip_suffix(END).unwrap_or(line);
    out.extend_from_slice(begun);
    for notice in notices {
        if out.last() != Some(&b'[') {
            out.push(b',');
        }
        append(out, &wording::notice(notice))?;
    }
    out.extend_from_slice(END);
    Ok(())
}
