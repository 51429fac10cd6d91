//! A key log that grows while we look: lines as programs write them, whole ones only.
//!
//! The file may come later, be emptied, go, and come again. On Linux it is opened through its directory, which is held open, so that
//! nothing needs to be found by path again once rights are dropped.
//!
//! Programs write the secrets of a connection before they use them. Who looks here each time before a connection's end is
//! told ([`FeedSource::following`](crate::feed::FeedSource::following)) has its secrets in time.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{SourceError, printable};
use crate::key_log_file::looks_like_a_key_log_line;
use crate::resemblance::resemblance;

/// What is read of it at a time, in bytes.
const PIECE: usize = 64 * 1024;
/// A line that is longer is none of a key log.
const LONGEST_LINE: usize = 4096;

/// A key log file, read on as it grows.
pub struct GrowingKeyLog {
    name: String,
    place: Place,
    /// Opened once it is there.
    file: Option<File>,
    /// Whether it was said that the file is not there, or cannot be read.
    told_absence: bool,
    /// What was read: whole lines that were handed out, then the beginning of one that still grows.
    text: Zeroizing<Vec<u8>>,
    /// How much of the text was handed out.
    handed_out: usize,
}

/// What came of a look.
pub enum News<'a> {
    /// Whole lines that were added.
    Lines(&'a [u8]),
    /// What became of the file, in words.
    Notice(String),
}

impl GrowingKeyLog {
    /// Reads this file from its beginning, or waits for it where its directory is there.
    ///
    /// # Errors
    /// When the directory cannot be opened, the file not be read, or it is not a key log.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let mut log = Self::at(path, Place::of(path)?);
        match log.place.open() {
            Ok(file) => log.file = Some(file),
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(log),
            Err(cause) => return Err(SourceError::opening(path, cause)),
        }
        log.check().map_err(|cause| SourceError::opening(path, cause))?.map_or(Ok(log), Err)
    }

    /// Reads this file from its beginning, whatever it holds, once it is there.
    pub fn whole(path: &Path) -> Self {
        let place = Place::of(path).unwrap_or_else(|_| Place::Path(path.to_owned()));
        Self { told_absence: true, ..Self::at(path, place) }
    }

    /// Reads what is added to this file from now on, and not what it holds already.
    pub fn from_here(path: &Path) -> Self {
        let mut log = Self::whole(path);
        if let Ok(mut file) = log.place.open() {
            // A pipe has no end to go to, and nothing of it was written before.
            let _ = file.seek(SeekFrom::End(0));
            log.file = Some(file);
        }
        log
    }

    fn at(path: &Path, place: Place) -> Self {
        Self {
            name: printable(path),
            place,
            file: None,
            told_absence: false,
            text: Zeroizing::new(Vec::with_capacity(PIECE + LONGEST_LINE)),
            handed_out: 0,
        }
    }

    /// Takes the next of what was added, or what became of the file, since the last look; `None`: nothing new. What cannot be
    /// read now may be readable later.
    pub fn look(&mut self) -> Option<News<'_>> {
        if self.read_on() {
            return Some(News::Lines(self.lines()));
        }
        let named = self.place.identity();
        let read = self.file.as_ref().map(|file| file.metadata().map(|metadata| Identity::of(&metadata)));
        if let (Some(Ok(read)), Ok(named)) = (&read, &named)
            && read == named
        {
            return None;
        }
        // Its last lines may have come just before it went.
        if self.read_on() {
            return Some(News::Lines(self.lines()));
        }
        self.find_again(read.is_some(), named.map(drop)).map(News::Notice).or_else(|| {
            let has_lines = self.read_on();
            has_lines.then(|| News::Lines(self.lines()))
        })
    }

    /// The name means another file than the one that is read, or none: reads that one from now on.
    fn find_again(&mut self, was_there: bool, named: io::Result<()>) -> Option<String> {
        let cause = match named.and_then(|()| self.place.open()) {
            Ok(file) => {
                self.begin(Some(file));
                self.told_absence = false;
                return None;
            }
            Err(cause) => cause,
        };
        let is_missing = cause.kind() == ErrorKind::NotFound;
        if was_there && is_missing {
            self.begin(None);
            self.told_absence = true;
            return Some(format!(
                "the key log {} was removed: what stood in it was used, and what comes in a new one will be",
                self.name
            ));
        }
        if std::mem::replace(&mut self.told_absence, true) {
            return None;
        }
        Some(match is_missing {
            true => format!("there is no key log {} yet: waiting for it", self.name),
            false => format!("cannot read the new key log {}: {cause} (make it readable)", self.name),
        })
    }

    /// Reads this file from where it stands.
    fn begin(&mut self, file: Option<File>) {
        self.file = file;
        self.text.clear();
        self.handed_out = 0;
    }

    /// Looks whether whole lines were added, which are then [`Self::lines`].
    fn read_on(&mut self) -> bool {
        let mut kept = self.text.len() - self.handed_out;
        self.text.copy_within(self.handed_out.., 0);
        self.text.truncate(kept);
        self.handed_out = 0;
        let Some(file) = &mut self.file else { return false };
        if let (Ok(metadata), Ok(place)) = (file.metadata(), file.stream_position())
            && metadata.is_file()
            && metadata.len() < place
            && file.seek(SeekFrom::Start(0)).is_ok()
        {
            // Emptied, and begun anew.
            kept = 0;
        }
        self.text.resize(PIECE + LONGEST_LINE, 0);
        let length = loop {
            match file.read(self.text.get_mut(kept..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Nobody has written to a pipe yet.
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

    /// The lines that were read last.
    fn lines(&self) -> &[u8] {
        self.text.get(..self.handed_out).unwrap_or_default()
    }

    /// What speaks against it: a file that holds something else was named by mistake.
    fn check(&mut self) -> io::Result<Option<SourceError>> {
        let Some(file) = &mut self.file else { return Ok(None) };
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Ok(None);
        }
        let mut start = Zeroizing::new(Vec::new());
        // Comments may stand before the first line.
        file.take(PIECE as u64).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        let is_comment = |line: &[u8]| line.is_empty() || line == b"\r" || line.starts_with(b"#");
        let lines = || start.split(|&byte| byte == b'\n');
        if lines().all(is_comment) || lines().any(looks_like_a_key_log_line) {
            return Ok(None);
        }
        Ok(Some(SourceError::NotAKeyLog { name: self.name.clone(), resemblance: resemblance(&start) }))
    }
}

/// Never prints secrets.
impl std::fmt::Debug for GrowingKeyLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrowingKeyLog").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Never prints secrets.
impl std::fmt::Debug for News<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lines(lines) => {
                f.debug_struct("Lines").field("bytes", &lines.len()).finish_non_exhaustive()
            }
            Self::Notice(text) => f.debug_tuple("Notice").field(text).finish(),
        }
    }
}

