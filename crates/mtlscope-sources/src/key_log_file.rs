//! A key log file: the text that programs write when SSLKEYLOGFILE is set, in pieces of whole lines.
//!
//! Reads from start to end, once. Only the first lines are looked at, to tell a key log from another file; what a line
//! means is for the engine to say, which also copes with CR LF and comments. Content is never printed.
//! Format: <https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile-02.html>.

use std::io::Read;
use std::path::Path;

use mtlscope_dissect::input::{Input, Secret, SecretOrigin};

use crate::error::{SourceError, printable_text};
use crate::resemblance::resemblance;
use crate::stored::Stored;
use crate::{Progress, Source};

/// How far to look for the first key-log line: comments and other lines may come before it.
const LOOK: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A key log file, plain or packed with gzip or Zstandard.
#[derive(Debug)]
pub struct KeyLogFile {
    stored: Stored,
    notice: Option<String>,
    told_failure: bool,
}

impl KeyLogFile {
    /// Opens the file and looks at its first lines.
    ///
    /// # Errors
    /// When it cannot be read, or no line in the first mebibyte is one of a key log.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        Self::new(Stored::open(path)?)
    }

    /// Reads a key log from an open stream, called `name` in messages. Waits for its first key-log line.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(name: &str, input: impl Read + Send + 'static) -> Result<Self, SourceError> {
        Self::new(Stored::new(printable_text(name), Box::new(input), None)?)
    }

    fn new(mut stored: Stored) -> Result<Self, SourceError> {
        let window = &mut stored.window;
        window.holds_secrets();
        if window.available().starts_with(BYTE_ORDER_MARK) {
            window.advance(BYTE_ORDER_MARK.len());
        }
        let mut at_end = false;
        loop {
            let seen = window.available().len();
            at_end |= seen >= LOOK;
            if has_key_log_line(window.available(), at_end) {
                break;
            }
            if at_end {
                return Err(not_a_key_log(stored));
            }
            // One byte more is all that is asked for: a pipe gives what it has.
            at_end = !window.fill_to(seen + 1);
        }
        Ok(Self { stored, notice: None, told_failure: false })
    }
}

impl Source for KeyLogFile {
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        let window = &mut self.stored.window;
        if let Some(place) = window.take_lines(u64::MAX) {
            let secret = Secret { origin: SecretOrigin::KeyLog, lines: window.taken(place), flow: None };
            return Ok(Some(Input::Secret(secret)));
        }
        let failure = window.failure().filter(|_| !self.told_failure);
        self.notice = failure.map(|cause| {
            format!(
                "reading the key log {} broke off: {cause}; the lines before it were used",
                self.stored.name
            )
        });
        self.told_failure = true;
        Ok(self.notice.as_deref().map(Input::Notice))
    }

    fn progress(&self) -> Progress {
        self.stored.progress()
    }
}

fn not_a_key_log(mut stored: Stored) -> SourceError {
    if let Some(cause) = stored.window.take_failure() {
        return SourceError::Read { name: stored.name, cause };
    }
    SourceError::NotAKeyLog { resemblance: resemblance(stored.window.available()), name: stored.name }
}

/// Whether one of the lines is of a key log; the last one counts only where no more of it can come.
fn has_key_log_line(text: &[u8], at_end: bool) -> bool {
    let whole = if at_end { text.len() } else { text.iter().rposition(|&b| b == b'\n').unwrap_or(0) };
    text.get(..whole).unwrap_or_default().split(|&b| b == b'\n').any(looks_like_a_key_log_line)
}

/// `LABEL hex hex`, or `RSA Session-ID:hex Master-Key:hex` as old OpenSSL tools print it.
pub(crate) fn looks_like_a_key_log_line(line: &[u8]) -> bool {
    let mut words = line.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let (Some(label), Some(first), Some(second)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let is_hex = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_hexdigit);
    let is_field = |word: &[u8], prefix: &[u8]| word.strip_prefix(prefix).is_some_and(is_hex);
    let is_label = label.iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && label.iter().any(u8::is_ascii_uppercase);
    is_label
        && words.next().is_none()
        && (is_hex(first) && is_hex(second)
            || is_field(first, b"Session-ID:") && is_field(second, b"Master-Key:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_shapes_of_key_log_lines() {
        for line in [
            "CLIENT_RANDOM 00ff 0011",
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET 00FF 0011\r",
            "RSA 0123456789abcdef 0011",
            "RSA Session-ID:00ff Master-Key:0011",
            "QUIC_CLIENT_TRAFFIC_SECRET_0  00ff\t0011 ",
        ] {
            assert!(looks_like_a_key_log_line(line.as_bytes()), "{line}");
        }
        for line in [
            "",
            "# CLIENT_RANDOM 00 11",
            "CLIENT_RANDOM 00ff",
            "CLIENT_RANDOM 00ff xyz",
            "client 00 11",
            "A 0 1 2",
        ] {
            assert!(!looks_like_a_key_log_line(line.as_bytes()), "{line}");
        }
    }
}
