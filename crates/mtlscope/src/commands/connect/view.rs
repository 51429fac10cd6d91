//! What one connection of ours is shown as: held back until our own end has said all it knows.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::Event;
use mtlscope_dissect::notice::Notice;
use mtlscope_views::View;

/// A connection that was told, and what the rules say of it.
pub(super) type Told = (Connection, Vec<Finding>);

/// Keeps what was told, for whoever shows it.
#[derive(Clone, Default)]
pub(super) struct Kept(Rc<RefCell<Vec<Told>>>);

impl Kept {
    /// What was told since the last time.
    pub(super) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}

/// Hands events on to the traces, and keeps connections.
pub(super) struct Keeping {
    pub(super) kept: Kept,
    pub(super) traces: Vec<Rc<RefCell<dyn View>>>,
    pub(super) notices: Box<dyn View>,
}

impl View for Keeping {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        self.traces.iter().try_for_each(|trace| trace.borrow_mut().event(event, out))
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        self.kept.0.borrow_mut().push((connection.clone(), findings.to_vec()));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.notices.notice(notice, out)
    }
}
