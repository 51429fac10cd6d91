//! What puts on the page what a source tells while it runs.

use std::path::PathBuf;
use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::notice::Notice;
use mtlscope_views::wording;

use crate::library::Library;

/// Adds each connection that is told to the page. The source has ended when this is dropped.
#[derive(Debug)]
pub struct LiveView {
    library: Arc<Library>,
    capture: Option<u16>,
}

impl LiveView {
    pub(crate) fn new(library: Arc<Library>, name: &str, recording: PathBuf) -> Self {
        let capture = library.open_live(name, recording);
        Self { library, capture }
    }

    /// A connection was told.
    pub fn connection(&self, connection: &Connection, findings: &[Finding]) {
        if let Some(capture) = self.capture {
            self.library.told_live(capture, connection, findings);
        }
    }

    /// Something is odd about the source.
    pub fn notice(&self, notice: &Notice) {
        self.notes().say(&wording::notice(notice));
    }

    /// What says something about the source on the page, from elsewhere.
    pub fn notes(&self) -> Notes {
        Notes { library: Arc::clone(&self.library), capture: self.capture }
    }
}

/// Says something about a source that runs, beside its name on the page.
#[derive(Debug)]
pub struct Notes {
    library: Arc<Library>,
    capture: Option<u16>,
}

impl Notes {
    /// Says a sentence, once.
    pub fn say(&self, sentence: &str) {
        if let Some(capture) = self.capture {
            self.library.with_capture(capture, |capture| capture.notice(sentence));
        }
    }
}

impl Drop for LiveView {
    fn drop(&mut self) {
        if let Some(capture) = self.capture {
            self.library.with_capture(capture, crate::library::Capture::ran);
        }
    }
}
