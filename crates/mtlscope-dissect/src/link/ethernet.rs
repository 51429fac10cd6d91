//! Ethernet II and IEEE 802.3.
//!
//! ```text
//! destination(6) source(6) [ tag protocol(2) priority, VLAN(2) ] EtherType or length(2) payload
//! ```

use super::{Carried, raw_ip};
use crate::layer::{Next, Protocol, Step, u16_at};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// The quick way to IP: no tag or one. All else is for the walk over the headers.
#[inline]
pub(super) fn carried(bytes: &[u8]) -> Carried<'_> {
    let Some((ether_type, payload)) = bytes.get(12..).and_then(|rest| rest.split_first_chunk::<2>()) else {
        return Carried::Nothing;
    };
    match u16::from_be_bytes(*ether_type) {
        IPV4 | IPV6 => raw_ip::tagged(payload, 0),
        0x8100 => match payload.split_first_chunk::<4>() {
            Some(([high, low, 0x08, 0x00] | [high, low, 0x86, 0xdd], packet)) => {
                raw_ip::tagged(packet, u16::from_be_bytes([*high, *low]) & 0x0fff)
            }
            _ => Carried::More,
        },
        // ARP, and spanning tree's length: nothing to look for.
        0x0806 => Carried::Nothing,
        _ => Carried::More,
    }
}

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let next = match u16_at(bytes, 12)? {
        // A length, not a type: IEEE 802.3.
        0..=1500 => Next::Header(Protocol::Llc),
        ether_type => Next::EtherType(ether_type),
    };
    Step::after(bytes, 14, next)
}

/// What an EtherType says. Registry: <https://www.iana.org/assignments/ieee-802-numbers>.
pub(crate) fn behind(ether_type: u16) -> Next {
    match ether_type {
        IPV4 | IPV6 => Next::Ip,
        // 802.1Q, 802.1ad, and the numbers that older QinQ switches use.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => Next::Header(Protocol::Vlan),
        0x88e7 => Next::Header(Protocol::ProviderBackbone),
        0x8847 | 0x8848 => Next::Header(Protocol::Mpls),
        0x8864 => Next::Header(Protocol::Pppoe),
        0x880b => Next::Header(Protocol::Ppp),
        0x6558 => Next::Header(Protocol::Ethernet),
        0x6559 => Next::Header(Protocol::FrameRelay),
        0x894f => Next::Header(Protocol::Nsh),
        // 802.11 frames as drivers of Intel's Centrino gave them out.
        0x2452 => Next::Header(Protocol::Ieee80211),
        // Jumbo frames of IEEE 802.3, and what Linux calls 802.2 and 802.3 in a cooked capture.
        0x8870 | 0x0004 | 0x0001 => Next::Header(Protocol::Llc),
        _ => Next::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tag_is_quick_and_more_are_walked() {
        let mut frame = vec![0; 12];
        frame.extend([0x81, 0, 0x20, 7, 8, 0, 0x45]);
        assert_eq!(carried(&frame), Carried::Ip { packet: &[0x45], vlan: 7 });
        for end in 0..frame.len() {
            assert!(!matches!(carried(&frame[..end]), Carried::Ip { .. }));
        }
        frame.splice(12..12, [0x88, 0xa8, 0, 5]);
        assert_eq!(carried(&frame), Carried::More);
    }
}
