//! EtherIP: Ethernet in IP. RFC 3378 section 4.
//!
//! ```text
//! version 3(4 bits) reserved(12 bits) Ethernet
//! ```

use crate::layer::{Next, Protocol, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    match bytes {
        [0x30, 0, ..] => Step::after(bytes, 2, Next::Header(Protocol::Ethernet)),
        _ => None,
    }
}
