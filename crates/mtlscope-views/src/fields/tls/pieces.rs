//! Handshake messages that come in several records: where one begins and ends, and which frames brought it.

use mtlscope_dissect::event::Record;
use mtlscope_dissect::evidence::FrameNumber;

use super::super::named::Told;
use super::handshake::{FRAGMENT, FRAGMENT_COUNT, FRAGMENTS, HANDSHAKE};

/// Records of one message whose frames are remembered; a message that takes more is not told to come in pieces.
const MOST: usize = 256;

/// One side's messages.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The header of a message that is not there as a whole.
    header: Vec<u8>,
    /// How many bytes of the message's body are missing.
    missing: usize,
    /// The frames of the records that brought the message so far.
    frames: Vec<Option<FrameNumber>>,
    /// Where in the stream the next record begins.
    next: u64,
}

impl Pieces {
    /// Tells of the pieces in a record; of one that stays sealed, that a message is in it.
    pub(super) fn tell(&mut self, record: &Record, content: Option<&[u8]>, told: &mut Told<'_>) {
        let Some(mut content) = content else {
            *self = Self::default();
            told.put_label(&HANDSHAKE);
            return;
        };
        let evidence = &record.evidence;
        if evidence.offset < self.next {
            *self = Self::default();
        }
        self.next = evidence.offset + u64::from(evidence.length);
        if !self.frames.is_empty() {
            self.frames.push(evidence.frame);
            told.put_label(&HANDSHAKE);
            if !self.take(&mut content) {
                return;
            }
            self.tell_whole(told);
        }
        while !content.is_empty() {
            if !self.take(&mut content) {
                self.frames.push(evidence.frame);
                told.put_label(&HANDSHAKE);
            }
        }
    }

    /// Takes from the front of `content` what belongs to the message; whether it is whole then.
    fn take(&mut self, content: &mut &[u8]) -> bool {
        if self.header.len() < 4 {
            let (header, rest) = content.split_at(content.len().min(4 - self.header.len()));
            self.header.extend(header);
            *content = rest;
            let [_, a, b, c] = self.header[..] else { return false };
            self.missing = u32::from_be_bytes([0, a, b, c]) as usize;
        }
        let there = content.len().min(self.missing);
        *content = &content[there..];
        self.missing -= there;
        let is_whole = self.missing == 0;
        if is_whole {
            self.header.clear();
        }
        is_whole
    }

    fn tell_whole(&mut self, told: &mut Told<'_>) {
        let frames = std::mem::take(&mut self.frames);
        if frames.len() > MOST {
            return;
        }
        told.put_label(&FRAGMENTS);
        for frame in frames.iter().flatten() {
            told.put_number(&FRAGMENT, frame.get());
        }
        told.put_number(&FRAGMENT_COUNT, frames.len() as u64);
    }
}
