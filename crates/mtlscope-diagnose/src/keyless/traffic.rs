//! The sealed records of a connection in the order they passed, and where something of them is missing.

use mtlscope_dissect::event::{SealedRecord, TransportEnd};
use mtlscope_dissect::notice::NoticeKind;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::ContentType;

use super::reason::Length;
use crate::connection::{Connection, StepKind};

/// Records looked at of one connection: those of its handshake, and what follows.
const RECORDS: usize = 512;

/// What passed sealed, in order.
#[derive(Debug)]
pub(super) struct Traffic {
    pub(super) records: Vec<Sealed>,
    /// The first end of the TCP connection.
    pub(super) end: Option<End>,
    /// Where the whole of a side can be counted on no longer: its place among `records`.
    broken: [Option<usize>; 2],
}

/// One sealed record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed {
    /// Its place in the connection's steps.
    pub(super) step: usize,
    pub(super) record: SealedRecord,
}

/// The first end of the TCP connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) side: Side,
    pub(super) how: TransportEnd,
    pub(super) step: usize,
}

impl Sealed {
    pub(super) fn side(&self) -> Side {
        self.record.evidence.side
    }

    pub(super) fn length(&self) -> u16 {
        self.record.length
    }

    pub(super) fn is(&self, content_type: ContentType) -> bool {
        self.record.content_type == content_type
    }

    pub(super) fn shown(&self) -> Length {
        Length { side: self.side(), frame: self.record.evidence.frame, bytes: self.record.length }
    }
}

impl Traffic {
    /// The sealed records from a step on.
    pub(super) fn behind(connection: &Connection, first_step: usize) -> Self {
        // As many as there may be: nearly every step behind the ServerHello is one.
        let mut records = Vec::with_capacity(connection.steps.len().saturating_sub(first_step).min(RECORDS));
        let mut end = None;
        for (place, step) in connection.steps.iter().enumerate().skip(first_step) {
            match step.kind {
                StepKind::Sealed(record) if records.len() < RECORDS => {
                    records.push(Sealed { step: place, record });
                }
                StepKind::TransportEnd(how) if end.is_none() => {
                    end = Some(End { side: step.side, how, step: place });
                }
                _ => {}
            }
        }
        let broken = [Side::Client, Side::Server].map(|side| find_break(connection, &records, side));
        Self { records, end, broken }
    }

    /// The records of a side with their places.
    pub(super) fn of(&self, side: Side) -> impl Iterator<Item = (usize, &Sealed)> {
        self.records.iter().enumerate().filter(move |(_, record)| record.side() == side)
    }

    /// Whether all that a side sent up to this place is there.
    pub(super) fn is_whole(&self, side: Side, place: usize) -> bool {
        self.broken[side.index()].is_none_or(|broken| place < broken)
    }
}

/// The place from which something of a side may be missing.
fn find_break(connection: &Connection, records: &[Sealed], side: Side) -> Option<usize> {
    let holes = connection.notices.iter().filter(|notice| match notice.kind {
        NoticeKind::Gap { side: of, .. }
        | NoticeKind::Snapped { side: of, .. }
        | NoticeKind::NotARecord { side: of, .. } => of == side,
        NoticeKind::LimitReached { .. } => true,
        _ => false,
    });
    let mut frames = holes.map(|notice| notice.frame).peekable();
    frames.peek()?;
    let mut next = None;
    for (place, record) in records.iter().enumerate().filter(|(_, record)| record.side() == side) {
        let evidence = record.record.evidence;
        let begins_whole = || frames.clone().all(|frame| frame > evidence.frame);
        let is_whole = match next {
            None => begins_whole(),
            Some(next) => next == evidence.offset,
        };
        if !is_whole {
            return Some(place);
        }
        next = Some(evidence.offset + u64::from(evidence.length));
    }
    // It is what comes behind the last record that is missing.
    Some(records.len())
}
