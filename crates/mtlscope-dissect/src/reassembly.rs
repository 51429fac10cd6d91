//! TCP segments to a stream, one direction: order, repeats, overlaps, gaps, wrap of the sequence number.
//!
//! A segment that continues the stream is handed on as the slice it came in, uncopied. One that comes early is kept
//! until the hole before it fills, or until it is clear that it never will.

use std::collections::VecDeque;

use crate::evidence::FrameNumber;
use crate::limits::Limits;
use crate::time::Timestamp;

/// Where in the input something was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct At {
    pub(crate) frame: Option<FrameNumber>,
    pub(crate) time: Timestamp,
}

/// One direction of a TCP connection.
///
/// Of every connection that is open there are two of these, so what may be there and is not takes no room of its own: a
/// number and a mark that it is set are smaller than an `Option`.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    /// Bytes handed on or given up so far: the offset of the byte expected next.
    offset: u64,
    early: Option<Box<Early>>,
    /// What the latest segments at the head of the stream were like, to know copies that differ.
    handed_on: [Likeness; LIKENESSES],
    /// The sequence number of the stream's first byte, once it is begun.
    first: u32,
    /// The sequence number expected next.
    next: u32,
    /// The highest acknowledgment from the other side, once there was one.
    acknowledged: u32,
    /// The sequence number behind the last byte, once a FIN told it.
    end: u32,
    /// The frame, shortened, with bytes of which a copy came that differed.
    copy_differed: Option<ShortFrame>,
    /// Whether any segment was seen.
    is_begun: bool,
    is_acknowledged: bool,
    is_ended: bool,
    /// Whether the beginning of the stream was seen (its SYN).
    start_seen: bool,
}

/// A segment that was handed on, as far as it is remembered: a few of its bytes, so that this costs next to nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Likeness {
    /// The last bits of the sequence number: so many bytes are remembered, and no more.
    place: u16,
    sample: u16,
    length: u16,
    frame: ShortFrame,
}

/// The last bits of a frame's number, which are enough next to a later one.
#[derive(Clone, Copy, Debug, Default)]
struct ShortFrame([u16; 2]);

impl ShortFrame {
    fn of(at: At) -> Self {
        let number = at.frame.map_or(0, |frame| frame.get());
        Self([(number >> 16) as u16, number as u16])
    }

    /// The whole number, as seen from a later frame.
    fn before(self, at: At) -> Option<FrameNumber> {
        let now = at.frame?.get();
        let [high, low] = self.0;
        let then = u32::from(high) << 16 | u32::from(low);
        FrameNumber::new(now.checked_sub((now as u32).wrapping_sub(then).into())?)
    }
}

/// Segments remembered of each direction.
const LIKENESSES: usize = 3;
/// Segments are remembered up to this place in the stream: where handshakes are, and bulk data is not.
const REMEMBERED: u64 = 64 << 10;

impl Likeness {
    fn of(sequence_number: u32, bytes: &[u8], at: At) -> Self {
        let words = bytes.as_chunks::<8>().0;
        let mut sample =
            bytes.iter().rev().take(8).fold(0, |sample: u64, byte| sample << 8 | u64::from(*byte));
        for word in words.iter().step_by(words.len() / 8 + 1) {
            sample = sample.rotate_left(7) ^ u64::from_le_bytes(*word);
        }
        let sample = sample ^ sample >> 32;
        // A packet has no more than 65,535 bytes.
        let sample = sample ^ sample >> 32;
        let (sample, length) = ((sample ^ sample >> 16) as u16, bytes.len() as u16);
        Self { place: sequence_number as u16, sample, length, frame: ShortFrame::of(at) }
    }
}

/// Segments that came before their turn.
#[derive(Debug, Default)]
struct Early {
    /// In the order of the stream, not overlapping.
    segments: VecDeque<Held>,
    bytes: usize,
    /// Segments seen in this direction since the hole opened.
    seen_since: u32,
    since: Timestamp,
}

