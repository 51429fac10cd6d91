//! PPP. RFC 1661 section 2; in HDLC-like framing RFC 1662 section 3.1.
//!
//! ```text
//! [ address 0xff(1) control 0x03(1) ] protocol(1 or 2) payload
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let framing = match bytes {
        [0xff, 3, ..] => 2,
        // Cisco HDLC shares the link type of PPP on serial lines.
        [0x0f | 0x8f, 0, ..] => return super::cisco_hdlc::read(bytes),
        _ => 0,
    };
    // An odd first byte is a protocol number compressed to one byte. RFC 1661 section 6.5.
    let first = *bytes.get(framing)?;
    let (protocol, length) =
        if first & 1 == 1 { (u16::from(first), 1) } else { (u16_at(bytes, framing)?, 2) };
    let next = match protocol {
        0x0021 | 0x0057 => Next::Ip,
        0x0031 => Next::Header(Protocol::Ethernet),
        0x0281 | 0x0283 => Next::Header(Protocol::Mpls),
        _ => Next::Nothing,
    };
    Step::after(bytes, framing + length, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_and_compression_are_seen() {
        for head in [&[0xff, 3, 0, 0x21][..], &[0, 0x21], &[0x21], &[0xff, 3, 0x21]] {
            let bytes = [head, &[0x45]].concat();
            let step = read(&bytes).unwrap();
            assert_eq!((step.next, step.payload), (Next::Ip, &[0x45][..]));
        }
        assert_eq!(read(&[0x0f, 0, 0x86, 0xdd, 0x60]).unwrap().next, Next::EtherType(0x86dd));
    }
}
