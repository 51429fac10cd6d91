//! The three streams of a run, and what is known of them.

use std::fmt::{self, Display};
use std::io::{self, Read, Write};

/// The streams a run reads and writes.
pub struct Console<'a> {
    /// Standard input; `None` for that of the process.
    pub input: Option<Box<dyn Read + Send>>,
    /// Where results go. Should gather small writes.
    pub out: &'a mut dyn Write,
    /// Where complaints go.
    pub err: &'a mut dyn Write,
    /// The terminal that `out` is, if it is one.
    pub out_terminal: Option<Terminal>,
    /// The terminal that `err` is, if it is one.
    pub err_terminal: Option<Terminal>,
    /// Whether the user wants no colours anywhere (`NO_COLOR`).
    pub no_color: bool,
}

/// What is known of a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terminal {
    /// Its width, where it says so.
    pub columns: Option<usize>,
}

impl Console<'_> {
    /// The same streams for a part of the run, which takes over standard input.
    pub(crate) fn lend(&mut self) -> Console<'_> {
        Console { input: self.input.take(), out: &mut *self.out, err: &mut *self.err, ..*self }
    }

    /// Says on one line of standard error what went wrong, behind all that was written so far.
    pub(crate) fn complain(&mut self, what: &dyn Display) {
        // If neither stream can be written to, there is nobody to tell.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "mtlscope: {what}");
        let _ = self.err.flush();
    }
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("out_terminal", &self.out_terminal)
            .field("err_terminal", &self.err_terminal)
            .field("no_color", &self.no_color)
            .finish_non_exhaustive()
    }
}

/// Whether nobody reads on (`| head`).
pub(crate) fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// The complaint about output that cannot be written.
pub(crate) fn cannot_write(error: &io::Error) -> impl Display {
    format!("cannot write the output: {error} (is the disk full?)")
}
