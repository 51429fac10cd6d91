//! IP over IEEE 1394 (FireWire), as Apple captures it.
//! <https://www.tcpdump.org/linktypes/LINKTYPE_APPLE_IP_OVER_IEEE1394.html>.
//!
//! ```text
//! destination(8) source(8) EtherType(2) payload
//! ```

use crate::layer::{Next, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 18, Next::EtherType(u16_at(bytes, 16)?))
}
