//! Radiotap, before IEEE 802.11. <https://www.radiotap.org/>. Numbers are little endian.
//!
//! ```text
//! version 0(1) pad(1) length(2) present(4)+ fields
//! ```

use crate::layer::{Next, Protocol, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [0, _, low, high, ..] = *bytes else { return None };
    let length = usize::from(u16::from_le_bytes([low, high]));
    if length < 8 {
        return None;
    }
    let is_padded = flags(bytes.get(..length)?).is_some_and(|flags| flags & 0x20 != 0);
    let inside = if is_padded { Protocol::Ieee80211Padded } else { Protocol::Ieee80211 };
    Step::after(bytes, length, Next::Header(inside))
}

/// The field of flags, if it is there. Before it stands at most the time, eight bytes aligned to eight.
fn flags(header: &[u8]) -> Option<u8> {
    let word = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk::<4>()?));
    let present = word(4)?;
    if present & 2 == 0 {
        return None;
    }
    let mut place = 4;
    // The highest bit of each word says that another follows.
    while word(place)? & 0x8000_0000 != 0 {
        place += 4;
    }
    place += 4;
    if present & 1 != 0 {
        place = place.next_multiple_of(8) + 8;
    }
    header.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_found_behind_the_time() {
        // The time, then flags: 0x20 says that the inner header is padded.
        let mut bytes = vec![0, 0, 17, 0, 3, 0, 0, 0];
        bytes.extend([0; 8]);
        bytes.push(0x20);
        assert_eq!(read(&bytes).unwrap().next, Next::Header(Protocol::Ieee80211Padded));
        bytes[16] = 0;
        assert_eq!(read(&bytes).unwrap().next, Next::Header(Protocol::Ieee80211));
        // A second word of presence, and flags at once behind it.
        let words = [0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0x20];
        assert_eq!(read(&words).unwrap().next, Next::Header(Protocol::Ieee80211Padded));
        for end in 0..bytes.len() {
            read(&bytes[..end]);
        }
    }
}
