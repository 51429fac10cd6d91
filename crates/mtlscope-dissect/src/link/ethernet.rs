//! Ethernet II, with any number of VLAN tags. IEEE 802.3, 802.1Q.
//!
//! ```text
//! destination(6) source(6) [ tag protocol(2) priority, VLAN(2) ]* EtherType(2) payload
//! ```

use super::{Carried, raw_ip};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

#[inline]
pub(super) fn carried(bytes: &[u8]) -> Carried<'_> {
    match bytes.get(12..) {
        Some(rest) => by_ether_type(rest, 0),
        None => Carried::Nothing,
    }
}

/// Reads on from an EtherType.
#[inline]
pub(super) fn by_ether_type(mut bytes: &[u8], mut vlan: u16) -> Carried<'_> {
    loop {
        let Some((ether_type, payload)) = bytes.split_first_chunk::<2>() else { return Carried::Nothing };
        match u16::from_be_bytes(*ether_type) {
            IPV4 | IPV6 => return raw_ip::tagged(payload, vlan),
            // 802.1Q, 802.1ad, and the numbers that older QinQ switches use.
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                let Some((tag, rest)) = payload.split_first_chunk::<2>() else { return Carried::Nothing };
                vlan = u16::from_be_bytes(*tag) & 0x0fff;
                bytes = rest;
            }
            _ => return Carried::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_through_vlan_tags() {
        let mut frame = vec![0; 12];
        frame.extend([0x88, 0xa8, 0, 5, 0x81, 0, 0x20, 7, 8, 0, 0x45]);
        assert_eq!(carried(&frame), Carried::Ip { packet: &[0x45], vlan: 7 });
        for end in 0..frame.len() {
            carried(&frame[..end]);
        }
    }
}
