//! A file or pipe of text that a program printed of its own handshakes, line by line.

use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use mtlscope_dissect::input::{Input, Line, is_printout};
use mtlscope_dissect::time::Timestamp;

use crate::error::{SourceError, printable_text};
use crate::stored::Stored;
use crate::{Progress, Source};

/// How far to look for the first line that tells of TLS.
const LOOK: usize = 1 << 20;

/// What a program printed: the output of `curl -v`, of `openssl s_client`, a server's error log.
#[derive(Debug)]
pub struct PrintoutFile {
    stored: Stored,
    time: Timestamp,
    lines: Vec<String>,
    next: usize,
}

impl PrintoutFile {
    /// Opens the file and looks for a line that tells of TLS. The file's time counts as the time of what it tells.
    ///
    /// # Errors
    /// When it cannot be read, or no line in the first mebibyte tells of TLS.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let modified = path.metadata().and_then(|metadata| metadata.modified());
        Self::new(Stored::open(path)?, modified.unwrap_or_else(|_| SystemTime::now()))
    }

    /// Reads from an open stream, called `name` in messages. Now counts as the time of what it tells.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(name: &str, input: impl Read + Send + 'static) -> Result<Self, SourceError> {
        Self::new(Stored::new(printable_text(name), Box::new(input), None)?, SystemTime::now())
    }

    pub(crate) fn new(mut stored: Stored, time: SystemTime) -> Result<Self, SourceError> {
        let window = &mut stored.window;
        loop {
            let seen = window.available().len();
            if is_printout(&String::from_utf8_lossy(window.available())) {
                break;
            }
            if seen >= LOOK || !window.fill_to(seen + 1) {
                let resemblance = crate::resemblance::resemblance(window.available());
                return Err(SourceError::NotACapture { name: stored.name, resemblance });
            }
        }
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let time =
            Timestamp::from_parts(i64::try_from(since.as_secs()).unwrap_or_default(), since.subsec_nanos());
        Ok(Self { stored, time, lines: Vec::new(), next: 0 })
    }
}

impl Source for PrintoutFile {
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        if self.next >= self.lines.len() {
            let window = &mut self.stored.window;
            let Some(place) = window.take_lines(u64::MAX) else { return Ok(None) };
            let text = String::from_utf8_lossy(window.taken(place));
            self.lines = text.lines().map(str::to_owned).collect();
            self.next = 0;
        }
        let line = self.lines.get(self.next);
        self.next += 1;
        Ok(line.map(|text| Input::Line(Line { time: self.time, text })))
    }

    fn progress(&self) -> Progress {
        self.stored.progress()
    }
}