/// A segment held back.
#[derive(Debug)]
pub(crate) struct Held {
    sequence_number: u32,
    /// Empty for the mark behind bytes that the capture cut off.
    pub(crate) bytes: Box<[u8]>,
    pub(crate) at: At,
}

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Placed<'a> {
    /// It continues the stream, with these bytes.
    Continues(&'a [u8]),
    /// Its turn has not come.
    Early,
    /// Nothing in it is new.
    Old,
}

/// What can be handed on next from the segments held.
#[derive(Debug)]
pub(crate) enum Ready {
    /// Bytes that continue the stream.
    Bytes(Held),
    /// Bytes that are not in the capture.
    Gap {
        /// How many.
        length: u64,
        /// Whether the capture cut them off (snaplen), rather than losing a packet.
        snapped: bool,
    },
}

impl Direction {
    /// A SYN with this sequence number begins the stream.
    pub(crate) fn begin(&mut self, sequence_number: u32) {
        self.begin_at(sequence_number.wrapping_add(1));
        self.start_seen = true;
    }

    /// Whether a SYN with this sequence number would begin another stream than the one known.
    pub(crate) fn differs_from(&self, syn_sequence_number: u32) -> bool {
        self.is_begun && self.first != syn_sequence_number.wrapping_add(1)
    }

    /// Whether any segment was seen.
    pub(crate) fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Whether the stream's beginning was seen.
    pub(crate) fn start_seen(&self) -> bool {
        self.start_seen
    }

    /// Bytes handed on or given up so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the byte with a sequence number stands in the stream, once that has begun.
    pub(crate) fn offset_at(&self, sequence_number: u32) -> Option<i64> {
        if !self.is_begun {
            return None;
        }
        let ahead = sequence_number.wrapping_sub(self.next) as i32;
        i64::try_from(self.offset).ok()?.checked_add(ahead.into())
    }

    /// Bytes of a live end went by, in order.
    pub(crate) fn pass(&mut self, length: u64) {
        self.offset = self.offset.saturating_add(length);
    }

