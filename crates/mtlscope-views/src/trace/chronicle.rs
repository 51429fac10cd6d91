//! What was seen and what was done, each at its moment, put in order before it is written.
//!
//! The engine tells of a connection while it goes on; what our own end did (which address it tried, what its stack said)
//! is known when it is over. Here the two become one text.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::{Event, EventKind};
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::time::Timestamp;

use crate::View;

/// Holds back what a view writes of each event, until all that belongs between is known.
#[derive(Debug)]
pub struct Chronicle<V> {
    view: V,
    pieces: Vec<(Timestamp, Vec<u8>)>,
    last: Timestamp,
}

impl<V: View> Chronicle<V> {
    /// Of what this view writes.
    pub fn new(view: V) -> Self {
        Self { view, pieces: Vec::new(), last: Timestamp::default() }
    }

    /// Adds what was done at a moment, as the view writes it. Of the same moment, what was added first stands first.
    pub fn add(
        &mut self,
        time: Timestamp,
        write: impl FnOnce(&mut V, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut piece = Vec::new();
        write(&mut self.view, &mut piece)?;
        self.pieces.push((time, piece));
        Ok(())
    }

    /// Writes all that was held back, in order of time.
    ///
    /// Gives whether there was anything.
    pub fn tell(&mut self, out: &mut dyn Write) -> io::Result<bool> {
        let is_something = self.pieces.iter().any(|(_, piece)| !piece.is_empty());
        self.pieces.sort_by_key(|(time, _)| *time);
        for (_, piece) in self.pieces.drain(..) {
            out.write_all(&piece)?;
        }
        out.flush()?;
        Ok(is_something)
    }
}

impl<V: View> View for Chronicle<V> {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.view.file(name, out)
    }

    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.view.continues(name, out)
    }

    fn event(&mut self, event: &Event, _: &mut dyn Write) -> io::Result<()> {
        // What has no moment of its own belongs behind what came before.
        self.last = time_of(&event.kind).unwrap_or(self.last);
        self.add(self.last, |view, out| view.event(event, out))
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.view.connection(connection, findings, out)
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.view.notice(notice, out)
    }
}

fn time_of(kind: &EventKind) -> Option<Timestamp> {
    match kind {
        EventKind::Opened(opened) => Some(opened.start),
        EventKind::Message(message) => Some(message.evidence.time),
        EventKind::ChangeCipherSpec { evidence, .. } | EventKind::Alert { evidence, .. } => {
            Some(evidence.time)
        }
        EventKind::Sealed(record) => Some(record.evidence.time),
        EventKind::ApplicationData(data) => Some(data.evidence.time),
        EventKind::TransportEnd { time, .. } | EventKind::Said { time, .. } => Some(*time),
        EventKind::Closed(closed) => Some(closed.end),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Settings;
    use crate::told;
    use crate::trace::curl::Curl;

    #[test]
    fn what_was_done_stands_where_it_happened() {
        let mut chronicle = Chronicle::new(Curl::new(Settings::default()));
        let mut out = Vec::new();
        let events = told::events("C> ClientHello\nS> ServerHello, ServerHelloDone");
        let start = events.iter().find_map(|event| time_of(&event.kind)).unwrap();
        for event in &events {
            chronicle.event(event, &mut out).unwrap();
        }
        assert!(out.is_empty());
        chronicle.add(start.plus_nanoseconds(-1), |view, out| view.text("  Trying ::1:443...", out)).unwrap();
        chronicle
            .add(start.plus_nanoseconds(500_000), |view, out| view.text(" CAfile: ca.pem", out))
            .unwrap();
        chronicle.tell(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let words: Vec<&str> = text.lines().map(|line| line.split([':', '(']).next().unwrap()).collect();
        assert_eq!(words, ["*   Trying ", "* TLSv1.2 ", "*  CAfile", "* TLSv1.2 ", "* TLSv1.2 "]);
    }
}
