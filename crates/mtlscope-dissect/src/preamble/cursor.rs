//! A place in a talk, and what can be read from there on.

use super::talk::Talk;
use super::{Preamble, PreambleProtocol, PreambleResult, PreambleStep, shown};
use crate::side::Side;

/// A place in a talk.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    talk: &'a Talk,
    client: usize,
    place: usize,
}

/// Some bytes that one side said.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) side: Side,
    pub(super) bytes: &'a [u8],
    place: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(talk: &'a Talk, client: usize) -> Self {
        Self { talk, client, place: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.place >= self.talk.len()
    }

    /// What is said from here until the other side speaks.
    pub(super) fn ahead(&self) -> Option<Words<'a>> {
        let (sender, bytes) = self.talk.from(self.place)?;
        let side = if sender == self.client { Side::Client } else { Side::Server };
        Some(Words { side, bytes, place: self.place })
    }

    /// The same, if it is this side that speaks.
    pub(super) fn ahead_of(&self, side: Side) -> Option<Words<'a>> {
        self.ahead().filter(|words| words.side == side)
    }

    /// Takes so many bytes of this side; `None` where they were not said in one go.
    pub(super) fn take(&mut self, side: Side, length: usize) -> Option<Words<'a>> {
        let words = self.ahead_of(side)?;
        let bytes = words.bytes.get(..length).filter(|bytes| !bytes.is_empty())?;
        self.place += length;
        Some(Words { bytes, ..words })
    }

    /// Takes all that is said until the other side speaks.
    pub(super) fn take_all(&mut self) -> Option<Words<'a>> {
        let words = self.ahead()?;
        self.place += words.bytes.len();
        Some(words)
    }

    /// Takes a line, without its end; what stands at the end of a turn counts as one.
    pub(super) fn line(&mut self) -> Option<Words<'a>> {
        let words = self.ahead()?;
        let end = words.bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(words.bytes.len(), |end| end + 1);
        self.place += length;
        let line = words.bytes.get(..length)?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Some(Words { bytes: line.strip_suffix(b"\r").unwrap_or(line), ..words })
    }

    /// A step that shows these words as they were said.
    pub(super) fn step(&self, words: &Words<'_>) -> Option<PreambleStep> {
        self.step_saying(words, shown(words.bytes))
    }

    /// A step that says of these words what they mean.
    pub(super) fn step_saying(&self, words: &Words<'_>, text: impl Into<String>) -> Option<PreambleStep> {
        let evidence = self.talk.evidence(words.place, words.bytes.len(), self.client)?;
        Some(PreambleStep { text: text.into(), evidence })
    }
}

impl Preamble {
    /// One in which nothing was said yet.
    pub(super) fn of(protocol: PreambleProtocol) -> Self {
        Self {
            protocol,
            steps: Vec::new(),
            destination: None,
            source: None,
            result: PreambleResult::NotAsked,
        }
    }

    /// Adds what was asked, to which no answer is known yet.
    pub(super) fn ask(&mut self, step: Option<PreambleStep>) {
        self.steps.extend(step);
        self.result = PreambleResult::NotAnswered;
    }

    /// Adds the answer to it.
    pub(super) fn answer(&mut self, step: Option<PreambleStep>, agreed: bool) {
        self.steps.extend(step);
        self.result = if agreed { PreambleResult::Agreed } else { PreambleResult::Refused };
    }
}
