//! Per-packet information, before the header of another link type.
//! <https://www.tcpdump.org/linktypes/LINKTYPE_PPI.html>. Numbers are little endian.
//!
//! ```text
//! version 0(1) flags(1) length(2) link type(4) fields
//! ```

use crate::input::LinkType;
use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [0, _, a, b, c, d, 0, 0, ..] = *bytes else { return None };
    let length = usize::from(u16::from_le_bytes([a, b]));
    if length < 8 {
        return None;
    }
    Step::after(bytes, length, Next::LinkType(LinkType(u16::from_le_bytes([c, d]))))
}
