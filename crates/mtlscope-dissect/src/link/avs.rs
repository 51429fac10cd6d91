//! The AVS header, before IEEE 802.11. <https://www.tcpdump.org/linktypes/LINKTYPE_IEEE802_11_AVS.html>.
//!
//! ```text
//! version 0x80211001 or 0x80211002(4) length(4) ...
//! ```

use crate::layer::{Next, Protocol, Step, u32_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let length = usize::try_from(u32_at(bytes, 4)?).ok()?;
    if !matches!(u32_at(bytes, 0)?, 0x8021_1001 | 0x8021_1002) || length < 8 {
        return None;
    }
    Step::after(bytes, length, Next::Header(Protocol::Ieee80211))
}