    /// Takes a segment. What continues the stream is handed back at once; call [`Direction::ready`] behind it.
    #[inline]
    pub(crate) fn place<'a>(
        &mut self,
        sequence_number: u32,
        payload: &'a [u8],
        missing: u32,
        at: At,
        limits: &Limits,
    ) -> Placed<'a> {
        if !self.is_begun {
            self.begin_at(sequence_number);
        }
        let ahead = sequence_number.wrapping_sub(self.next) as i32;
        if ahead == 0 && missing == 0 {
            if self.offset < REMEMBERED {
                self.remember(sequence_number, payload, at);
            }
            self.advance(payload.len() as u32);
            return if payload.is_empty() { Placed::Old } else { Placed::Continues(payload) };
        }
        self.place_out_of_turn(ahead, sequence_number, payload, missing, at, limits)
    }

    /// The slow path: a segment that is old, overlaps, comes early, or was cut by the capture.
    fn place_out_of_turn<'a>(
        &mut self,
        ahead: i32,
        sequence_number: u32,
        payload: &'a [u8],
        missing: u32,
        at: At,
        limits: &Limits,
    ) -> Placed<'a> {
        if let Some(early) = &mut self.early {
            early.seen_since = early.seen_since.saturating_add(1);
        }
        if ahead > 0 {
            self.hold(sequence_number, payload, missing, at, limits);
            return Placed::Early;
        }
        let old = ahead.unsigned_abs() as usize;
        if missing > 0 && old < payload.len() + missing as usize {
            // What was captured continues the stream; the rest of the segment is a hole right behind it.
            let new = payload.get(old..).unwrap_or(&[]);
            let hole = sequence_number.wrapping_add(payload.len() as u32);
            self.advance(new.len() as u32);
            self.hold(hole.wrapping_add(missing), &[], 0, at, limits);
            return if new.is_empty() { Placed::Early } else { Placed::Continues(new) };
        }
        match payload.get(old..) {
            Some(new) if !new.is_empty() => {
                self.advance(new.len() as u32);
                Placed::Continues(new)
            }
            _ => {
                self.compare(sequence_number, payload, at);
                Placed::Old
            }
        }
    }

    /// Whether a copy of bytes differed from those that were there first, since this was last asked: the frame of the first.
    pub(crate) fn take_copy_differed(&mut self, at: At) -> Option<Option<FrameNumber>> {
        self.copy_differed.take().map(|first| first.before(at))
    }

    fn remember(&mut self, sequence_number: u32, payload: &[u8], at: At) {
        self.handed_on.rotate_right(1);
        self.handed_on[0] = Likeness::of(sequence_number, payload, at);
    }

    /// Compares a segment that is old with the one that was handed on in its place.
    fn compare(&mut self, sequence_number: u32, payload: &[u8], at: At) {
        let is_remembered = |offset: i64| (0..REMEMBERED as i64).contains(&offset);
        if payload.is_empty() || !self.offset_at(sequence_number).is_some_and(is_remembered) {
            return;
        }
        let copy = Likeness::of(sequence_number, payload, at);
        let is_same = |first: &&Likeness| first.place == copy.place && first.length == copy.length;
        let first = self.handed_on.iter().find(is_same);
        if let Some(first) = first.filter(|first| first.sample != copy.sample) {
            self.copy_differed.get_or_insert(first.frame);
        }
    }

    /// The other side acknowledges everything before `acknowledgment_number`.
    #[inline]
    pub(crate) fn acknowledge(&mut self, acknowledgment_number: u32) {
        if self.early.is_some() {
            self.acknowledged = acknowledgment_number;
            self.is_acknowledged = true;
        }
    }

    /// Whether the other side acknowledges bytes that were not handed on yet: it has them, we have not.
    #[inline]
    pub(crate) fn lags_behind(&self, acknowledgment_number: u32) -> bool {
        let ahead = acknowledgment_number.wrapping_sub(self.next) as i32;
        // A FIN takes a number of its own.
        self.is_begun && ahead > i32::from(self.is_ended)
    }

    /// A FIN stands behind the byte with this sequence number.
    pub(crate) fn finish(&mut self, end: u32) {
        if !self.is_ended {
            self.end = end;
            self.is_ended = true;
        }
    }

    /// Whether everything up to the FIN was handed on.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_ended && self.end.wrapping_sub(self.next) as i32 <= 0
    }

    /// Whether segments are held back.
    #[inline]
    pub(crate) fn holds(&self) -> bool {
        self.early.is_some()
    }

    /// Bytes held back.
    pub(crate) fn held_bytes(&self) -> usize {
        self.early.as_ref().map_or(0, |early| early.bytes)
    }

    /// What can be handed on now. With `force`, holes are given up whatever hope is left.
    pub(crate) fn ready(&mut self, now: Timestamp, limits: &Limits, force: bool) -> Option<Ready> {
        let acknowledged = self.is_acknowledged.then_some(self.acknowledged);
        let early = self.early.as_mut()?;
        let Some(first) = early.segments.front() else {
            self.early = None;
            return None;
        };
        let ahead = first.sequence_number.wrapping_sub(self.next) as i32;
        if ahead > 0 {
            let snapped = first.bytes.is_empty();
            if !(force || snapped || early.is_hopeless(acknowledged, self.next, now, limits)) {
                return None;
            }
            early.seen_since = 0;
            early.since = now;
            self.advance(ahead as u32);
            return Some(Ready::Gap { length: ahead as u64, snapped });
        }
        let mut held = early.segments.pop_front()?;
        early.bytes -= held.bytes.len();
        if early.segments.is_empty() {
            self.early = None;
        }
        let old = ahead.unsigned_abs() as usize;
        if old > 0 {
            held.bytes = held.bytes.get(old..).unwrap_or(&[]).into();
        }
        self.advance(held.bytes.len() as u32);
        Some(Ready::Bytes(held))
    }

    /// The stream's first byte has this sequence number.
    fn begin_at(&mut self, sequence_number: u32) {
        self.first = sequence_number;
        self.next = sequence_number;
        self.is_begun = true;
    }

    fn advance(&mut self, length: u32) {
        self.next = self.next.wrapping_add(length);
        self.offset += u64::from(length);
    }

    fn hold(&mut self, sequence_number: u32, payload: &[u8], missing: u32, at: At, limits: &Limits) {
        let early = self.early.get_or_insert_with(|| Box::new(Early { since: at.time, ..Early::default() }));
        let place = early
            .segments
            .partition_point(|held| (held.sequence_number.wrapping_sub(sequence_number) as i32) < 0);
        // The first copy of a byte counts: cut what its neighbours already hold.
        let mut start = 0;
        if let Some(before) = place.checked_sub(1).and_then(|index| early.segments.get(index)) {
            let overlap =
                before.sequence_number.wrapping_add(before.bytes.len() as u32).wrapping_sub(sequence_number)
                    as i32;
            start = overlap.max(0) as usize;
            let kept = before.bytes.len().checked_sub(start).and_then(|from| before.bytes.get(from..));
            if kept.is_some_and(|kept| kept.iter().zip(payload).any(|(first, copy)| first != copy)) {
                self.copy_differed.get_or_insert(ShortFrame::of(before.at));
            }
        }
        let mut end = payload.len();
        let mut missing = missing;
        if let Some(after) = early.segments.get(place) {
            let room = after.sequence_number.wrapping_sub(sequence_number) as usize;
            if room < end {
                let copy = payload.get(room..).unwrap_or(&[]);
                if copy.iter().zip(&after.bytes).any(|(copy, first)| copy != first) {
                    self.copy_differed.get_or_insert(ShortFrame::of(after.at));
                }
                (end, missing) = (room, 0);
            }
        }
        let is_mark = payload.is_empty();
        if start >= end && !is_mark {
            return;
        }
        if early.bytes + (end - start.min(end)) > limits.out_of_order_per_side {
            return;
        }
        let bytes: Box<[u8]> = payload.get(start..end).unwrap_or(&[]).into();
        early.bytes += bytes.len();
        let sequence_number = sequence_number.wrapping_add(start as u32);
        early.segments.insert(place, Held { sequence_number, bytes, at });
        if missing > 0 {
            let behind = sequence_number.wrapping_add((end - start) as u32).wrapping_add(missing);
            let mark = Held { sequence_number: behind, bytes: Box::default(), at };
            early.segments.insert(place + 1, mark);
        }
    }
}

