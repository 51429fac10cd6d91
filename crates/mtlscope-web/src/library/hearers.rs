//! Who hears what is read of a capture: the table, a filter, or somebody who looks for one connection.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;

use super::{Library, Whole};
use crate::reading::Hear;
use crate::table::Key;

/// Gives each connection its row.
pub(super) struct RowHearer {
    library: Arc<Library>,
    capture: u16,
    generation: u64,
}

impl RowHearer {
    pub(super) fn new(library: Arc<Library>, capture: u16, generation: u64) -> Self {
        Self { library, capture, generation }
    }
}

impl Hear for RowHearer {
    fn connection(&self, connection: &Connection, findings: &[Finding]) -> ControlFlow<()> {
        let mut open = self.library.look();
        if open.generation != self.generation {
            return ControlFlow::Break(());
        }
        let is_live = open.captures.get(usize::from(self.capture)).is_some_and(super::Capture::is_live);
        if is_live {
            // What was told live has its row; a recording may count otherwise.
            if let Some(key) = open.table.find(self.capture, connection) {
                let connection = Connection { id: key.connection(), ..connection.clone() };
                self.library.put(&mut open, self.capture, &connection, findings);
            }
        } else {
            self.library.put(&mut open, self.capture, connection, findings);
        }
        drop(open);
        self.library.changed();
        ControlFlow::Continue(())
    }

    fn notice(&self, sentence: &str) {
        self.library.with_capture(self.capture, |capture| capture.notice(sentence));
    }

    fn progress(&self, read: u64, total: Option<u64>) -> ControlFlow<()> {
        self.library.with_capture(self.capture, |capture| capture.reached(read, total));
        match self.library.look().generation == self.generation {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

/// Notes which rows a filter means.
pub(super) struct FilterHearer {
    library: Arc<Library>,
    capture: u16,
    number: u64,
}

impl FilterHearer {
    pub(super) fn new(library: Arc<Library>, capture: u16, number: u64) -> Self {
        Self { library, capture, number }
    }
}

impl Hear for FilterHearer {
    fn connection(&self, connection: &Connection, _: &[Finding]) -> ControlFlow<()> {
        let mut open = self.library.look();
        let open = &mut *open;
        let Some(key) = open.table.find(self.capture, connection) else { return ControlFlow::Continue(()) };
        let (Some(place), Some(filtered)) = (open.table.place(key), open.filters.find(self.number)) else {
            return ControlFlow::Break(());
        };
        filtered.answer(place, true);
        self.library.changed();
        ControlFlow::Continue(())
    }

    fn notice(&self, _: &str) {}

    fn progress(&self, read: u64, total: Option<u64>) -> ControlFlow<()> {
        let mut open = self.library.look();
        // A filter that was forgotten looks no further.
        let Some(filtered) = open.filters.find(self.number) else { return ControlFlow::Break(()) };
        filtered.reached(read, total);
        self.library.changed();
        ControlFlow::Continue(())
    }
}

/// Waits for one connection, and wants no more.
pub(super) struct WholeHearer {
    library: Arc<Library>,
    key: Key,
    found: Mutex<Option<Whole>>,
}

impl WholeHearer {
    pub(super) fn new(library: Arc<Library>, key: Key) -> Self {
        Self { library, key, found: Mutex::default() }
    }

    pub(super) fn found(&self) -> Option<Whole> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Hear for WholeHearer {
    fn connection(&self, connection: &Connection, findings: &[Finding]) -> ControlFlow<()> {
        if !self.library.look().table.row(self.key).is_some_and(|row| row.is(connection)) {
            return ControlFlow::Continue(());
        }
        let connection = Connection { id: self.key.connection(), ..connection.clone() };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Whole { key: self.key, connection, findings: findings.to_vec() });
        ControlFlow::Break(())
    }

    fn notice(&self, _: &str) {}

    fn progress(&self, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
