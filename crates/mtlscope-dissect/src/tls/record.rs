//! The record layer of one direction: bytes of a stream to records.
//!
//! ```text
//! struct { ContentType type; ProtocolVersion legacy_record_version; uint16 length; opaque fragment[length]; }
//! ```
//!
//! RFC 8446 section 5.1. A record that lies whole in the bytes at hand is borrowed from them; one that spans segments is
//! put together in a buffer; one whose content nobody wants is stepped over by its length, so that bulk data costs no
//! more than its headers. A hole in such a record does no harm: the header said how far it goes.

use crate::evidence::{Evidence, FrameNumber};
use crate::guess;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::registry::{ContentType, ProtocolVersion};

const HEADER: usize = 5;

/// What a record's header says, and where it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordHead {
    pub(crate) content_type: ContentType,
    pub(crate) version: ProtocolVersion,
    /// Of the fragment, in bytes.
    pub(crate) length: u16,
    pub(crate) first_frame: Option<FrameNumber>,
    /// Of the header, in the stream.
    pub(crate) offset: u64,
}

impl RecordHead {
    /// The evidence of a record that ends at `at`.
    pub(crate) fn evidence(&self, side: Side, at: At) -> Evidence {
        Evidence {
            first_frame: self.first_frame,
            frame: at.frame,
            time: at.time,
            side,
            offset: self.offset,
            length: u32::from(self.length) + HEADER as u32,
        }
    }
}

/// What a record's header says, and no more.
#[derive(Clone, Copy, Debug)]
struct Header {
    content_type: ContentType,
    version: ProtocolVersion,
    length: u16,
}

/// What was found in the bytes.
#[derive(Debug)]
pub(crate) enum Found<'b> {
    /// A whole record with its fragment.
    Record(RecordHead, Fragment<'b>),
    /// A whole record that nobody wanted inside.
    Skipped(RecordHead),
    /// So many bytes that are no record; reading goes on at the next one.
    Foreign(u64),
}

/// A record's fragment.
#[derive(Debug)]
pub(crate) enum Fragment<'b> {
    /// Where it lies.
    Borrowed(&'b [u8]),
    /// Put together; `HEADER` bytes of header first.
    Joined(Vec<u8>),
}

impl Fragment<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(record) => record.get(HEADER..).unwrap_or(&[]),
        }
    }
}

/// What a hole in the stream did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loss {
    /// Nothing: it fell inside a record that nobody wanted.
    None,
    /// One record is lost; the next begins where its header said.
    OneRecord,
    /// Nobody knows how many records.
    Unknown,
}

/// One direction's place in its records.
#[derive(Debug, Default)]
pub(crate) struct RecordReader {
    /// The beginning of a record, header first.
    partial: Vec<u8>,
    /// Where the record began that is held or stepped over.
    first_frame: Option<FrameNumber>,
    offset: u64,
    /// Bytes of a record left to step over.
    skip: u32,
    /// What the header of the record stepped over says, if anyone wants to hear of it.
    skipped: Option<Header>,
    /// Whether the place is lost: the next segment that begins like a record is taken for one.
    lost: bool,
}

