//! The seam to whoever reads captures. The page never opens one: it asks a [`Reader`], as often as it has to.
//!
//! A row is all that is held of a connection. What a filter means, and what a connection looks like in full, is found by
//! reading the capture again.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::evidence::FrameNumber;
use zeroize::Zeroizing;

/// Reads captures, again and again, on several threads at once.
pub trait Reader: Send + Sync + 'static {
    /// Reads a capture from its beginning and tells what is in it, until it is over or the hearer has had enough. How many of
    /// its files belong to it: the others do not go on where these ended.
    ///
    /// # Errors
    /// A sentence: why it cannot be read, and what to try.
    fn read(&self, reading: &Reading<'_>, hearer: &Arc<dyn Hear>) -> Result<usize, String>;

    /// What the user said beside the captures.
    fn context(&self) -> Context {
        Context::default()
    }
}

/// What is to be read, and how.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The files of the capture: one, or those of one that was rotated.
    pub files: &'a [&'a Path],
    /// Key logs, beside what the capture holds itself.
    pub keys: &'a [Arc<Zeroizing<Vec<u8>>>],
    /// Only connections that this filter means.
    pub filter: Option<&'a str>,
    /// Only what begins at this frame or later.
    pub from: Option<FrameNumber>,
    /// Whether the bytes of messages are to be kept.
    pub keep_bytes: bool,
}

// Keys are secrets.
impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("files", &self.files)
            .field("filter", &self.filter)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Hears what is in a capture.
pub trait Hear: Send + Sync {
    /// A connection was told.
    fn connection(&self, connection: &Connection, findings: &[Finding]) -> ControlFlow<()>;

    /// Something odd about the capture as a whole, in a sentence.
    fn notice(&self, sentence: &str);

    /// Reading has come so far; of `total` bytes, where that is known.
    fn progress(&self, read: u64, total: Option<u64>) -> ControlFlow<()>;
}