/// Where the file is found, again and again.
enum Place {
    Path(PathBuf),
    /// By its name in a directory that is held.
    #[cfg(target_os = "linux")]
    Held(crate::held_directory::HeldDirectory, std::ffi::OsString),
}

impl Place {
    #[cfg(target_os = "linux")]
    fn of(path: &Path) -> Result<Self, SourceError> {
        crate::held_directory::HeldDirectory::of(path).map(|(directory, name)| Self::Held(directory, name))
    }

    #[cfg(not(target_os = "linux"))]
    fn of(path: &Path) -> Result<Self, SourceError> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        match directory.map_or(Ok(true), Path::try_exists) {
            Ok(true) => Ok(Self::Path(path.to_owned())),
            Ok(false) => Err(SourceError::creating(path, ErrorKind::NotFound.into())),
            Err(cause) => Err(SourceError::creating(path, cause)),
        }
    }

    /// Opens what is there now.
    fn open(&self) -> io::Result<File> {
        match self {
            Self::Path(path) => File::open(path),
            #[cfg(target_os = "linux")]
            Self::Held(directory, name) => Ok(directory.read(name)?),
        }
    }

    /// What is there now.
    fn identity(&self) -> io::Result<Identity> {
        match self {
            Self::Path(path) => Ok(Identity::of(&path.metadata()?)),
            #[cfg(target_os = "linux")]
            Self::Held(directory, name) => {
                let found = directory.look_at(name)?;
                Ok(Identity(Some((found.st_dev, found.st_ino))))
            }
        }
    }
}

