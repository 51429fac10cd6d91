//! A capture that is open: a file that was named, one that was uploaded, or the recording of a source that runs.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mtlscope_views::printable::printable;
use serde::Serialize;
use tempfile::TempPath;

/// Notices that are kept of a capture.
const NOTICES: usize = 20;

/// A capture, and how far it was read.
#[derive(Debug)]
pub(crate) struct Capture {
    /// As its source or the browser calls it; named files have names of their own.
    name: Option<String>,
    /// `None` once it was discarded.
    file: Option<Arc<Stored>>,
    is_live: bool,
    stage: Stage,
    read: u64,
    total: Option<u64>,
    error: Option<String>,
    notices: Vec<String>,
}

/// Where it is stored. An upload is deleted when nobody needs it any more.
#[derive(Debug)]
pub(crate) enum Stored {
    /// Several where a capture was rotated.
    Named(Vec<PathBuf>),
    Uploaded(TempPath),
}

/// How far it has come.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waiting,
    Reading,
    Running,
    Done,
}

/// A capture as the page shows it.
#[derive(Serialize, Debug)]
pub(crate) struct Shown<'a> {
    number: u16,
    name: Cow<'a, str>,
    live: bool,
    stage: Stage,
    read: u64,
    total: Option<u64>,
    error: Option<&'a str>,
    notices: &'a [String],
}

impl Capture {
    pub(super) fn files(files: Vec<PathBuf>) -> Self {
        Self::new(None, Stored::Named(files), Stage::Waiting)
    }

    pub(super) fn upload(name: &str, file: TempPath) -> Self {
        Self::new(Some(name), Stored::Uploaded(file), Stage::Waiting)
    }

    pub(super) fn live(name: &str, recording: PathBuf) -> Self {
        Self { is_live: true, ..Self::new(Some(name), Stored::Named(vec![recording]), Stage::Running) }
    }

    fn new(name: Option<&str>, file: Stored, stage: Stage) -> Self {
        Self {
            name: name.map(|name| printable(name).into_owned()),
            file: Some(Arc::new(file)),
            is_live: false,
            stage,
            read: 0,
            total: None,
            error: None,
            notices: Vec::new(),
        }
    }

    /// `trace_1.pcap`, `trace_1.pcap and 2 more`.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        let named = || match self.file.as_deref() {
            Some(Stored::Named(files)) => name(files).into(),
            _ => Cow::default(),
        };
        self.name.as_deref().map_or_else(named, Cow::from)
    }

    /// Each of its files, where there are several.
    pub(crate) fn file_names(&self) -> Vec<String> {
        match self.file.as_deref() {
            Some(Stored::Named(files)) if files.len() > 1 => files.iter().map(|file| shown(file)).collect(),
            _ => Vec::new(),
        }
    }

    /// Keeps the first files only. Those that do not belong to it come back.
    pub(super) fn keep_files(&mut self, count: usize) -> Option<Vec<PathBuf>> {
        let Some(Stored::Named(files)) = self.file.as_deref() else { return None };
        let (kept, others) = files.split_at_checked(count.max(1)).filter(|(_, others)| !others.is_empty())?;
        let (kept, others) = (kept.to_vec(), others.to_vec());
        self.file = Some(Arc::new(Stored::Named(kept)));
        Some(others)
    }

    pub(super) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Whether reading it (again) makes sense.
    pub(super) fn is_readable(&self) -> bool {
        self.file.is_some() && self.error.is_none()
    }

    /// Whether all that it holds has a row by now.
    pub(super) fn is_told(&self) -> bool {
        self.is_readable() && matches!(self.stage, Stage::Done | Stage::Running)
    }

    pub(super) fn file_to_read(&self) -> Option<Arc<Stored>> {
        self.file.clone()
    }

    /// It is to be read, once those before it were.
    pub(super) fn waits(&mut self) {
        if self.stage == Stage::Done {
            self.stage = Stage::Waiting;
        }
        self.notices.clear();
    }

    /// Reading has come so far.
    pub(super) fn reached(&mut self, read: u64, total: Option<u64>) {
        if self.stage != Stage::Running {
            self.stage = Stage::Reading;
        }
        (self.read, self.total) = (read, total);
    }

    /// Reading has ended.
    pub(super) fn was_read(&mut self, error: Option<String>) {
        if self.stage != Stage::Running {
            self.stage = Stage::Done;
        }
        if let Some(total) = self.total {
            self.read = total;
        }
        self.error = error;
    }

    /// The source that ran has ended.
    pub(crate) fn ran(&mut self) {
        self.stage = Stage::Done;
    }

    /// Something odd about it, in a sentence.
    pub(crate) fn notice(&mut self, sentence: &str) {
        let sentence = printable(sentence);
        if self.notices.len() < NOTICES && !self.notices.iter().any(|known| *known == sentence) {
            self.notices.push(sentence.into_owned());
        }
    }

    /// Nothing of it is shown any more.
    pub(super) fn discard(&mut self) {
        self.file = None;
        self.stage = Stage::Done;
    }

    /// Deletes its file, if that is ours.
    pub(super) fn delete(&mut self) {
        if let Some(Stored::Uploaded(path)) = self.file.as_deref() {
            // Who still reads it holds it open; if it is gone already, it is gone.
            let _ = std::fs::remove_file(path);
        }
        self.discard();
    }

    /// As the page shows it, unless it was discarded.
    pub(crate) fn shown(&self, number: u16) -> Option<Shown<'_>> {
        self.file.as_ref()?;
        Some(Shown {
            number,
            name: self.name(),
            live: self.is_live,
            stage: self.stage,
            read: self.read,
            total: self.total,
            error: self.error.as_deref(),
            notices: &self.notices,
        })
    }
}

impl Stored {
    /// A sentence about it, for who brought it: where an upload lies is nothing to them.
    pub(super) fn in_its_words(&self, sentence: &str) -> String {
        match self {
            Self::Named(_) => sentence.to_owned(),
            Self::Uploaded(path) => sentence.replace(&*path.to_string_lossy(), "it"),
        }
    }

    /// Its files.
    pub(super) fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Named(paths) => paths.iter().map(PathBuf::as_path).collect(),
            Self::Uploaded(path) => vec![path],
        }
    }
}

fn name(files: &[PathBuf]) -> String {
    match files {
        [] => String::new(),
        [only] => shown(only),
        [first, others @ ..] => format!("{} and {} more", shown(first), others.len()),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_do_not_go_on_are_handed_back() {
        let files = ["a1.pcap", "a2.pcap", "a9.pcap"].map(PathBuf::from);
        let mut capture = Capture::files(files.to_vec());
        assert_eq!(capture.name(), "a1.pcap and 2 more");
        assert_eq!(capture.keep_files(2), Some(vec![PathBuf::from("a9.pcap")]));
        assert_eq!((capture.name(), capture.file_names().len()), ("a1.pcap and 1 more".into(), 2));
        assert_eq!(capture.keep_files(2), None);
        assert_eq!(Capture::live("serve", "r.pcapng".into()).keep_files(0), None);
    }
}
