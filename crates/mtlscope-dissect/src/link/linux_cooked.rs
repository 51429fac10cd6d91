//! Linux cooked captures: what `tcpdump -i any` writes. <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>.
//!
//! ```text
//! v1: packet type(2) ARPHRD type(2) address length(2) address(8) protocol(2) payload
//! v2: protocol(2) reserved(2) interface(4) ARPHRD type(2) packet type(1) address length(1) address(8) payload
//! ```

use super::{Carried, ethernet};

pub(super) fn carried_v1(bytes: &[u8]) -> Carried<'_> {
    match bytes.get(14..) {
        Some(rest) => ethernet::by_ether_type(rest, 0),
        None => Carried::Nothing,
    }
}

pub(super) fn carried_v2(bytes: &[u8]) -> Carried<'_> {
    let (Some(protocol), Some(payload)) = (bytes.first_chunk::<2>(), bytes.get(20..)) else {
        return Carried::Nothing;
    };
    match u16::from_be_bytes(*protocol) {
        0x0800 | 0x86dd => super::raw_ip::tagged(payload, 0),
        // A VLAN tag stands behind the header, where version 1 has it behind the protocol.
        0x8100 | 0x88a8 => match payload.split_first_chunk::<2>() {
            Some((tag, rest)) => ethernet::by_ether_type(rest, u16::from_be_bytes(*tag) & 0x0fff),
            None => Carried::Nothing,
        },
        _ => Carried::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_packet_in_both_versions() {
        let mut v1 = vec![0; 14];
        v1.extend([8, 0, 0x45]);
        assert_eq!(carried_v1(&v1), Carried::Ip { packet: &[0x45], vlan: 0 });
        let mut v2 = vec![0x86, 0xdd];
        v2.resize(20, 0);
        v2.push(0x60);
        assert_eq!(carried_v2(&v2), Carried::Ip { packet: &[0x60], vlan: 0 });
    }
}
