//! Geneve. RFC 8926 section 3.4.
//!
//! ```text
//! version 0(2 bits) length of options in four bytes(6 bits) flags(1) EtherType(2) VNI(3) reserved(1) options
//! ```

use crate::layer::{Next, Step, u16_at, u32_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let first = *bytes.first()?;
    if first >> 6 != 0 {
        return None;
    }
    Step::after(bytes, 8 + usize::from(first & 0x3f) * 4, Next::EtherType(u16_at(bytes, 2)?))
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("Geneve {}", u32_at(header, 4)? >> 8))
}