/// What tells a file from another of the same name, where the system has words for it.
#[derive(PartialEq, Eq)]
struct Identity(Option<(u64, u64)>);

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(Some((metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self(None)
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

    /// All news: the lines, and how many notices there were.
    fn news(log: &mut GrowingKeyLog) -> (String, usize) {
        let (mut lines, mut notices) = (String::new(), 0);
        while let Some(news) = log.look() {
            match news {
                News::Lines(added) => lines.push_str(str::from_utf8(added).unwrap()),
                News::Notice(_) => notices += 1,
            }
        }
        (lines, notices)
    }

    fn told(lines: &str, notices: usize) -> (String, usize) {
        (lines.to_owned(), notices)
    }

    #[test]
    fn hands_out_whole_lines_as_they_come_and_each_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "CLIENT_RANDOM 00 11\nCLIENT_RAN");
        let mut log = GrowingKeyLog::open(&path).unwrap();
        assert_eq!(news(&mut log), told("CLIENT_RANDOM 00 11\n", 0));
        assert_eq!(news(&mut log), told("", 0));
        add(&path, "DOM 22 33\nRSA");
        assert_eq!(news(&mut log), told("CLIENT_RANDOM 22 33\n", 0));
        File::create(&path).unwrap();
        assert_eq!(news(&mut log), told("", 0));
        add(&path, "RSA 00 11\n");
        assert_eq!(news(&mut log), told("RSA 00 11\n", 0), "emptied and begun anew");
    }

    #[test]
    fn waits_for_one_that_comes_goes_and_comes_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        let mut log = GrowingKeyLog::open(&path).unwrap();
        assert_eq!(news(&mut log), told("", 1));
        assert_eq!(news(&mut log), told("", 0), "said once");
        add(&path, "RSA 00 11\n");
        assert_eq!(news(&mut log), told("RSA 00 11\n", 0));
        add(&path, "RSA 22 33\n");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(news(&mut log), told("RSA 22 33\n", 1), "its last lines are not lost");
        add(&path, "RSA 44 55\n");
        assert_eq!(news(&mut log), told("RSA 44 55\n", 0));
        let other = directory.path().join("other");
        add(&other, "RSA 66 77\n");
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(news(&mut log), told("RSA 66 77\n", 0), "one put in its place");
    }

    #[test]
    fn what_was_there_before_can_be_left_out_and_one_that_is_not_there_yet_is_no_news() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        let mut later = GrowingKeyLog::from_here(&path);
        assert_eq!(news(&mut later), told("", 0));
        add(&path, "RSA 00 11\n");
        let mut log = GrowingKeyLog::from_here(&path);
        add(&path, "RSA 22 33\n");
        assert_eq!(news(&mut log), told("RSA 22 33\n", 0));
        assert_eq!(news(&mut later), told("RSA 00 11\nRSA 22 33\n", 0));
        let nowhere = directory.path().join("none/keys.log");
        assert_eq!(news(&mut GrowingKeyLog::whole(&nowhere)), told("", 0));
    }

    #[test]
    fn another_file_named_by_mistake_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "-----BEGIN CERTIFICATE-----\n");
        assert!(matches!(GrowingKeyLog::open(&path), Err(SourceError::NotAKeyLog { .. })));
        assert!(matches!(GrowingKeyLog::open(directory.path()), Err(SourceError::IsDirectory { .. })));
        assert!(GrowingKeyLog::open(&directory.path().join("none/keys.log")).is_err());
    }

    #[test]
    fn a_file_without_lines_holds_no_memory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, &"x".repeat(1_000_000));
        let mut log = GrowingKeyLog::whole(&path);
        while log.look().is_some() {}
        assert!(log.text.capacity() <= 2 * (PIECE + LONGEST_LINE), "{}", log.text.capacity());
    }

    #[test]
    fn no_secret_is_printed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        add(&path, "CLIENT_RANDOM 0123 4567\n");
        let mut log = GrowingKeyLog::whole(&path);
        let news = format!("{:?}", log.look());
        assert!(news.contains("Lines") && !news.contains("4567"), "{news}");
        assert!(!format!("{log:?}").contains("4567"));
    }
}
