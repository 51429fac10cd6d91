//! GRE. RFC 2784, RFC 2890; NVGRE RFC 7637; for PPTP version 1, RFC 2637 section 4.1.
//!
//! ```text
//! checksum(1 bit) routing(1 bit) key(1 bit) sequence(1 bit) ... acknowledgment(1 bit) ... version(3 bits) EtherType(2)
//! [ checksum(2) offset(2) ] [ key(4) ] [ sequence(4) ] [ acknowledgment(4), in version 1 ]
//! ```

use crate::layer::{Next, Protocol, Step, u16_at, u32_at};

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGMENT: u16 = 0x0080;

const ERSPAN: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
const WCCP: u16 = 0x883e;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let flags = u16_at(bytes, 0)?;
    let version = flags & 7;
    // Source routes were never used.
    if version > 1 || flags & ROUTING != 0 {
        return None;
    }
    let has = |flag: u16| if flags & flag != 0 { 4 } else { 0 };
    let mut length = 4 + has(CHECKSUM) + has(KEY) + has(SEQUENCE);
    if version == 1 {
        length += has(ACKNOWLEDGMENT);
    }
    let next = match u16_at(bytes, 2)? {
        // Type I has no sequence number and no header of its own.
        ERSPAN if flags & SEQUENCE == 0 => Next::Header(Protocol::Ethernet),
        ERSPAN | ERSPAN_III => Next::Header(Protocol::Erspan),
        WCCP => {
            // Version 2 of WCCP puts four bytes of its own before IPv4.
            if bytes.get(length)? >> 4 != 4 {
                length += 4;
            }
            Next::Ip
        }
        ether_type => Next::EtherType(ether_type),
    };
    Step::after(bytes, length, next)
}

/// `GRE`, `GRE key 7`; where the key holds a virtual subnet, `NVGRE 7`.
pub(crate) fn name(header: &[u8]) -> Option<String> {
    const TRANSPARENT_ETHERNET: u16 = 0x6558;
    let flags = u16_at(header, 0)?;
    if flags & KEY == 0 {
        return Some("GRE".to_owned());
    }
    let key = u32_at(header, if flags & CHECKSUM != 0 { 8 } else { 4 })?;
    Some(match (flags & 7, u16_at(header, 2)?) {
        (1, _) => format!("PPTP call {}", key & 0xffff),
        // RFC 7637 section 3.2: a key and nothing else, its last byte the flow.
        (_, TRANSPARENT_ETHERNET) if flags & (CHECKSUM | SEQUENCE) == 0 => format!("NVGRE {}", key >> 8),
        _ => format!("GRE key {key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_its_flags_say() {
        let all = [0xb0, 0, 8, 0, 1, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0x45];
        let step = read(&all).unwrap();
        assert_eq!((step.next, step.payload), (Next::EtherType(0x0800), &[0x45][..]));
        assert_eq!(name(step.header).unwrap(), "GRE key 7");
        let pptp = [0x30, 0x81, 0x88, 0x0b, 0, 1, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0x21];
        let step = read(&pptp).unwrap();
        assert_eq!((step.next, step.payload), (Next::EtherType(0x880b), &[0x21][..]));
        assert_eq!(name(step.header).unwrap(), "PPTP call 9");
        let nvgre = [0x20, 0, 0x65, 0x58, 0, 0, 42, 1];
        assert_eq!(name(read(&nvgre).unwrap().header).unwrap(), "NVGRE 42");
        for bytes in [&all[..], &pptp, &nvgre] {
            for end in 0..bytes.len() {
                read(&bytes[..end]);
            }
        }
    }
}
