//! The Prism header, before IEEE 802.11. <https://www.tcpdump.org/linktypes/LINKTYPE_IEEE802_11_PRISM.html>.
//!
//! ```text
//! message code(4) message length(4) device(16) ...
//! ```
//!
//! In the byte order of the machine that captured. Some drivers wrote AVS headers under this link type.

use crate::layer::{Next, Protocol, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [code, length] = *bytes.first_chunk::<8>()?.as_chunks::<4>().0 else { return None };
    let length = match (u32::from_le_bytes(code), u32::from_be_bytes(code)) {
        (_, 0x8021_1001 | 0x8021_1002) => return super::avs::read(bytes),
        (0x41 | 0x44, _) => u32::from_le_bytes(length),
        (_, 0x41 | 0x44) => u32::from_be_bytes(length),
        _ => return None,
    };
    Step::after(bytes, usize::try_from(length).ok()?, Next::Header(Protocol::Ieee80211))
}
