//! L2TP version 2, data messages: PPP in UDP. RFC 2661 section 3.1.
//!
//! ```text
//! flags(12 bits) version 2(4 bits) [ length(2) ] tunnel(2) session(2) [ sequence(2) expected(2) ] [ offset(2) padding ] PPP
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let flags = u16_at(bytes, 0)?;
    if flags & 15 != 2 || flags & CONTROL != 0 {
        return None;
    }
    let mut length = 6;
    if flags & LENGTH != 0 {
        length += 2;
    }
    if flags & SEQUENCE != 0 {
        length += 4;
    }
    if flags & OFFSET != 0 {
        length += 2 + usize::from(u16_at(bytes, length)?);
    }
    Step::after(bytes, length, Next::Header(Protocol::Ppp))
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    let at = if u16_at(header, 0)? & LENGTH != 0 { 4 } else { 2 };
    Some(format!("L2TP tunnel {}, session {}", u16_at(header, at)?, u16_at(header, at + 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_its_flags_say() {
        let bytes = [0x4a, 2, 0, 20, 0, 5, 0, 6, 0, 1, 0, 2, 0, 1, 0, 0x21];
        let step = read(&bytes).unwrap();
        assert_eq!(step.payload, [0x21]);
        assert_eq!(name(step.header).unwrap(), "L2TP tunnel 5, session 6");
        for end in 0..bytes.len() - 1 {
            assert_eq!(read(&bytes[..end]), None);
        }
    }
}
