//! IP fragments put together: pieces in any order, repeated, overlapping, missing or made to do harm. RFC 791 section
//! 3.2, RFC 8200 section 4.5.
//!
//! The first copy of a byte counts. What is not complete in time, does not fit together, or is too much to hold is given
//! up, and said so. Pieces that cannot hold TCP are not kept.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::Fragment;
use crate::limits::Limits;
use crate::notice::{Notice, NoticeKind};
use crate::reassembly::At;
use crate::time::Timestamp;
use crate::transport::udp;

/// The longest datagram there is. RFC 791 section 3.1.
const LONGEST: u32 = 65_535;
/// How long repeats of a datagram that is complete are known as such, in nanoseconds.
const REPEATS: i64 = 1_000_000_000;
/// Datagrams given up that are told one by one.
const TOLD: u64 = 8;

/// Datagrams of which some pieces came.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    pending: HashMap<Key, Pending, RandomState>,
    /// When each was begun, the eldest first; a number tells apart those that share a key.
    order: VecDeque<(u64, Key)>,
    begun: u64,
    bytes: usize,
    given_up: u64,
    notices: Vec<Notice>,
}

/// What the pieces of one datagram have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    /// IPv6 tells datagrams apart without it.
    protocol: Option<u8>,
    identification: u32,
}

#[derive(Debug)]
struct Pending {
    number: u64,
    first: At,
    state: State,
}

#[derive(Debug)]
enum State {
    Collecting(Pieces),
    /// Complete, or of no interest: what else comes of it is a repeat.
    Settled,
}

/// The pieces of one datagram.
#[derive(Debug, Default)]
struct Pieces {
    /// By offset; they do not overlap.
    pieces: BTreeMap<u32, Box<[u8]>>,
    bytes: u32,
    /// The whole length, once the last piece told it.
    total: Option<u32>,
    /// What the first piece said is inside.
    protocol: Option<u8>,
}

/// A datagram that is complete.
#[derive(Debug)]
pub(crate) struct Complete {
    pub(crate) protocol: u8,
    pub(crate) payload: Vec<u8>,
}

impl Fragments {
    /// Takes a piece; gives the payload of the datagram that it completes.
    pub(crate) fn take(&mut self, fragment: &Fragment<'_>, at: At, limits: &Limits) -> Option<Complete> {
        self.forget_old(at.time, limits);
        let is_v4 = fragment.source.is_ipv4();
        if is_v4 && !may_hold_tcp(fragment.protocol) {
            return None;
        }
        let key = Key {
            source: fragment.source,
            destination: fragment.destination,
            protocol: is_v4.then_some(fragment.protocol),
            identification: fragment.identification,
        };
        if !self.pending.contains_key(&key) {
            self.begin(key, at, limits);
        }
        let pending = self.pending.get_mut(&key)?;
        let State::Collecting(pieces) = &mut pending.state else { return None };
        let before = pieces.bytes;
        let why = match pieces.add(fragment, limits) {
            Added::Waits => {
                self.bytes += (pieces.bytes - before) as usize;
                self.make_room(limits);
                return None;
            }
            Added::Complete => {
                let complete = pieces.complete();
                self.bytes -= before as usize;
                pending.state = State::Settled;
                return complete;
            }
            Added::NoInterest => None,
            Added::Bad(why) => Some(why),
        };
        self.bytes -= before as usize;
        pending.state = State::Settled;
        if let Some(why) = why {
            self.tell(&key, at, why);
        }
        None
    }

    /// What is to be said since this was last asked.
    pub(crate) fn notices(&mut self) -> impl Iterator<Item = Notice> {
        self.notices.drain(..)
    }

    /// Nothing more comes: gives up what is still open.
    pub(crate) fn finish(&mut self) {
        while let Some((number, key)) = self.order.pop_front() {
            self.give_up(number, &key, "not all of them are in the capture");
        }
        if let Some(untold) = self.given_up.checked_sub(TOLD).filter(|untold| *untold > 0) {
            let kind = NoticeKind::FragmentsUntold { datagrams: untold };
            self.notices.push(Notice { kind, frame: None });
        }
    }

