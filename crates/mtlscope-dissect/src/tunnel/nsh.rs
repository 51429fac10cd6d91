//! The network service header. RFC 8300 section 2.2.
//!
//! ```text
//! version 0(2 bits) ... length in four bytes(6 bits) ... next protocol(1) service path(3) service index(1) context
//! ```

use crate::layer::{Next, Protocol, Step, u16_at, u32_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let first = u16_at(bytes, 0)?;
    let length = usize::from(first & 0x3f) * 4;
    if first >> 14 != 0 || length < 8 {
        return None;
    }
    let next = match *bytes.get(3)? {
        1 | 2 => Next::Ip,
        3 => Next::Header(Protocol::Ethernet),
        4 => Next::Header(Protocol::Nsh),
        5 => Next::Header(Protocol::Mpls),
        _ => Next::Nothing,
    };
    Step::after(bytes, length, next)
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("NSH path {}", u32_at(header, 4)? >> 8))
}
