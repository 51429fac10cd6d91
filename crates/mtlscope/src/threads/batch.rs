//! What a thread hands on at once: the text of connections, and what is still to be done with each.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::history::Kept;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::Progress;

use super::Key;
use crate::showing::Standing;

/// What a thread told since its last batch. It is given back once it was shown, and filled again: so memory is let go by
/// the thread that took it, and mostly not at all.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What was printed of connections, one behind the other.
    pub(super) text: Vec<u8>,
    /// In their order.
    pub(super) items: VecDeque<(Key, Item)>,
    /// All that the thread hands on later is of this round, or behind.
    pub(super) reached: u64,
    /// Frames it has read.
    pub(super) frames: u64,
    /// How much of the file.
    pub(super) progress: Progress,
}

/// Something told.
#[derive(Debug)]
pub(super) enum Item {
    /// A connection, or why it could not be printed.
    Connection(io::Result<Printed>),
    /// Something odd in the input.
    Notice(Notice),
}

/// A connection that was judged and printed.
#[derive(Debug)]
pub(crate) struct Printed {
    /// Where in the text it stands.
    pub(super) place: Range<usize>,
    /// The frame in which it began.
    pub(crate) first_frame: Option<FrameNumber>,
    pub(crate) standing: Standing,
    /// What the history keeps of it.
    pub(crate) kept: Kept,
}

/// A batch with more room than this is not filled again: one round may have told very much.
const ROOM: usize = 4 << 20;

impl Batch {
    /// Makes it empty, with the room that it has.
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.text.clear();
        self.text.shrink_to(ROOM);
    }
}

impl Printed {
    pub(super) fn of(connection: &Connection, findings: &[Finding], place: Range<usize>) -> Self {
        Self {
            place,
            first_frame: connection.first_frame,
            standing: Standing::of(connection, findings),
            kept: Kept::of(connection),
        }
    }
}
