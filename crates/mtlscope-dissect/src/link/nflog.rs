//! What Linux' netfilter logged (`-j NFLOG`). <https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html>.
//!
//! ```text
//! address family(1) version 0(1) resource(2) [ length(2) type(2) value, padded to four bytes ]*
//! ```
//!
//! Lengths and types are in the byte order of the machine that captured, which nothing else tells.

use crate::layer::{Next, Step};

const NFULA_PAYLOAD: u16 = 9;
/// No kernel writes more attributes than it knows kinds of them.
const ATTRIBUTES: usize = 64;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [_, 0, ..] = bytes else { return None };
    payload(bytes, u16::from_le_bytes).or_else(|| payload(bytes, u16::from_be_bytes))
}

fn payload(bytes: &[u8], number: fn([u8; 2]) -> u16) -> Option<Step<'_>> {
    let mut place = 4;
    for _ in 0..ATTRIBUTES {
        let [a, b, c, d] = *bytes.get(place..)?.first_chunk::<4>()?;
        let length = usize::from(number([a, b]));
        if length < 4 {
            return None;
        }
        if number([c, d]) == NFULA_PAYLOAD {
            let (header, rest) = bytes.split_at_checked(place + 4)?;
            return Some(Step { header, next: Next::Ip, payload: rest.get(..length - 4).unwrap_or(rest) });
        }
        place += length.next_multiple_of(4);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_packet_in_either_byte_order() {
        let little = [2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 9, 0, 0x45, 0, 0, 0];
        let big = [2, 0, 0, 0, 0, 8, 0, 1, 8, 0, 0, 0, 0, 5, 0, 9, 0x45, 0, 0, 0];
        for bytes in [little, big] {
            assert_eq!(read(&bytes).unwrap().payload, [0x45]);
            for end in 0..bytes.len() - 4 {
                assert_eq!(read(&bytes[..end]), None);
            }
        }
    }
}
