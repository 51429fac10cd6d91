//! CAPWAP data: what an access point of a managed wireless network sends on to its controller. RFC 5415 sections 4.1 to 4.3.
//!
//! ```text
//! version 0(4 bits) type(4 bits) length in four bytes(5 bits) radio(5 bits) binding(5 bits) T F L W M K flags(3 bits)
//! fragment(2) offset(13 bits) reserved(3 bits) [ radio MAC address ] [ wireless information ] frame
//! ```

use crate::layer::{Next, Protocol, Step, u16_at, u32_at};

/// The frame is one of the radio's own kind, not of Ethernet.
const NATIVE: u32 = 1 << 8;
/// It is a part of a frame.
const FRAGMENT: u32 = 1 << 7;
/// It holds no frame.
const KEEP_ALIVE: u32 = 1 << 3;
/// The binding of IEEE 802.11. RFC 5416.
const IEEE_802_11: u32 = 1;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let head = u32_at(bytes, 0)?;
    // Another version; or what follows is sealed by DTLS.
    if head >> 24 != 0 || head & (FRAGMENT | KEEP_ALIVE) != 0 {
        return None;
    }
    let length = (head >> 19 & 31) as usize * 4;
    let frame = bytes.get(length..)?;
    let next = match (head & NATIVE != 0, head >> 9 & 31) {
        (false, _) => Next::Header(Protocol::Ethernet),
        (true, IEEE_802_11) => Next::Header(radio_frame(frame)?),
        (true, _) => Next::Nothing,
    };
    Step::after(bytes, length.max(8), next)
}

/// Access points of Cisco swap the two bytes of the frame control; a data frame shows its type in the first.
fn radio_frame(frame: &[u8]) -> Option<Protocol> {
    let is_data = |byte: u16| byte & 0x0f == 8;
    let control = u16_at(frame, 0)?;
    match (is_data(control >> 8), is_data(control)) {
        (false, true) => Some(Protocol::Ieee80211Swapped),
        (true, _) => Some(Protocol::Ieee80211),
        (false, false) => None,
    }
}
