//! Capture files given together: in which order they are read, and which of them go on where another ended.
//!
//! Programs that capture for long begin a new file every so often (`tcpdump -C`, `dumpcap -b`). Such files are read as
//! one, so that a connection is followed over the seam. Files follow one another if their names differ in digits only and
//! the second begins where the first ended, by their times; all others are read each for itself.

use std::path::{Path, PathBuf};

use mtlscope_dissect::input::Input;
use mtlscope_dissect::time::Timestamp;
use mtlscope_sources::{CaptureFile, SecretsAhead, Source, decryption_secrets};

/// The longest silence at a seam over which a connection is followed, in nanoseconds: a minute.
const SILENCE: i64 = 60_000_000_000;
/// How much earlier than the end of one file the next may begin: packets are not always written in their order.
const OVERLAP: i64 = 1_000_000_000;

/// A file that was given.
pub(crate) struct Given {
    pub(crate) path: PathBuf,
    /// Which capture it is a part of, by its name: files of one number differ in digits only.
    series: usize,
    /// When its first packet was captured; `None` where it has none, or is a pipe.
    first: Option<Timestamp>,
    /// The secrets inside it, where several files were given: they may open what another file holds.
    secrets: Option<SecretsAhead>,
    secrets_follow: bool,
}

impl Given {
    /// Which capture it is a part of.
    pub(crate) fn series(&self) -> usize {
        self.series
    }

    /// Whether this file goes on where another of a series ended, the last packet of which was captured at this moment.
    pub(crate) fn goes_on_from(&self, series: usize, last: Option<Timestamp>) -> bool {
        let (Some(first), Some(last)) = (self.first, last) else { return false };
        self.series == series && (-OVERLAP..=SILENCE).contains(&(first - last))
    }

    /// The secrets inside it, once.
    pub(crate) fn take_secrets(&mut self) -> Option<SecretsAhead> {
        self.secrets.take()
    }

    /// Whether one of the files behind it holds secrets.
    pub(crate) fn secrets_follow(&self) -> bool {
        self.secrets_follow
    }

    fn look_into(path: &Path, series: usize) -> Self {
        // What cannot be opened is said when it is read; what is read of a pipe is gone.
        let is_file = path.is_file();
        Self {
            path: path.to_owned(),
            series,
            first: if is_file { first_packet(path) } else { None },
            secrets: if is_file { decryption_secrets(path).ok() } else { None },
            secrets_follow: false,
        }
    }
}

/// The files in the order in which they are read: as they were typed, but those whose names differ in digits only, the
/// files of one capture that was rotated, together and by the time of their first packets. A file alone is not looked
/// into.
pub(crate) fn in_order(paths: &[&Path]) -> Vec<Given> {
    if let [path] = paths {
        let (first, secrets) = (None, None);
        return vec![Given { path: path.to_path_buf(), series: 0, first, secrets, secrets_follow: false }];
    }
    let mut stems: Vec<(Option<&Path>, String)> = Vec::new();
    let mut given: Vec<Given> = Vec::new();
    for path in paths {
        let stem = stem(path);
        // A file given twice is meant twice.
        let has_it = |series| given.iter().any(|one| one.series == series && one.path == **path);
        let known = stems.iter().enumerate().position(|(series, known)| *known == stem && !has_it(series));
        let series = known.unwrap_or_else(|| {
            stems.push(stem);
            stems.len() - 1
        });
        given.push(Given::look_into(path, series));
    }
    // What has no first packet comes last of its series: pipes, and what cannot be read.
    given.sort_by_key(|one| (one.series, one.first.is_none(), one.first));
    let mut secrets_follow = false;
    for one in given.iter_mut().rev() {
        one.secrets_follow = secrets_follow;
        secrets_follow |= one.secrets.as_ref().is_some_and(|secrets| secrets.texts().len() > 0);
    }
    given
}

/// The folder, and the name without its digits.
fn stem(path: &Path) -> (Option<&Path>, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (path.parent(), name.chars().filter(|character| !character.is_ascii_digit()).collect())
}

fn first_packet(path: &Path) -> Option<Timestamp> {
    let mut capture = CaptureFile::open(path).ok()?;
    while let Some(input) = capture.next().ok()? {
        if let Input::Frame(frame) = input {
            return Some(frame.time);
        }
    }
    None
}
