//! Cisco HDLC. RFC 1547 section 4.3.1.
//!
//! ```text
//! address 0x0f unicast, 0x8f broadcast(1) control 0(1) EtherType(2) payload
//! ```

use crate::layer::{Next, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 4, Next::EtherType(u16_at(bytes, 2)?))
}
