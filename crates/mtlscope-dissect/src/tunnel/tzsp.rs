//! TaZmen Sniffer Protocol: packets that a router or sensor sends on as it saw them.
//!
//! ```text
//! version 1(1) type(1) protocol(2) [ tag(1) length(1) value ]* end 1(1)
//! ```

use crate::input::LinkType;
use crate::layer::{Next, Protocol, Step, u16_at};

/// Tags before one packet.
const TAGS: usize = 64;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    // 0: a packet received, 1: one to be sent.
    let [1, 0 | 1, ..] = bytes else { return None };
    let next = match u16_at(bytes, 2)? {
        1 => Next::Header(Protocol::Ethernet),
        18 => Next::Header(Protocol::Ieee80211),
        119 => Next::LinkType(LinkType(119)),
        127 => Next::LinkType(LinkType(163)),
        _ => Next::Nothing,
    };
    let mut place = 4;
    for _ in 0..TAGS {
        match bytes.get(place..)? {
            // Padding has no length.
            [0, ..] => place += 1,
            [1, ..] => return Step::after(bytes, place + 1, next),
            [_, length, ..] => place += 2 + usize::from(*length),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_tags() {
        let bytes = [1, 0, 0, 1, 10, 2, 9, 9, 0, 1, 0xff];
        assert_eq!(read(&bytes).unwrap().payload, [0xff]);
        for end in 0..bytes.len() - 1 {
            assert_eq!(read(&bytes[..end]), None);
        }
    }
}
