//! A VLAN tag. IEEE 802.1Q; stacked (QinQ) IEEE 802.1ad.
//!
//! ```text
//! priority(3 bits) DEI(1 bit) VLAN(12 bits) EtherType(2)
//! ```

use crate::layer::{Next, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 4, Next::EtherType(u16_at(bytes, 2)?))
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    match u16_at(header, 0)? & 0x0fff {
        // A tag for its priority alone.
        0 => None,
        vlan => Some(format!("VLAN {vlan}")),
    }
}