impl Early {
    /// Whether the hole before the first segment will not fill any more.
    fn is_hopeless(&self, acknowledged: Option<u32>, next: u32, now: Timestamp, limits: &Limits) -> bool {
        // The receiver has what we have not: the capture lost it. Captures that merge several queues can show packets
        // late, so a little patience is kept.
        let received = acknowledged.is_some_and(|number| number.wrapping_sub(next) as i32 > 0);
        let patience = self.seen_since > 64 || now - self.since > 2_000_000_000;
        received && patience || self.bytes >= limits.out_of_order_per_side / 2 || self.segments.len() > 4096
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: At = At { frame: None, time: Timestamp::from_nanoseconds(0) };

    /// Feeds segments `(sequence number, bytes, cut off)` and gives back the stream, a hole as `_` per byte.
    fn stream(segments: &[(u32, &str, u32)]) -> String {
        let limits = Limits::default();
        let mut direction = Direction::default();
        direction.begin(segments[0].0.wrapping_sub(1));
        let mut text = String::new();
        for (sequence_number, bytes, missing) in segments {
            if let Placed::Continues(new) =
                direction.place(*sequence_number, bytes.as_bytes(), *missing, AT, &limits)
            {
                text.push_str(std::str::from_utf8(new).unwrap());
            }
            drain(&mut direction, &limits, false, &mut text);
        }
        drain(&mut direction, &limits, true, &mut text);
        assert_eq!(direction.offset(), text.len() as u64);
        text
    }

    fn drain(direction: &mut Direction, limits: &Limits, force: bool, text: &mut String) {
        while let Some(ready) = direction.ready(AT.time, limits, force) {
            match ready {
                Ready::Bytes(held) => text.push_str(std::str::from_utf8(&held.bytes).unwrap()),
                Ready::Gap { length, .. } => text.extend((0..length).map(|_| '_')),
            }
        }
        assert!(!force || direction.held_bytes() == 0);
    }

    #[test]
    fn a_direction_takes_no_more_room_than_it_must() {
        assert!(size_of::<Direction>() <= 72, "{}", size_of::<Direction>());
    }

    #[test]
    fn puts_segments_in_order() {
        assert_eq!(stream(&[(5, "abc", 0), (8, "def", 0)]), "abcdef");
        assert_eq!(stream(&[(5, "", 0), (11, "ghi", 0), (8, "def", 0), (5, "abc", 0)]), "abcdefghi");
    }

    #[test]
    fn keeps_the_first_copy_of_what_overlaps() {
        assert_eq!(stream(&[(5, "abc", 0), (5, "ABC", 0), (7, "Cde", 0)]), "abcde");
        // Of the early `CDEFG` only what stands before the `def` already held is kept.
        assert_eq!(stream(&[(5, "", 0), (8, "def", 0), (7, "CDEFG", 0), (5, "ab", 0)]), "abCdef");
    }

    #[test]
    fn copies_that_differ_are_known() {
        let differ = |segments: &[(u32, &str)]| {
            let mut direction = Direction::default();
            direction.begin(4);
            for (sequence_number, bytes) in segments {
                direction.place(*sequence_number, bytes.as_bytes(), 0, AT, &Limits::default());
                while direction.ready(AT.time, &Limits::default(), false).is_some() {}
            }
            direction.take_copy_differed(AT).is_some()
        };
        let long = "abcdefgh".repeat(100);
        let other = long.replace('h', "H");
        assert!(!differ(&[(5, "abc"), (5, "abc"), (8, "d"), (5, "abc"), (8, "d")]));
        assert!(differ(&[(5, "abc"), (8, "d"), (5, "abX")]));
        assert!(!differ(&[(5, &long), (5, &long)]));
        assert!(differ(&[(5, &long), (5, &other)]));
        // Of what waits for its turn, too.
        assert!(!differ(&[(8, "def"), (8, "def"), (7, "cdef")]));
        assert!(differ(&[(8, "def"), (8, "dXf")]));
        assert!(differ(&[(8, "def"), (7, "cXef")]));
    }

    #[test]
    fn goes_on_behind_the_end_of_the_numbers() {
        assert_eq!(stream(&[(u32::MAX - 1, "abc", 0), (1, "def", 0)]), "abcdef");
        assert_eq!(stream(&[(u32::MAX - 1, "", 0), (1, "def", 0), (u32::MAX - 1, "abc", 0)]), "abcdef");
    }

    #[test]
    fn shows_a_hole_as_a_hole() {
        assert_eq!(stream(&[(5, "abc", 0), (10, "fgh", 0)]), "abc__fgh");
        assert_eq!(stream(&[(5, "ab", 3), (10, "fgh", 0)]), "ab___fgh");
    }

    #[test]
    fn any_order_gives_the_same_stream() {
        let pieces = [(100, "ab", 0), (102, "cd", 0), (104, "ef", 0), (106, "gh", 0)];
        for a in 0..4 {
            for b in 0..4 {
                for c in 0..4 {
                    let mut order = vec![(100, "", 0), pieces[a], pieces[b], pieces[c]];
                    order.extend(pieces);
                    assert_eq!(stream(&order), "abcdefgh");
                }
            }
        }
    }
}
