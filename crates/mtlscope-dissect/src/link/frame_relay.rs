//! Frame Relay, with the encapsulation of RFC 2427 or Cisco's.
//!
//! ```text
//! Q.922 address(2 to 4) control 0x03(1) [ pad 0(1) ] NLPID(1) payload
//! Q.922 address(2 to 4) EtherType(2) payload
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    // The lowest bit of an address byte is set in the last one.
    let address = 1 + bytes.iter().take(4).position(|byte| byte & 1 == 1)?;
    if address < 2 {
        return None;
    }
    let rest = bytes.get(address..)?;
    let (length, next) = match rest {
        [3, 0xcc | 0x8e, ..] => (2, Next::Ip),
        [3, 0xcf, ..] => (2, Next::Header(Protocol::Ppp)),
        [3, 0, 0x80, 0, 0, 0, high, low, ..] => (8, Next::EtherType(u16::from_be_bytes([*high, *low]))),
        [3, 0x80, 0, 0, 0, high, low, ..] => (7, Next::EtherType(u16::from_be_bytes([*high, *low]))),
        // RFC 2427 section 4.3: a bridged Ethernet frame, with its checksum (1) or without (7).
        [3, 0, 0x80, 0, 0x80, 0xc2, 0, 1 | 7, ..] => (8, Next::Header(Protocol::Ethernet)),
        [3, ..] => return None,
        _ => (2, Next::EtherType(u16_at(rest, 0)?)),
    };
    Step::after(bytes, address + length, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encapsulations_are_read() {
        assert_eq!(read(&[0x18, 0x41, 3, 0xcc, 0x45]).unwrap().next, Next::Ip);
        assert_eq!(read(&[0x18, 0x41, 8, 0, 0x45]).unwrap().next, Next::EtherType(0x0800));
        assert_eq!(read(&[0x19, 0x41, 8, 0, 0x45]), None);
    }
}
