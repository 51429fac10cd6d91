//! IEEE 802.2 logical link control, and SNAP, with which it carries EtherTypes. RFC 1042.
//!
//! ```text
//! DSAP(1) SSAP(1) control(1) [ OUI(3) EtherType(2) ]
//! ```

use crate::layer::{Next, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    match bytes {
        // SNAP with OUI zero (RFC 1042), that of 802.1H's bridge tunnel, or one of a maker that uses EtherTypes as well.
        [0xaa, 0xaa, 3, 0, 0, 0 | 0xf8, ..] => Step::after(bytes, 8, Next::EtherType(u16_at(bytes, 6)?)),
        // The service access point that IP itself was given.
        [6, 6, 3, ..] => Step::after(bytes, 3, Next::Ip),
        _ => None,
    }
}
