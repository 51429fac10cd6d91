//! Where a fact came from. Travels with every message, so that each sentence we print ends in a place to look.

use std::fmt;
use std::num::NonZeroU64;

use crate::side::Side;
use crate::time::Timestamp;

/// The number of a packet in its capture. Counts from 1, as Wireshark does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameNumber(NonZeroU64);

impl FrameNumber {
    /// The frame with this number; `None` for 0, since Wireshark has no frame 0.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number, 1 or more.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Debug for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The frames and bytes that carried something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The frame with its first byte. `None` where there are no frames: a live end, a transcript.
    pub first_frame: Option<FrameNumber>,
    /// The frame with its last byte: the frame in which Wireshark shows it.
    pub frame: Option<FrameNumber>,
    /// When that last frame was captured.
    pub time: Timestamp,
    /// Who sent it.
    pub side: Side,
    /// Offset of its first byte in what this side sent, counted from the first byte seen of the stream.
    pub offset: u64,
    /// Its length in bytes on the wire, as far as it was captured.
    pub length: u32,
}
