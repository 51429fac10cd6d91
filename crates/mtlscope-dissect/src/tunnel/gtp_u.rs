//! GTP-U: the packets of a phone between base station and core network. 3GPP TS 29.281 section 5.
//!
//! ```text
//! version 1, protocol type, flags(1) message type 255(1) length(2) TEID(4) [ sequence(2) N-PDU(1) next extension(1) ]
//! extension: length in four bytes(1) content next extension(1)
//! ```

use crate::layer::{Next, Step, u32_at};

const G_PDU: u8 = 255;
/// Extension headers in a row; a real packet has one or two.
const EXTENSIONS: usize = 16;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [flags, G_PDU, ..] = *bytes else { return None };
    if flags & 0xf0 != 0x30 {
        return None;
    }
    let mut length = 8;
    if flags & 7 != 0 {
        // The four bytes are there as soon as one of the three flags is set; the extension counts only with its own.
        let mut extension = if flags & 4 != 0 { *bytes.get(11)? } else { 0 };
        length = 12;
        for _ in 0..EXTENSIONS {
            if extension == 0 {
                break;
            }
            let units = usize::from(*bytes.get(length)?);
            if units == 0 {
                return None;
            }
            length += units * 4;
            extension = *bytes.get(length - 1)?;
        }
    }
    Step::after(bytes, length, Next::Ip)
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("GTP-U TEID 0x{:x}", u32_at(header, 4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_extension_headers() {
        let bytes = [0x34, 255, 0, 9, 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0, 9, 0, 0x45];
        let step = read(&bytes).unwrap();
        assert_eq!((step.payload, name(step.header).unwrap().as_str()), (&[0x45][..], "GTP-U TEID 0x7"));
        for end in 0..bytes.len() - 1 {
            assert_eq!(read(&bytes[..end]), None);
        }
        assert_eq!(read(&[0x30, 1, 0, 0, 0, 0, 0, 7, 0x45]), None);
    }
}
