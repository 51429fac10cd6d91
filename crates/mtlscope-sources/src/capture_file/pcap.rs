//! pcap, the classic capture format: a file header, then records of a header and a packet each.
//!
//! Format: <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html>, sections 4 and 5.
//!
//! ```text
//! File header:  magic number (4)  major (2)  minor (2)  reserved (8)  snaplen (4)  FCS length and link type (4)
//! Record:       seconds (4)  micro- or nanoseconds (4)  captured length (4)  original length (4)  packet
//! ```
//!
//! The magic number tells the byte order and the unit of time. Beside the two of the draft there is A. Kuznetzov's
//! variant of old Red Hat tools and FRITZ!Boxes, whose record header has 8 bytes more.

use mtlscope_dissect::input::LinkType;
use mtlscope_dissect::time::Timestamp;

use super::{ByteOrder, MAX_PACKET, Packet, Step, ended, kept};
use crate::window::Window;

const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;
const KUZNETZOV: u32 = 0xa1b2_cd34;

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const KUZNETZOV_RECORD_HEADER: usize = 24;

/// The longest packet where the header claims a shorter snaplen, which writers do not always keep to. libpcap's limit.
const USUAL_MAX_PACKET: u32 = 262_144;

/// How to read the records of one file.
#[derive(Debug)]
pub(super) struct Pcap {
    order: ByteOrder,
    nanoseconds_per_unit: i64,
    record_header: usize,
    lengths: Lengths,
    link_type: LinkType,
    max_packet: u32,
}

/// In which order a record has its two lengths. Versions before 2.4 of the format disagree, and of 2.3 there are both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    SmallerIsCaptured,
}

/// Whether a file that starts like this is pcap.
pub(super) fn is_magic(start: &[u8]) -> bool {
    start.first_chunk().is_some_and(|&magic| of_magic(magic).is_some())
}

fn of_magic(magic: [u8; 4]) -> Option<(ByteOrder, u32)> {
    [ByteOrder::Little, ByteOrder::Big]
        .map(|order| (order, order.u32(magic)))
        .into_iter()
        .find(|(_, magic)| matches!(*magic, MICROSECONDS | NANOSECONDS | KUZNETZOV))
}

impl Pcap {
    /// Reads the file header. Where it makes no sense, says why.
    pub(super) fn open(window: &mut Window) -> Result<Self, String> {
        window.fill_to(FILE_HEADER);
        let start = window.available();
        let Some(&[m0, m1, m2, m3, a0, a1, i0, i1, _, _, _, _, _, _, _, _, s0, s1, s2, s3, l0, l1, l2, l3]) =
            start.first_chunk::<FILE_HEADER>()
        else {
            return Err(format!("it has {} bytes instead of {FILE_HEADER}", start.len()));
        };
        let Some((order, magic)) = of_magic([m0, m1, m2, m3]) else {
            return Err("its magic number is unknown".to_owned());
        };
        let (major, minor) = (order.u16([a0, a1]), order.u16([i0, i1]));
        let lengths = match (major, minor) {
            (2, 0..=2) => Lengths::OriginalFirst,
            (2, 3) => Lengths::SmallerIsCaptured,
            (2, _) => Lengths::CapturedFirst,
            // What DG/UX's tcpdump writes.
            (543, 0) => Lengths::OriginalFirst,
            _ => return Err(format!("its version is {major}.{minor}, known is 2.4")),
        };
        window.advance(FILE_HEADER);
        let snaplen = order.u32([s0, s1, s2, s3]);
        Ok(Self {
            order,
            nanoseconds_per_unit: if magic == NANOSECONDS { 1 } else { 1000 },
            record_header: if magic == KUZNETZOV { KUZNETZOV_RECORD_HEADER } else { RECORD_HEADER },
            lengths,
            // The upper half is the length of the frame check sequence; what follows the packet proper is of no concern.
            link_type: LinkType(order.u32([l0, l1, l2, l3]) as u16),
            max_packet: snaplen.clamp(USUAL_MAX_PACKET, MAX_PACKET as u32),
        })
    }

    /// The next packet, where its record is in memory to its end: as nearly all are.
    #[inline]
    pub(super) fn at_hand(&self, window: &mut Window) -> Option<Packet> {
        let available = window.available();
        let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, w0, w1, w2, w3] =
            *available.first_chunk::<RECORD_HEADER>()?;
        let (captured, wire) = self.lengths([c0, c1, c2, c3], [w0, w1, w2, w3]);
        let whole = self.record_header + captured as usize;
        if captured > self.max_packet || available.len() < whole {
            return None;
        }
        let seconds = i64::from(self.order.u32([s0, s1, s2, s3]));
        let fraction = i64::from(self.order.u32([f0, f1, f2, f3]));
        let record = window.advance(whole);
        Some(Packet {
            // Cannot overflow: 32 bits of seconds are 2^62 nanoseconds at most.
            time: Timestamp::from_nanoseconds(seconds * 1_000_000_000 + fraction * self.nanoseconds_per_unit),
            link_type: self.link_type,
            wire_length: wire.max(captured),
            place: record.start + self.record_header..record.end,
        })
    }

    /// The next packet, for which more of the file is read where need be; or why there is none.
    #[cold]
    pub(super) fn step(&mut self, window: &mut Window, frames: u64) -> Step {
        loop {
            if let Some(packet) = self.at_hand(window) {
                return Step::Packet(packet);
            }
            let Some(&header) = window.available().first_chunk::<RECORD_HEADER>() else {
                if window.fill_to(RECORD_HEADER) {
                    continue;
                }
                let what = format!("the record header of frame {}", frames.saturating_add(1));
                return ended(window, RECORD_HEADER as u64, &what, frames);
            };
            let [.., c0, c1, c2, c3, w0, w1, w2, w3] = header;
            let (captured, _) = self.lengths([c0, c1, c2, c3], [w0, w1, w2, w3]);
            if captured > self.max_packet {
                return self.broken(window, captured, frames);
            }
            let whole = self.record_header + captured as usize;
            if !window.fill_to(whole) {
                return ended(window, whole as u64, &format!("frame {}", frames.saturating_add(1)), frames);
            }
        }
    }

    #[inline]
    fn lengths(&self, first: [u8; 4], second: [u8; 4]) -> (u32, u32) {
        let (first, second) = (self.order.u32(first), self.order.u32(second));
        match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::SmallerIsCaptured => (first.min(second), first.max(second)),
        }
    }

    /// A record does not tell where the next one starts but by its length, so there is no way on.
    #[cold]
    fn broken(&self, window: &Window, captured: u32, frames: u64) -> Step {
        Step::BrokenOff(format!(
            "the record of frame {} at byte {} claims a packet of {captured} bytes, which cannot be: the rest of the capture \
             is not read; {}",
            frames.saturating_add(1),
            window.offset(),
            kept(frames),
        ))
    }
}
