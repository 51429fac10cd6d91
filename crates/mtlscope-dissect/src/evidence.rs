//! Where a fact came from. Travels with every message, so that each sentence we print ends in a place to look.

use std::fmt;
use std::num::NonZeroU64;

use crate::side::Side;
use crate::time::Timestamp;

/// The number of a packet in its capture. Counts from 1, as Wireshark does.
///
/// Where several files are read as one, each counts from 1, and the number also knows [its file](FrameNumber::file).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameNumber(NonZeroU64);

/// Bits of the number; those above it count files.
const NUMBER_BITS: u32 = 48;
const NUMBER: u64 = (1 << NUMBER_BITS) - 1;

impl FrameNumber {
    /// The frame with this number; `None` for 0, since Wireshark has no frame 0.
    pub const fn new(number: u64) -> Option<Self> {
        Self::in_file(0, number)
    }

    /// The frame with this number in one of several files that are read as one, the first of which is 0.
    #[inline]
    pub const fn in_file(file: u16, number: u64) -> Option<Self> {
        if number == 0 || number > NUMBER {
            return None;
        }
        match NonZeroU64::new((file as u64) << NUMBER_BITS | number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number, 1 or more.
    pub const fn get(self) -> u64 {
        self.0.get() & NUMBER
    }

    /// Which of the files that are read as one it is in, from 0.
    pub const fn file(self) -> u16 {
        (self.0.get() >> NUMBER_BITS) as u16
    }
}

impl fmt::Debug for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_knows_its_file_and_files_come_one_after_the_other() {
        let (first, second) = (FrameNumber::in_file(0, 900).unwrap(), FrameNumber::in_file(1, 3).unwrap());
        assert_eq!((second.get(), second.file(), second.to_string().as_str()), (3, 1, "3"));
        assert!(first < second);
        assert_eq!(FrameNumber::in_file(7, 0), None);
        assert_eq!(FrameNumber::new(1 << 48), None);
    }
}
