//! Handshake messages across records, one direction.
//!
//! ```text
//! struct { HandshakeType msg_type; uint24 length; opaque body[length]; }
//! ```
//!
//! RFC 8446 section 4. A message may span records, and a record may hold several.

use crate::evidence::Evidence;

const HEADER: usize = 4;

/// The beginning of a handshake message whose end has not come.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    /// Boxed, since it is needed only between two records.
    begun: Option<Box<Begun>>,
    /// Bytes left of a message too long to keep.
    discard: u32,
}

/// A message that was begun.
#[derive(Debug)]
struct Begun {
    bytes: Vec<u8>,
    /// The record with its first byte.
    record: Evidence,
}

/// What was found at the front of the bytes.
#[derive(Debug)]
pub(crate) enum Piece<'b> {
    /// A whole message, header included, and the evidence of all of it.
    Whole(Whole<'b>, Evidence),
    /// A message beyond the limit, whose bytes are let go.
    TooLong,
}

/// A whole message.
#[derive(Debug)]
pub(crate) enum Whole<'b> {
    /// Where it lies.
    Borrowed(&'b [u8]),
    /// Put together.
    Joined(Vec<u8>),
}

impl Whole<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(bytes) => bytes,
        }
    }
}

impl Fragments {
    /// Takes the next message from the front of `bytes`, a record's content. `None`: all is taken.
    pub(crate) fn next<'b>(
        &mut self,
        bytes: &mut &'b [u8],
        record: &Evidence,
        limit: usize,
    ) -> Option<Piece<'b>> {
        if self.discard > 0 {
            let step = (self.discard as usize).min(bytes.len());
            *bytes = &bytes[step..];
            self.discard -= step as u32;
        }
        if bytes.is_empty() {
            return None;
        }
        let Some(begun) = &mut self.begun else {
            if let Some(length) = stated_length(bytes) {
                if length > limit {
                    self.discard = (length + HEADER) as u32;
                    return Some(Piece::TooLong);
                }
                if bytes.len() >= HEADER + length {
                    let (message, rest) = bytes.split_at(HEADER + length);
                    *bytes = rest;
                    return Some(Piece::Whole(Whole::Borrowed(message), *record));
                }
            }
            self.begun = Some(Box::new(Begun { bytes: bytes.to_vec(), record: *record }));
            *bytes = &[];
            return None;
        };
        let partial = &mut begun.bytes;
        if partial.len() < HEADER {
            let step = (HEADER - partial.len()).min(bytes.len());
            partial.extend_from_slice(&bytes[..step]);
            *bytes = &bytes[step..];
        }
        let length = stated_length(partial)?;
        if length > limit {
            self.discard = (length + HEADER - partial.len()) as u32;
            self.clear();
            return Some(Piece::TooLong);
        }
        let step = (HEADER + length - partial.len()).min(bytes.len());
        partial.extend_from_slice(&bytes[..step]);
        *bytes = &bytes[step..];
        if partial.len() < HEADER + length {
            return None;
        }
        let first = begun.record;
        let evidence = Evidence {
            first_frame: first.first_frame,
            offset: first.offset,
            length: (record.offset.saturating_sub(first.offset)).min(u64::from(u32::MAX)) as u32
                + record.length,
            ..*record
        };
        let message = std::mem::take(partial);
        self.clear();
        Some(Piece::Whole(Whole::Joined(message), evidence))
    }

    /// Lets go what was begun: its rest will not come.
    pub(crate) fn clear(&mut self) {
        self.begun = None;
    }

    /// Whether a message was begun and not ended.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.begun.is_some()
    }
}

fn stated_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.first_chunk::<HEADER>()?;
    Some(usize::from(header[1]) << 16 | usize::from(header[2]) << 8 | usize::from(header[3]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;

    const RECORD: Evidence = Evidence {
        first_frame: None,
        frame: None,
        time: crate::time::Timestamp::from_nanoseconds(0),
        side: Side::Client,
        offset: 0,
        length: 9,
    };

    fn messages(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut fragments = Fragments::default();
        let mut list = Vec::new();
        for piece in pieces {
            let mut bytes = *piece;
            while let Some(Piece::Whole(whole, _)) = fragments.next(&mut bytes, &RECORD, 100) {
                list.push(whole.bytes().to_vec());
            }
            assert!(bytes.is_empty());
        }
        list
    }

    #[test]
    fn puts_messages_together_wherever_records_end() {
        let stream = [11, 0, 0, 3, 1, 2, 3, 14, 0, 0, 0, 16, 0, 0, 1, 9];
        let whole = messages(&[&stream]);
        assert_eq!(whole, [vec![11, 0, 0, 3, 1, 2, 3], vec![14, 0, 0, 0], vec![16, 0, 0, 1, 9]]);
        for cut in 0..stream.len() {
            for second in cut..stream.len() {
                assert_eq!(messages(&[&stream[..cut], &stream[cut..second], &stream[second..]]), whole);
            }
        }
    }

    #[test]
    fn lets_a_message_beyond_the_limit_go_by() {
        let mut fragments = Fragments::default();
        let mut bytes: &[u8] = &[11, 0, 0, 101, 1, 2];
        assert!(matches!(fragments.next(&mut bytes, &RECORD, 100), Some(Piece::TooLong)));
        assert!(fragments.next(&mut bytes, &RECORD, 100).is_none());
        let rest = [0; 99];
        let mut bytes = &rest[..];
        assert!(fragments.next(&mut bytes, &RECORD, 100).is_none());
        let mut bytes: &[u8] = &[14, 0, 0, 0];
        assert!(matches!(fragments.next(&mut bytes, &RECORD, 100), Some(Piece::Whole(..))));
    }
}