    /// Bytes held.
    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes
    }

    fn begin(&mut self, key: Key, at: At, limits: &Limits) {
        while self.pending.len() >= limits.fragmented_datagrams.max(1) {
            let Some((number, eldest)) = self.order.pop_front() else { break };
            self.give_up(number, &eldest, "too many datagrams in fragments were waiting at once");
        }
        self.begun += 1;
        self.order.push_back((self.begun, key));
        let pending = Pending { number: self.begun, first: at, state: State::Collecting(Pieces::default()) };
        self.pending.insert(key, pending);
    }

    fn make_room(&mut self, limits: &Limits) {
        while self.bytes > limits.fragments_total {
            let Some((number, eldest)) = self.order.pop_front() else { return };
            self.give_up(number, &eldest, "too many bytes in fragments were waiting at once");
        }
    }

    fn forget_old(&mut self, now: Timestamp, limits: &Limits) {
        while let Some((number, key)) = self.order.front().copied() {
            let Some(pending) = self.pending.get(&key).filter(|pending| pending.number == number) else {
                self.order.pop_front();
                continue;
            };
            let age = now - pending.first.time;
            let patience = match &pending.state {
                State::Collecting(_) => limits.fragment_patience,
                State::Settled => REPEATS,
            };
            if age <= patience {
                return;
            }
            self.order.pop_front();
            self.give_up(number, &key, "not all of them are in the capture");
        }
    }

    fn give_up(&mut self, number: u64, key: &Key, why: &'static str) {
        if self.pending.get(key).is_none_or(|pending| pending.number != number) {
            return;
        }
        let Some(pending) = self.pending.remove(key) else { return };
        if let State::Collecting(pieces) = pending.state {
            self.bytes -= pieces.bytes as usize;
            self.tell(key, pending.first, why);
        }
    }

    fn tell(&mut self, key: &Key, at: At, why: &'static str) {
        self.given_up += 1;
        if self.given_up <= TOLD {
            let (source, destination) = (key.source, key.destination);
            let kind = NoticeKind::FragmentsGivenUp { source, destination, why };
            self.notices.push(Notice { kind, frame: at.frame });
        }
    }
}

/// What became of a piece.
enum Added {
    Waits,
    Complete,
    /// The datagram holds no TCP.
    NoInterest,
    /// It does not fit.
    Bad(&'static str),
}

impl Pieces {
    fn add(&mut self, fragment: &Fragment<'_>, limits: &Limits) -> Added {
        if fragment.is_cut {
            return Added::Bad("the capture kept only the head of one");
        }
        let Ok(length) = u32::try_from(fragment.payload.len()) else {
            return Added::Bad("they are too long");
        };
        let (start, end) = (fragment.offset, fragment.offset.saturating_add(length));
        if end > LONGEST {
            return Added::Bad("they are longer than an IP packet can be");
        }
        if start == 0 {
            let no_tunnel = fragment.protocol == 17 && udp::tunnel(fragment.payload).is_none();
            if no_tunnel || !may_hold_tcp(fragment.protocol) {
                return Added::NoInterest;
            }
            self.protocol.get_or_insert(fragment.protocol);
        }
        if !fragment.more && *self.total.get_or_insert(end) != end {
            return Added::Bad("they disagree on where the packet ends");
        }
        let last = self.pieces.last_key_value().map_or(0, |(offset, piece)| offset + piece.len() as u32);
        if self.total.is_some_and(|total| last.max(end) > total) {
            return Added::Bad("one stands behind the end of the packet");
        }
        if !self.fill(fragment.payload, start, end) {
            return Added::Bad("they overlap and differ");
        }
        if self.pieces.len() > limits.fragments_per_datagram {
            return Added::Bad("there are too many of them");
        }
        match self.total {
            Some(total) if total == self.bytes && self.protocol.is_some() => Added::Complete,
            _ => Added::Waits,
        }
    }

    /// Puts in what is new of the bytes from `start` to `end`; false where an old byte has another value.
    fn fill(&mut self, payload: &[u8], start: u32, end: u32) -> bool {
        let slice = |from: u32, to: u32| payload.get((from - start) as usize..(to - start) as usize);
        let mut new: Vec<(u32, u32)> = Vec::new();
        let mut behind = end;
        for (offset, piece) in self.pieces.range(..end).rev() {
            let piece_end = offset + piece.len() as u32;
            if piece_end <= start {
                break;
            }
            let (from, to) = (start.max(*offset), end.min(piece_end));
            let old = piece.get((from - offset) as usize..(to - offset) as usize);
            if old != slice(from, to) {
                return false;
            }
            if to < behind {
                new.push((to, behind));
            }
            behind = from;
        }
        if start < behind {
            new.push((start, behind));
        }
        for (from, to) in new {
            if let Some(bytes) = slice(from, to) {
                self.bytes += bytes.len() as u32;
                self.pieces.insert(from, bytes.into());
            }
        }
        true
    }

    fn complete(&mut self) -> Option<Complete> {
        let mut payload = Vec::with_capacity(self.bytes as usize);
        for piece in std::mem::take(&mut self.pieces).into_values() {
            payload.extend_from_slice(&piece);
        }
        Some(Complete { protocol: self.protocol?, payload })
    }
}

/// Whether a protocol is TCP or may carry it: tunnels, UDP, and the headers of IPv6.
fn may_hold_tcp(protocol: u8) -> bool {
    matches!(protocol, 0 | 4 | 6 | 17 | 41 | 43 | 47 | 51 | 60 | 97 | 135 | 137)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const AT: At = At { frame: None, time: Timestamp::from_nanoseconds(0) };

    fn piece(offset: u32, more: bool, payload: &[u8]) -> Fragment<'_> {
        Fragment {
            source: Ipv4Addr::new(10, 0, 0, 1).into(),
            destination: Ipv4Addr::new(10, 0, 0, 2).into(),
            protocol: 6,
            identification: 7,
            offset,
            more,
            payload,
            is_cut: false,
        }
    }

