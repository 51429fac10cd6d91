//! A capture that is open: a file that was named, one that was uploaded, or the recording of a source that runs.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tempfile::TempPath;

/// Notices that are kept of a capture.
const NOTICES: usize = 20;

/// A capture, and how far it was read.
#[derive(Debug)]
pub(crate) struct Capture {
    /// As it was typed, or as the browser calls it.
    name: String,
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
    Named(PathBuf),
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
    name: &'a str,
    live: bool,
    stage: Stage,
    read: u64,
    total: Option<u64>,
    error: Option<&'a str>,
    notices: &'a [String],
}

impl Capture {
    pub(super) fn file(name: &str, file: PathBuf) -> Self {
        Self::new(name, Stored::Named(file), Stage::Waiting)
    }

    pub(super) fn upload(name: &str, file: TempPath) -> Self {
        Self::new(name, Stored::Uploaded(file), Stage::Waiting)
    }

    pub(super) fn live(name: &str, recording: PathBuf) -> Self {
        Self { is_live: true, ..Self::new(name, Stored::Named(recording), Stage::Running) }
    }

    fn new(name: &str, file: Stored, stage: Stage) -> Self {
        Self {
            name: mtlscope_views::printable::printable(name).into_owned(),
            file: Some(Arc::new(file)),
            is_live: false,
            stage,
            read: 0,
            total: None,
            error: None,
            notices: Vec::new(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
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
        let sentence = mtlscope_views::printable::printable(sentence);
        if self.notices.len() < NOTICES && !self.notices.iter().any(|known| *known == sentence) {
            self.notices.push(sentence.into_owned());
        }
    }

    /// Nothing of it is shown any more.
    pub(super) fn discard(&mut self) {
        self.file = None;
        self.stage = Stage::Done;
    }

    /// As the page shows it, unless it was discarded.
    pub(crate) fn shown(&self, number: u16) -> Option<Shown<'_>> {
        self.file.as_ref()?;
        Some(Shown {
            number,
            name: &self.name,
            live: self.is_live,
            stage: self.stage,
            read: self.read,
            total: self.total,
            error: self.error.as_deref(),
            notices: &self.notices,
        })
    }
}

impl Deref for Stored {
    type Target = Path;

    fn deref(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Uploaded(path) => path,
        }
    }
}
