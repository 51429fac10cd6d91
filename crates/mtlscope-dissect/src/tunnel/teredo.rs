//! Teredo: IPv6 in UDP through address translation. RFC 4380 section 5.1.1.
//!
//! ```text
//! [ 00 01 id length(1) authentication length(1) id authentication nonce(8) confirmation(1) ] [ 00 00 port(2) address(4) ]
//! IPv6
//! ```

use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let mut length = 0;
    if let [0, 1, id, authentication, ..] = *bytes {
        length = 13 + usize::from(id) + usize::from(authentication);
    }
    if let [0, 0, ..] = bytes.get(length..)? {
        length += 8;
    }
    if bytes.get(length)? >> 4 != 6 {
        return None;
    }
    Step::after(bytes, length, Next::Ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_its_own_headers() {
        assert_eq!(read(&[0x60]).unwrap().payload, [0x60]);
        assert_eq!(read(&[0, 0, 1, 2, 3, 4, 5, 6, 0x60]).unwrap().payload, [0x60]);
        let mut both = vec![0, 1, 0, 0];
        both.extend([0; 9]);
        both.extend([0, 0, 1, 2, 3, 4, 5, 6, 0x60]);
        assert_eq!(read(&both).unwrap().payload, [0x60]);
        for end in 0..both.len() {
            assert_eq!(read(&both[..end]), None);
        }
    }
}
