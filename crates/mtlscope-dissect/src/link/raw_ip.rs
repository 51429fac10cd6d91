//! No link header: the packet begins with IP.

use super::Carried;

#[inline]
pub(super) fn carried(packet: &[u8]) -> Carried<'_> {
    tagged(packet, 0)
}

#[inline]
pub(super) fn tagged(packet: &[u8], vlan: u16) -> Carried<'_> {
    match packet.first() {
        Some(first) if matches!(first >> 4, 4 | 6) => Carried::Ip { packet, vlan },
        _ => Carried::Nothing,
    }
}
