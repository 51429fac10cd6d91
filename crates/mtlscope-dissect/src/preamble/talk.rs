//! What both sides of a connection said so far, in the order it was said, with the frames it came in.

use crate::evidence::Evidence;
use crate::reassembly::At;
use crate::side::Side;

/// The most that is kept of one connection, in bytes. Who has not come to TLS by then does not.
const LONGEST: usize = 16 << 10;
/// Pieces kept of one connection.
const PIECES: usize = 256;

/// A talk in clear.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// What one packet brought.
#[derive(Clone, Copy, Debug)]
struct Piece {
    sender: usize,
    at: At,
    /// Where it stands in what its sender sent.
    offset: u64,
    /// Where it begins in `bytes`.
    start: usize,
}

impl Talk {
    /// Adds what a sender said; false where that would be too much.
    pub(crate) fn add(&mut self, sender: usize, bytes: &[u8], offset: u64, at: At) -> bool {
        if self.bytes.len() + bytes.len() > LONGEST || self.pieces.len() >= PIECES {
            return false;
        }
        self.pieces.push(Piece { sender, at, offset, start: self.bytes.len() });
        self.bytes.extend_from_slice(bytes);
        true
    }

    /// Bytes held.
    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.pieces.capacity() * size_of::<Piece>()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Who speaks at a place, and everything said from there until the other side speaks.
    pub(super) fn from(&self, place: usize) -> Option<(usize, &[u8])> {
        let (index, piece) = self.piece(place)?;
        let end = self.pieces.iter().skip(index).find(|next| next.sender != piece.sender);
        let end = end.map_or(self.bytes.len(), |next| next.start);
        Some((piece.sender, self.bytes.get(place..end)?))
    }

    /// The frames that brought the bytes at a place.
    pub(super) fn evidence(&self, place: usize, length: usize, client: usize) -> Option<Evidence> {
        let (_, first) = self.piece(place)?;
        let (_, last) = self.piece(place + length.saturating_sub(1))?;
        Some(Evidence {
            first_frame: first.at.frame,
            frame: last.at.frame,
            time: last.at.time,
            side: if first.sender == client { Side::Client } else { Side::Server },
            offset: first.offset + (place - first.start) as u64,
            length: length as u32,
        })
    }

    fn piece(&self, place: usize) -> Option<(usize, Piece)> {
        if place >= self.bytes.len() {
            return None;
        }
        let index = self.pieces.partition_point(|piece| piece.start <= place).checked_sub(1)?;
        Some((index, *self.pieces.get(index)?))
    }
}