    /// The payload that the pieces make, and what is said of them.
    fn put_together(pieces: &[Fragment<'_>], limits: &Limits) -> (Option<Vec<u8>>, Vec<String>) {
        let mut fragments = Fragments::default();
        let mut whole = None;
        for piece in pieces {
            if let Some(complete) = fragments.take(piece, AT, limits) {
                assert!(whole.is_none(), "complete twice");
                whole = Some(complete.payload);
            }
        }
        fragments.finish();
        assert_eq!(fragments.held_bytes(), 0);
        (whole, fragments.notices().map(|notice| notice.kind.to_string()).collect())
    }

    #[test]
    fn pieces_in_any_order_make_the_datagram_once() {
        let pieces = [piece(0, true, b"abcdefgh"), piece(8, true, b"ijklmnop"), piece(16, false, b"qr")];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut ordered: Vec<_> = order.iter().map(|index| pieces[*index]).collect();
            // Each comes twice, as where both ends of a link are mirrored.
            ordered.extend(pieces);
            let (whole, told) = put_together(&ordered, &Limits::default());
            assert_eq!((whole.unwrap().as_slice(), told.len()), (&b"abcdefghijklmnopqr"[..], 0));
        }
    }

    #[test]
    fn pieces_that_overlap_alike_fit() {
        let pieces =
            [piece(8, true, b"ijklmnop"), piece(0, true, b"abcdefghijkl"), piece(12, false, b"mnopqr")];
        assert_eq!(put_together(&pieces, &Limits::default()).0.unwrap(), b"abcdefghijklmnopqr");
    }

    #[test]
    fn what_does_not_fit_is_given_up_and_said() {
        let why = |pieces: &[Fragment<'_>]| {
            let (whole, told) = put_together(pieces, &Limits::default());
            assert_eq!((whole, told.len()), (None, 1), "{told:?}");
            told.into_iter().next().unwrap()
        };
        assert!(why(&[piece(0, true, b"abcdefgh"), piece(0, true, b"ABCDEFGH")]).contains("differ"));
        assert!(why(&[piece(8, false, b"i"), piece(16, false, b"q")]).contains("disagree"));
        assert!(why(&[piece(16, true, b"q"), piece(8, false, b"i")]).contains("behind the end"));
        assert!(why(&[piece(65_528, true, b"abcdefgh")]).contains("longer"));
        assert!(why(&[Fragment { is_cut: true, ..piece(0, true, b"abc") }]).contains("only the head"));
        assert!(why(&[piece(0, true, b"abcdefgh")]).contains("not all"));
    }

    #[test]
    fn limits_hold() {
        let limits = Limits { fragments_total: 64, fragmented_datagrams: 4, ..Limits::default() };
        let mut fragments = Fragments::default();
        for identification in 0..1000 {
            let piece = Fragment { identification, ..piece(8, true, &[0; 24]) };
            assert!(fragments.take(&piece, AT, &limits).is_none());
            assert!(fragments.held_bytes() <= 64 && fragments.pending.len() <= 4);
        }
        fragments.finish();
        let told: Vec<_> = fragments.notices().collect();
        assert_eq!(told.len() as u64, TOLD + 1);
        assert_eq!(told.last().unwrap().kind, NoticeKind::FragmentsUntold { datagrams: 1000 - TOLD });
    }

    #[test]
    fn a_number_is_used_again_once_its_time_is_over() {
        let mut fragments = Fragments::default();
        let limits = Limits::default();
        let later = At { time: Timestamp::from_parts(31, 0), ..AT };
        assert!(fragments.take(&piece(0, true, b"abcdefgh"), AT, &limits).is_none());
        assert!(fragments.take(&piece(8, false, b"X"), later, &limits).is_none());
        let complete = fragments.take(&piece(0, true, b"12345678"), later, &limits).unwrap();
        assert_eq!((complete.protocol, complete.payload.as_slice()), (6, &b"12345678X"[..]));
    }

    #[test]
    fn datagrams_without_tcp_are_not_kept() {
        let mut fragments = Fragments::default();
        let dns = [0, 53, 0x80, 0, 0, 9, 0, 0, 1];
        let first = Fragment { protocol: 17, ..piece(0, true, &dns) };
        let icmp = Fragment { protocol: 1, ..piece(0, true, &dns) };
        for piece in [first, icmp] {
            assert!(fragments.take(&piece, AT, &Limits::default()).is_none());
        }
        fragments.finish();
        assert_eq!((fragments.held_bytes(), fragments.notices().count()), (0, 0));
    }
}
