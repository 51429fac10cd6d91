//! The I-tag of a provider backbone bridge, around a whole Ethernet frame of a customer. IEEE 802.1ah ("MAC in MAC").
//!
//! ```text
//! priority, flags(1) I-SID(3) Ethernet
//! ```

use crate::layer::{Next, Protocol, Step, u32_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 4, Next::Header(Protocol::Ethernet))
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("I-SID {}", u32_at(header, 0)? & 0x00ff_ffff))
}
