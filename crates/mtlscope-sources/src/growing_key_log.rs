//! A key log that a program is still writing: what was added to it since the last look, in whole lines.
//!
//! Programs write the secrets of a connection before they use them. Who looks here each time before a connection's end is
//! told ([`FeedSource::following`](crate::feed::FeedSource::following)) has its secrets in time.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// What is read of it at a time, in bytes.
const PIECE: usize = 64 * 1024;
/// A line that is longer is none of a key log.
const LONGEST_LINE: usize = 4096;

/// A key log file, read on as it grows.
pub struct GrowingKeyLog {
    path: PathBuf,
    /// Opened once it is there.
    file: Option<File>,
    /// What was read: whole lines that were handed out, then the beginning of one that still grows.
    text: Zeroizing<Vec<u8>>,
    /// How much of the text was handed out.
    handed_out: usize,
}

impl GrowingKeyLog {
    /// Reads this file from its beginning; it may come to be later.
    pub fn whole(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            text: Zeroizing::new(Vec::with_capacity(PIECE + LONGEST_LINE)),
            handed_out: 0,
        }
    }

    /// Reads what is added to this file from now on, and not what it holds already.
    pub fn from_here(path: &Path) -> Self {
        let mut log = Self::whole(path);
        if let Ok(mut file) = File::open(path) {
            // A pipe has no end to go to, and nothing of it was written before.
            let _ = file.seek(SeekFrom::End(0));
            log.file = Some(file);
        }
        log
    }

    /// Looks whether whole lines were added since the last call, which are then [`Self::lines`]. What cannot be read now may be
    /// readable later: a file that is not there yet is no error.
    pub fn read_on(&mut self) -> bool {
        let kept = self.text.len() - self.handed_out;
        self.text.copy_within(self.handed_out.., 0);
        self.text.truncate(kept);
        self.handed_out = 0;
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return false };
        self.text.resize(PIECE + LONGEST_LINE, 0);
        let length = loop {
            match file.read(self.text.get_mut(kept..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.unwrap_or(0),
            }
        };
        self.text.truncate(kept + length);
        self.handed_out = match self.text.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => end + 1,
            // No key log has such a line: it is handed on in pieces, of which nobody can make anything.
            None if self.text.len() > LONGEST_LINE => self.text.len(),
            None => 0,
        };
        self.handed_out > 0
    }

    /// The lines that the last [`Self::read_on`] found.
    pub fn lines(&self) -> &[u8] {
        self.text.get(..self.handed_out).unwrap_or_default()
    }
}

/// Never prints secrets.
impl std::fmt::Debug for GrowingKeyLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrowingKeyLog").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::*;

    fn add(path: &Path, text: &str) {
        OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn added(log: &mut GrowingKeyLog) -> Option<&[u8]> {
        log.read_on().then(|| log.lines())
    }

    #[test]
    fn hands_out_whole_lines_as_they_come_and_each_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        let mut log = GrowingKeyLog::whole(&path);
        assert_eq!(added(&mut log), None, "it is not there yet");
        add(&path, "A 01 02\nB 03");
        assert_eq!(added(&mut log), Some(&b"A 01 02\n"[..]));
        assert_eq!(added(&mut log), None);
        add(&path, " 04\nC 05 06\n");
        assert_eq!(added(&mut log), Some(&b"B 03 04\nC 05 06\n"[..]));
        assert_eq!(added(&mut log), None);
    }

    #[test]
    fn what_was_there_before_can_be_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "A 01 02\n");
        let mut log = GrowingKeyLog::from_here(&path);
        add(&path, "B 03 04\n");
        assert_eq!(added(&mut log), Some(&b"B 03 04\n"[..]));
    }

    #[test]
    fn a_file_without_lines_holds_no_memory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, &"x".repeat(1_000_000));
        let mut log = GrowingKeyLog::whole(&path);
        while log.read_on() {}
        assert!(log.text.capacity() <= 2 * (PIECE + LONGEST_LINE), "{}", log.text.capacity());
    }

    #[test]
    fn no_secret_is_printed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "CLIENT_RANDOM 0123 4567\n");
        let mut log = GrowingKeyLog::whole(&path);
        assert!(log.read_on());
        assert!(!format!("{log:?}").contains("4567"));
    }
}
