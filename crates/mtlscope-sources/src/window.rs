//! The part of a stream that is held in memory: big reads in, borrowed slices out, no copy per packet.
//!
//! A read takes what there is and never waits for the whole window to fill, so a pipe delivers packets as they come.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Range;

use zeroize::Zeroize;

/// What is read at once. Larger gains nothing measurable; smaller costs system calls.
const BLOCK: usize = 1 << 18;

/// A window over a stream of bytes.
pub(crate) struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// `buffer[held]` has been read and not yet been taken.
    held: Range<usize>,
    /// Where in the stream `held.start` is.
    offset: u64,
    ended: bool,
    failure: Option<io::Error>,
    holds_secrets: bool,
    /// How much of the buffer was ever written.
    used: usize,
}

impl Window {
    /// A window at the start of `input`. Reads nothing yet.
    pub(crate) fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            buffer: vec![0; BLOCK],
            held: 0..0,
            offset: 0,
            ended: false,
            failure: None,
            holds_secrets: false,
            used: 0,
        }
    }

    /// What is in memory and not yet taken.
    #[inline]
    pub(crate) fn available(&self) -> &[u8] {
        self.buffer.get(self.held.clone()).unwrap_or_default()
    }

    /// Takes the next `n` bytes, which must be available: gives their place for [`Self::taken`], valid until the next fill.
    #[inline]
    pub(crate) fn advance(&mut self, n: usize) -> Range<usize> {
        let n = n.min(self.held.len());
        let start = self.held.start;
        self.held.start += n;
        self.offset += n as u64;
        start..start + n
    }

    /// Bytes that were taken since the last fill.
    #[inline]
    pub(crate) fn taken(&self, place: Range<usize>) -> &[u8] {
        self.buffer.get(place).unwrap_or_default()
    }

    /// Where in the stream the next byte is.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The error that ended the stream early.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Takes the error that ended the stream early.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// From now on the memory is wiped when dropped.
    pub(crate) fn holds_secrets(&mut self) {
        self.holds_secrets = true;
    }

    /// Reads until at least `wanted` bytes are available. False where the stream ends before.
    ///
    /// Memory grows with what really arrives, never with what was asked for.
    #[cold]
    pub(crate) fn fill_to(&mut self, wanted: usize) -> bool {
        while self.held.len() < wanted {
            if !self.read_once() {
                return false;
            }
        }
        true
    }

    /// Leaves out `n` bytes, however many, without holding them. Gives how many were missing.
    pub(crate) fn skip(&mut self, mut n: u64) -> u64 {
        loop {
            let now = self.held.len().min(usize::try_from(n).unwrap_or(usize::MAX));
            self.advance(now);
            n -= now as u64;
            if n == 0 || !self.fill_to(1) {
                return n;
            }
        }
    }

    /// Takes as many whole lines as are at hand within the next `limit` bytes; reads on while there is none. A line
    /// longer than a block comes in pieces. `None` at the end of the stream or of the limit.
    pub(crate) fn take_lines(&mut self, limit: u64) -> Option<Range<usize>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let bound = limit.min(BLOCK);
        loop {
            let available = self.available();
            let seen = available.get(..bound).unwrap_or(available);
            let nothing_follows = seen.len() == limit || (self.ended && seen.len() == available.len());
            let whole = if nothing_follows {
                seen.len()
            } else if let Some(at) = seen.iter().rposition(|&b| b == b'\n') {
                at + 1
            } else if seen.len() == bound {
                bound
            } else {
                self.read_once();
                continue;
            };
            return (whole > 0).then(|| self.advance(whole));
        }
    }

    /// One `read`. False where nothing came of it.
    fn read_once(&mut self) -> bool {
        if self.ended {
            return false;
        }
        // What is left is less than a packet, so moving it is cheaper than a short read.
        self.buffer.copy_within(self.held.clone(), 0);
        self.held = 0..self.held.len();
        if self.held.end == self.buffer.len() {
            self.grow();
        }
        let room = self.buffer.get_mut(self.held.end..).unwrap_or_default();
        loop {
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.held.end += n.min(room.len());
                    self.used = self.used.max(self.held.end);
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
            return false;
        }
    }

    fn grow(&mut self) {
        let mut larger = vec![0; self.buffer.len() * 2];
        if let Some(front) = larger.get_mut(..self.buffer.len()) {
            front.copy_from_slice(&self.buffer);
        }
        self.wipe();
        self.buffer = larger;
    }

    fn wipe(&mut self) {
        if self.holds_secrets {
            self.buffer.get_mut(..self.used).unwrap_or_default().zeroize();
        }
    }
}

/// So that a decompressor can read from a window that has already looked at the first bytes.
impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.advance(n);
        Ok(n)
    }
}

impl BufRead for Window {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.held.is_empty()
            && !self.fill_to(1)
            && let Some(error) = self.take_failure()
        {
            return Err(error);
        }
        Ok(self.available())
    }

    fn consume(&mut self, n: usize) {
        self.advance(n);
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Never prints what is held.
impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("offset", &self.offset)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_with_what_arrives_and_not_with_what_is_asked_for() {
        let mut window = Window::new(Box::new(io::Cursor::new(vec![7; 100])));
        assert!(!window.fill_to(usize::MAX));
        assert_eq!((window.available().len(), window.buffer.len()), (100, BLOCK));

        let mut window = Window::new(Box::new(io::repeat(7)));
        assert!(window.fill_to(3 * BLOCK));
        assert_eq!(window.buffer.len(), 4 * BLOCK);
    }

    #[test]
    fn skips_more_than_it_could_hold() {
        let mut window = Window::new(Box::new(io::repeat(7).take(5 * BLOCK as u64)));
        assert_eq!(window.skip(5 * BLOCK as u64 - 1), 0);
        assert_eq!(window.buffer.len(), BLOCK);
        assert_eq!(window.skip(3), 2);
        assert_eq!(window.offset(), 5 * BLOCK as u64);
    }

    #[test]
    fn hands_out_whole_lines_and_the_unfinished_last_one() {
        let text = "one\ntwo\nthree";
        for limit in [text.len() as u64, u64::MAX] {
            let mut window = Window::new(Box::new(io::Cursor::new(text)));
            let mut got = String::new();
            while let Some(place) = window.take_lines(limit - window.offset()) {
                got += std::str::from_utf8(window.taken(place)).unwrap();
            }
            assert_eq!(got, text);
        }
    }

    #[test]
    fn stops_lines_at_the_limit() {
        let mut window = Window::new(Box::new(io::Cursor::new("one\ntwo\nthree")));
        let place = window.take_lines(6).unwrap();
        assert_eq!(window.taken(place), b"one\ntw");
    }

    #[test]
    fn splits_a_line_longer_than_a_block_and_loses_nothing() {
        let mut window = Window::new(Box::new(io::repeat(b'x').take(2 * BLOCK as u64 + 5)));
        let mut got = 0;
        while let Some(place) = window.take_lines(u64::MAX) {
            got += place.len();
        }
        assert_eq!((got, window.buffer.len()), (2 * BLOCK + 5, BLOCK));
    }
}
