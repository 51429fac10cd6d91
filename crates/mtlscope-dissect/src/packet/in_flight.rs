//! What a direction has sent and the other has not acknowledged yet: round trips, bytes in flight, and how long ago it was that
//! something was sent which is sent again. By the rules of Wireshark 4.0.

use crate::time::Timestamp;

use super::analysis::after;

/// So many segments are remembered of a direction: those of one whose acknowledgments nobody captured would have no end.
const MOST: usize = 1000;

/// What one direction has sent, and the other has not acknowledged.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    /// The eldest first.
    segments: Vec<Segment>,
    /// Something is missing that was sent, so that nobody knows how much is in flight; until the next acknowledgment.
    pub(super) has_hole: bool,
    /// How many bytes the other side has behind a hole (SACK).
    pub(super) behind_holes: u32,
    since_push: u32,
    was_pushed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    frame: u64,
    time: Timestamp,
    begin: u32,
    end: u32,
}

impl InFlight {
    /// A segment with these sequence numbers was sent.
    pub(super) fn send(&mut self, begin: u32, end: u32, frame: u64, time: Timestamp) {
        if self.segments.len() < MOST {
            self.segments.push(Segment { frame, time, begin, end });
        }
    }

    /// The other side has all before this number: the frame that ends there, and when it came.
    pub(super) fn acknowledge(&mut self, number: u32) -> Option<(u64, Timestamp)> {
        let acknowledged = self.segments.iter().find(|segment| segment.end == number);
        let acknowledged = acknowledged.map(|segment| (segment.frame, segment.time));
        self.segments.retain_mut(|segment| {
            if after(number, segment.begin) {
                segment.begin = number;
            }
            after(segment.end, number)
        });
        acknowledged
    }

    /// The bytes that are under way; `None` where something is missing.
    pub(super) fn bytes(&self) -> Option<u32> {
        let (first, others) = self.segments.split_first().filter(|_| !self.has_hole)?;
        let (mut begin, mut end) = (first.begin, first.end);
        for segment in others {
            begin = if after(begin, segment.begin) { segment.begin } else { begin };
            end = if after(segment.end, end) { segment.end } else { end };
        }
        Some(end.wrapping_sub(begin).wrapping_sub(self.behind_holes))
    }

    /// Bytes sent up to this segment since the last one that was to be handed on at once (PSH).
    pub(super) fn since_push(&mut self, length: u32, is_pushed: bool) -> u32 {
        self.since_push = if self.was_pushed { length } else { self.since_push.wrapping_add(length) };
        self.was_pushed = is_pushed;
        self.since_push
    }

    /// The eldest segment from this number on that is under way.
    pub(super) fn eldest_from(&self, begin: u32) -> Option<(u64, Timestamp)> {
        let eldest = self.segments.iter().find(|segment| !after(begin, segment.begin));
        eldest.map(|segment| (segment.frame, segment.time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanoseconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(nanoseconds)
    }

    #[test]
    fn an_acknowledgment_names_the_segment_that_ends_there_and_takes_it_out() {
        let mut sent = InFlight::default();
        sent.send(u32::MAX - 9, 90, 1, at(10));
        sent.send(90, 190, 2, at(20));
        assert_eq!(sent.bytes(), Some(200));
        assert_eq!(sent.acknowledge(40), None, "in the middle of a segment");
        assert_eq!(sent.bytes(), Some(150));
        assert_eq!(sent.acknowledge(90), Some((1, at(10))));
        assert_eq!(sent.eldest_from(90), Some((2, at(20))));
        assert_eq!(sent.acknowledge(190), Some((2, at(20))));
        assert_eq!((sent.bytes(), sent.eldest_from(0)), (None, None));
    }

    #[test]
    fn without_acknowledgments_what_is_remembered_is_bounded() {
        let mut sent = InFlight::default();
        for number in 0..100_000 {
            sent.send(number, number + 1, number.into(), at(0));
        }
        assert_eq!(sent.segments.len(), MOST);
    }

    #[test]
    fn bytes_are_counted_from_behind_a_push() {
        let mut sent = InFlight::default();
        let counted: Vec<u32> = [(100, false), (50, true), (10, true), (20, false), (5, false)]
            .map(|(length, is_pushed)| sent.since_push(length, is_pushed))
            .into();
        assert_eq!(counted, [100, 150, 10, 20, 25]);
    }
}