impl RecordReader {
    /// Takes what it can from the front of `bytes`, which stand at `offset` of the stream. `None`: all is taken.
    /// `wanted` tells whether anyone wants to see inside a record of a type.
    #[inline]
    pub(crate) fn next<'b>(
        &mut self,
        bytes: &mut &'b [u8],
        offset: &mut u64,
        at: At,
        wanted: impl Fn(ContentType) -> bool,
    ) -> Option<Found<'b>> {
        if self.skip > 0 {
            let step = (self.skip as usize).min(bytes.len());
            take(bytes, offset, step);
            self.skip -= step as u32;
            if self.skip == 0
                && let Some(header) = self.skipped.take()
            {
                return Some(Found::Skipped(header.at(self.first_frame, self.offset)));
            }
        }
        if bytes.is_empty() {
            return None;
        }
        if !self.partial.is_empty() {
            return self.continue_partial(bytes, offset, at, wanted);
        }
        if self.lost && !guess::record_header(bytes) {
            let foreign = bytes.len() as u64;
            take(bytes, offset, bytes.len());
            return Some(Found::Foreign(foreign));
        }
        self.lost = false;
        if bytes.len() < HEADER {
            self.first_frame = at.frame;
            self.offset = *offset;
            self.partial.extend_from_slice(take(bytes, offset, bytes.len()));
            return None;
        }
        if !guess::record_header(bytes) {
            self.lost = true;
            let foreign = bytes.len() as u64;
            take(bytes, offset, bytes.len());
            return Some(Found::Foreign(foreign));
        }
        let head = head(bytes, at.frame, *offset);
        let length = usize::from(head.length);
        if !wanted(head.content_type) {
            let there = (bytes.len() - HEADER).min(length);
            take(bytes, offset, HEADER + there);
            if there == length {
                return Some(Found::Skipped(head));
            }
            self.skip_record(&head, length - there);
            return None;
        }
        if bytes.len() >= HEADER + length {
            let record = take(bytes, offset, HEADER + length);
            return Some(Found::Record(head, Fragment::Borrowed(&record[HEADER..])));
        }
        self.first_frame = at.frame;
        self.offset = *offset;
        self.partial.reserve_exact(HEADER + length);
        self.partial.extend_from_slice(take(bytes, offset, bytes.len()));
        None
    }

    fn continue_partial<'b>(
        &mut self,
        bytes: &mut &'b [u8],
        offset: &mut u64,
        at: At,
        wanted: impl Fn(ContentType) -> bool,
    ) -> Option<Found<'b>> {
        if self.partial.len() < HEADER {
            let step = (HEADER - self.partial.len()).min(bytes.len());
            self.partial.extend_from_slice(take(bytes, offset, step));
            if self.partial.len() < HEADER {
                return None;
            }
            if !guess::record_header(&self.partial) {
                self.lost = true;
                let foreign = (std::mem::take(&mut self.partial).len() + bytes.len()) as u64;
                take(bytes, offset, bytes.len());
                return Some(Found::Foreign(foreign));
            }
            let head = head(&self.partial, self.first_frame, self.offset);
            if !wanted(head.content_type) {
                self.partial = Vec::new();
                if head.length == 0 {
                    return Some(Found::Skipped(head));
                }
                self.skip_record(&head, usize::from(head.length));
                return self.next(bytes, offset, at, wanted);
            }
        }
        let head = head(&self.partial, self.first_frame, self.offset);
        let missing = HEADER + usize::from(head.length) - self.partial.len();
        let step = missing.min(bytes.len());
        self.partial.extend_from_slice(take(bytes, offset, step));
        (step == missing).then(|| Found::Record(head, Fragment::Joined(std::mem::take(&mut self.partial))))
    }

    /// The rest of a record nobody wants to see inside of is to be stepped over.
    fn skip_record(&mut self, head: &RecordHead, rest: usize) {
        self.skip = rest as u32;
        (self.first_frame, self.offset) = (head.first_frame, head.offset);
        let RecordHead { content_type, version, length, .. } = *head;
        self.skipped = Some(Header { content_type, version, length });
    }

    /// `length` bytes of the stream are not in the capture.
    pub(crate) fn gap(&mut self, length: u64) -> Loss {
        if self.skip > 0 {
            if u64::from(self.skip) >= length {
                self.skip -= length as u32;
                // The record's end may lie in the hole: `take_ended`.
                return Loss::None;
            }
            self.skip = 0;
            self.skipped = None;
        } else if self.partial.len() >= HEADER {
            let stated = usize::from(head(&self.partial, None, 0).length) + HEADER;
            let missing = (stated - self.partial.len()) as u64;
            self.partial = Vec::new();
            if missing >= length {
                self.skip = (missing - length) as u32;
                return Loss::OneRecord;
            }
        }
        self.partial = Vec::new();
        self.lost = true;
        Loss::Unknown
    }

    /// The record that was stepped over and ended in the hole that was told of last.
    pub(crate) fn take_ended(&mut self) -> Option<RecordHead> {
        if self.skip > 0 {
            return None;
        }
        Some(self.skipped.take()?.at(self.first_frame, self.offset))
    }

    /// The next bytes may begin anywhere: the place has to be found.
    pub(crate) fn lose_place(&mut self) {
        self.lost = true;
    }

    /// How many bytes of a record that has not ended are held.
    pub(crate) fn unfinished(&self) -> usize {
        self.partial.len()
    }

    /// Whether a record was begun and not ended.
    pub(crate) fn is_inside_record(&self) -> bool {
        !self.partial.is_empty() || self.skip > 0
    }
}

