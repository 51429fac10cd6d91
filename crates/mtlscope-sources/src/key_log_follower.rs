//! A key log that grows while we look: lines as programs write them, whole ones only.
//!
//! The file may come later, go, and come again: it is opened through its directory, which is held open, so that nothing needs
//! to be found by path again once rights are dropped (Linux).

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use zeroize::Zeroizing;

use crate::error::{SourceError, printable};
use crate::held_directory::HeldDirectory;
use crate::key_log_file::looks_like_a_key_log_line;
use crate::resemblance::resemblance;

/// A line that gets longer than this is none of a key log, and is let go.
const LONGEST_LINE: usize = 64 * 1024;

/// Follows one key log.
#[derive(Debug)]
pub struct KeyLogFollower {
    name: String,
    directory: HeldDirectory,
    file_name: OsString,
    file: Option<File>,
    /// Whether it was said that the file is not there.
    told_absence: bool,
    /// What was read and not handed on: at most the beginning of a line.
    unfinished: Zeroizing<Vec<u8>>,
    buffer: Zeroizing<Vec<u8>>,
    lines: Zeroizing<Vec<u8>>,
}

/// What came of a look.
#[derive(Debug, Default)]
pub struct Look<'a> {
    /// New lines, whole ones.
    pub lines: Option<&'a [u8]>,
    /// What became of the file, in words.
    pub notice: Option<String>,
}

