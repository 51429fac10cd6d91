//! A session of PPP over Ethernet. RFC 2516 section 4.
//!
//! ```text
//! version(4 bits) type(4 bits) code(1) session(2) length(2) PPP
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    match bytes {
        [0x11, 0, ..] => Step::after(bytes, 6, Next::Header(Protocol::Ppp)),
        _ => None,
    }
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("PPPoE session {}", u16_at(header, 2)?))
}
