//! What was recorded of handshakes, whichever way: packets in a capture, or text that a program printed.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::time::SystemTime;

use mtlscope_dissect::input::Input;

use crate::capture_file::CaptureFile;
use crate::error::{SourceError, printable_text};
use crate::printout_file::PrintoutFile;
use crate::stored::Stored;
use crate::{Progress, Source};

/// A capture or a printout, told apart by its first bytes.
#[derive(Debug)]
pub enum Recorded {
    /// Packets.
    Capture(CaptureFile),
    /// Lines.
    Printout(PrintoutFile),
}

impl Recorded {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or is neither.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let modified = path.metadata().and_then(|metadata| metadata.modified());
        Self::of(Stored::open(path)?, modified.unwrap_or_else(|_| SystemTime::now()))
    }

    /// Reads standard input.
    ///
    /// # Errors
    /// When standard input is a terminal, and as [`Self::open`].
    pub fn stdin() -> Result<Self, SourceError> {
        if io::stdin().is_terminal() {
            return Err(SourceError::Terminal);
        }
        Self::from_reader("standard input", io::stdin())
    }

    /// Reads an open stream, called `name` in messages.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(name: &str, input: impl Read + Send + 'static) -> Result<Self, SourceError> {
        Self::of(Stored::new(printable_text(name), Box::new(input), None)?, SystemTime::now())
    }

    fn of(stored: Stored, time: SystemTime) -> Result<Self, SourceError> {
        if CaptureFile::is_capture(&stored) {
            return CaptureFile::new(stored).map(Self::Capture);
        }
        PrintoutFile::new(stored, time).map(Self::Printout)
    }

    /// Whether the format has a place for key material.
    pub fn may_hold_secrets(&self) -> bool {
        match self {
            Self::Capture(capture) => capture.may_hold_secrets(),
            Self::Printout(_) => false,
        }
    }
}

impl Source for Recorded {
    #[inline]
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        match self {
            Self::Capture(capture) => capture.next(),
            Self::Printout(printout) => printout.next(),
        }
    }

    fn progress(&self) -> Progress {
        match self {
            Self::Capture(capture) => capture.progress(),
            Self::Printout(printout) => printout.progress(),
        }
    }

    fn is_drained(&self) -> bool {
        match self {
            Self::Capture(capture) => capture.is_drained(),
            Self::Printout(_) => false,
        }
    }
}