impl KeyLogFollower {
    /// Opens the file, or waits for it where its directory is there.
    ///
    /// # Errors
    /// When the directory cannot be opened, the file not be read, or it is not a key log.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let (directory, file_name) = HeldDirectory::of(path)?;
        let mut follower = Self {
            name: printable(path),
            directory,
            file_name,
            file: None,
            told_absence: false,
            unfinished: Zeroizing::default(),
            buffer: Zeroizing::new(vec![0; 64 * 1024]),
            lines: Zeroizing::default(),
        };
        match follower.reopen() {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(SourceError::opening(path, errno.into())),
        }
        if follower.file.as_ref().is_some_and(|file| file.metadata().is_ok_and(|metadata| metadata.is_dir()))
        {
            return Err(SourceError::opening(path, Errno::EISDIR.into()));
        }
        follower.check(path)?;
        Ok(follower)
    }

    /// Takes what was added since the last look.
    pub fn look(&mut self) -> Look<'_> {
        self.lines.clear();
        self.read_on();
        let notice = self.find_again();
        let lines = (!self.lines.is_empty()).then_some(self.lines.as_slice());
        Look { lines, notice }
    }

    /// Reads to the end of what is there.
    fn read_on(&mut self) {
        let Some(file) = &mut self.file else { return };
        if let (Ok(metadata), Ok(place)) = (file.metadata(), file.stream_position())
            && metadata.is_file()
            && metadata.len() < place
        {
            // Emptied, and begun anew.
            self.unfinished.clear();
            let _ = file.seek(SeekFrom::Start(0));
        }
        // What cannot be read now (a pipe that nobody has written to yet) may be the next time.
        while let Ok(count @ 1..) = file.read(&mut self.buffer) {
            self.unfinished.extend_from_slice(self.buffer.get(..count).unwrap_or_default());
            let whole = self.unfinished.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            self.lines.extend(self.unfinished.drain(..whole));
            if self.unfinished.len() > LONGEST_LINE {
                self.unfinished.clear();
            }
        }
    }

    /// Whether the name still means the file that is read; if another, that one is read from now on.
    fn find_again(&mut self) -> Option<String> {
        let read = self.file.as_ref().and_then(|file| file.metadata().ok());
        let named = self.directory.look_at(&self.file_name);
        match (&read, named) {
            (Some(read), Ok(named)) if (read.dev(), read.ino()) == (named.st_dev, named.st_ino) => {
                return None;
            }
            (Some(_), Ok(_)) | (None, Ok(_)) => {}
            (Some(_), Err(Errno::ENOENT)) => {
                self.file = None;
                self.told_absence = true;
                return Some(format!(
                    "the key log {} was removed: what stood in it was used, and what comes in a new one will be",
                    self.name
                ));
            }
            (None, Err(Errno::ENOENT)) if !std::mem::replace(&mut self.told_absence, true) => {
                return Some(format!("there is no key log {} yet: waiting for it", self.name));
            }
            _ => return None,
        }
        match self.reopen() {
            Ok(()) => {
                self.told_absence = false;
                self.read_on();
                None
            }
            Err(_) if std::mem::replace(&mut self.told_absence, true) => None,
            Err(errno) => {
                self.file = None;
                Some(format!(
                    "cannot read the new key log {}: {} (make it readable)",
                    self.name,
                    errno.desc()
                ))
            }
        }
    }

    fn reopen(&mut self) -> Result<(), Errno> {
        self.file = Some(self.directory.read(&self.file_name)?);
        self.unfinished.clear();
        Ok(())
    }

    /// A file that holds something else was named by mistake.
    fn check(&mut self, path: &Path) -> Result<(), SourceError> {
        /// Comments may stand before the first line.
        const LOOK: usize = 64 * 1024;
        let Some(file) = self.file.as_mut().filter(|file| file.metadata().is_ok_and(|data| data.is_file()))
        else {
            return Ok(());
        };
        let mut start = Zeroizing::new(Vec::new());
        file.take(LOOK as u64).read_to_end(&mut start).map_err(|cause| SourceError::opening(path, cause))?;
        file.seek(SeekFrom::Start(0)).map_err(|cause| SourceError::opening(path, cause))?;
        let is_comment = |line: &[u8]| line.is_empty() || line == b"\r" || line.starts_with(b"#");
        let lines = || start.split(|&byte| byte == b'\n');
        if lines().all(is_comment) || lines().any(looks_like_a_key_log_line) {
            return Ok(());
        }
        Err(SourceError::NotAKeyLog { name: self.name.clone(), resemblance: resemblance(&start) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn add(path: &Path, text: &str) {
        File::options().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn look(follower: &mut KeyLogFollower) -> (String, bool) {
        let look = follower.look();
        (String::from_utf8(look.lines.unwrap_or_default().to_vec()).unwrap(), look.notice.is_some())
    }

    #[test]
    fn hands_on_whole_lines_as_they_come() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "CLIENT_RANDOM 00 11\nCLIENT_RAN");
        let mut follower = KeyLogFollower::open(&path).unwrap();
        assert_eq!(look(&mut follower), ("CLIENT_RANDOM 00 11\n".to_owned(), false));
        assert_eq!(look(&mut follower), (String::new(), false));
        add(&path, "DOM 22 33\n");
        assert_eq!(look(&mut follower), ("CLIENT_RANDOM 22 33\n".to_owned(), false));
        File::create(&path).unwrap();
        assert_eq!(look(&mut follower), (String::new(), false));
        add(&path, "RSA 00 11\n");
        assert_eq!(look(&mut follower), ("RSA 00 11\n".to_owned(), false), "emptied and begun anew");
    }

    #[test]
    fn waits_for_one_that_comes_goes_and_comes_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        let mut follower = KeyLogFollower::open(&path).unwrap();
        assert_eq!(look(&mut follower), (String::new(), true));
        assert_eq!(look(&mut follower), (String::new(), false), "said once");
        add(&path, "RSA 00 11\n");
        assert_eq!(look(&mut follower), ("RSA 00 11\n".to_owned(), false));
        add(&path, "RSA 22 33\n");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(look(&mut follower), ("RSA 22 33\n".to_owned(), true), "its last lines are not lost");
        add(&path, "RSA 44 55\n");
        assert_eq!(look(&mut follower), ("RSA 44 55\n".to_owned(), false));
        let other = directory.path().join("other");
        add(&other, "RSA 66 77\n");
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(look(&mut follower), ("RSA 66 77\n".to_owned(), false), "one put in its place");
    }

    #[test]
    fn another_file_named_by_mistake_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "-----BEGIN CERTIFICATE-----\n");
        assert!(matches!(KeyLogFollower::open(&path), Err(SourceError::NotAKeyLog { .. })));
        assert!(KeyLogFollower::open(&directory.path().join("none/keys.log")).is_err());
    }
}