fn take<'b>(bytes: &mut &'b [u8], offset: &mut u64, length: usize) -> &'b [u8] {
    let (front, rest) = bytes.split_at(length);
    *bytes = rest;
    *offset += length as u64;
    front
}

/// Reads a header of five bytes, which must be there.
fn head(bytes: &[u8], first_frame: Option<FrameNumber>, offset: u64) -> RecordHead {
    let header = Header {
        content_type: ContentType(bytes[0]),
        version: ProtocolVersion(u16::from_be_bytes([bytes[1], bytes[2]])),
        length: u16::from_be_bytes([bytes[3], bytes[4]]),
    };
    header.at(first_frame, offset)
}

impl Header {
    fn at(self, first_frame: Option<FrameNumber>, offset: u64) -> RecordHead {
        let Self { content_type, version, length } = self;
        RecordHead { content_type, version, length, first_frame, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: At = At { frame: None, time: crate::time::Timestamp::from_nanoseconds(0) };

    /// Feeds the pieces and lists what is found: `22:3` for a record, `-23:5` for one stepped over, `?4` for foreign
    /// bytes.
    fn found(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = RecordReader::default();
        let mut offset = 0;
        let mut list = Vec::new();
        for piece in pieces {
            let mut bytes = *piece;
            while let Some(found) =
                reader.next(&mut bytes, &mut offset, AT, |t| t != ContentType::APPLICATION_DATA)
            {
                list.push(match found {
                    Found::Record(head, fragment) => {
                        assert_eq!(fragment.bytes().len(), usize::from(head.length));
                        format!("{}:{}", head.content_type.0, head.length)
                    }
                    Found::Skipped(head) => format!("-{}:{}", head.content_type.0, head.length),
                    Found::Foreign(length) => format!("?{length}"),
                });
            }
        }
        assert_eq!(offset, pieces.iter().map(|piece| piece.len() as u64).sum::<u64>());
        list
    }

    const STREAM: [u8; 24] = [22, 3, 1, 0, 3, 1, 2, 3, 23, 3, 3, 0, 5, 1, 2, 3, 4, 5, 20, 3, 3, 0, 1, 1];

    #[test]
    fn finds_the_same_records_wherever_the_stream_is_cut() {
        let whole = found(&[&STREAM]);
        assert_eq!(whole, ["22:3", "-23:5", "20:1"]);
        for cut in 0..STREAM.len() {
            for second in cut..STREAM.len() {
                assert_eq!(found(&[&STREAM[..cut], &STREAM[cut..second], &STREAM[second..]]), whole);
            }
        }
    }

    #[test]
    fn goes_on_at_the_next_record_behind_foreign_bytes() {
        assert_eq!(found(&[b"hello there", &STREAM]), ["?11", "22:3", "-23:5", "20:1"]);
    }

    #[test]
    fn a_hole_inside_a_record_costs_that_record_only() {
        let mut reader = RecordReader::default();
        let (mut bytes, mut offset) = (&STREAM[..6], 0);
        assert!(reader.next(&mut bytes, &mut offset, AT, |_| true).is_none());
        assert_eq!(reader.gap(2), Loss::OneRecord);
        let mut bytes = &STREAM[8..];
        assert!(
            matches!(reader.next(&mut bytes, &mut offset, AT, |_| true), Some(Found::Record(head, _)) if head.length == 5)
        );
        assert_eq!(reader.gap(2), Loss::Unknown);
    }
}
