//! Capture files given together: in which order they are read, and which of them go on where another ended.
//!
//! Programs that capture for long begin a new file every so often (`tcpdump -C`, `dumpcap -b`). Such files are read as
//! one, so that a connection is followed over the seam. Files follow one another if the second begins where the first
//! ended, by their times; files that overlap in time, as of two hosts, are read each for itself.

use std::cmp::Ordering;
use std::collections::HashMap;
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
    /// When its first packet was captured; `None` where it has none, or is a pipe.
    first: Option<Timestamp>,
    /// The secrets inside it, where several files were given: they may open what another file holds.
    secrets: Option<SecretsAhead>,
    secrets_follow: bool,
}

impl Given {
    /// Whether this file goes on where another ended, the last packet of which was captured at this moment.
    pub(crate) fn goes_on_from(&self, last: Option<Timestamp>) -> bool {
        let (Some(first), Some(last)) = (self.first, last) else { return false };
        (-OVERLAP..=SILENCE).contains(&(first - last))
    }

    /// The secrets inside it, once.
    pub(crate) fn take_secrets(&mut self) -> Option<SecretsAhead> {
        self.secrets.take()
    }

    /// Whether one of the files behind it holds secrets.
    pub(crate) fn secrets_follow(&self) -> bool {
        self.secrets_follow
    }

    fn look_into(path: &Path) -> Self {
        // What cannot be opened is said when it is read; what is read of a pipe is gone.
        let is_file = path.is_file();
        Self {
            path: path.to_owned(),
            first: if is_file { first_packet(path) } else { None },
            secrets: if is_file { decryption_secrets(path).ok() } else { None },
            secrets_follow: false,
        }
    }
}

/// The files in the order in which they are read: by the time of their first packets. Those whose names differ in digits
/// only stay together: the files of one capture that was rotated. A file alone is not looked into.
pub(crate) fn in_order(paths: &[&Path]) -> Vec<Given> {
    if let [path] = paths {
        return vec![Given { path: path.to_path_buf(), first: None, secrets: None, secrets_follow: false }];
    }
    let mut given: Vec<(String, Given)> =
        paths.iter().map(|path| (stem(path), Given::look_into(path))).collect();
    let mut beginnings: HashMap<String, Timestamp> = HashMap::new();
    for (stem, one) in &given {
        if let Some(first) = one.first {
            beginnings
                .entry(stem.clone())
                .and_modify(|earliest| *earliest = first.min(*earliest))
                .or_insert(first);
        }
    }
    given.sort_by(|(stem, one), (other_stem, other)| match (one.first, other.first) {
        // Pipes, and what cannot be read, come last, as they were typed.
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(first), Some(other_first)) => {
            (beginnings.get(stem), stem, first).cmp(&(beginnings.get(other_stem), other_stem, other_first))
        }
    });
    let mut given: Vec<Given> = given.into_iter().map(|(_, one)| one).collect();
    let mut secrets_follow = false;
    for one in given.iter_mut().rev() {
        one.secrets_follow = secrets_follow;
        secrets_follow |= one.secrets.as_ref().is_some_and(|secrets| secrets.texts().len() > 0);
    }
    given
}

/// A path without its digits.
fn stem(path: &Path) -> String {
    path.to_string_lossy().chars().filter(|character| !character.is_ascii_digit()).collect()
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
