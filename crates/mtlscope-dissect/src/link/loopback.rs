//! BSD loopback: four bytes of address family before the IP packet.
//!
//! The family is written in the byte order of the machine that captured (LINKTYPE_NULL) or in network order
//! (LINKTYPE_LOOP), and IPv6's number differs between systems. The packet's own version says it all, so we skip the
//! family unread.

use super::{Carried, raw_ip};
use crate::layer::{Next, Step};

#[inline]
pub(super) fn carried(bytes: &[u8]) -> Carried<'_> {
    match bytes.get(4..) {
        Some(packet) => raw_ip::carried(packet),
        None => Carried::Nothing,
    }
}

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 4, Next::Ip)
}
