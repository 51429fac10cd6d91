//! Linux cooked captures: what `tcpdump -i any` writes. <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>.
//!
//! ```text
//! v1: packet type(2) ARPHRD type(2) address length(2) address(8) protocol(2) payload
//! v2: protocol(2) reserved(2) interface(4) ARPHRD type(2) packet type(1) address length(1) address(8) payload
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read_v1(bytes: &[u8]) -> Option<Step<'_>> {
    let next = behind(u16_at(bytes, 2)?, u16_at(bytes, 14)?);
    Step::after(bytes, 16, next)
}

pub(crate) fn read_v2(bytes: &[u8]) -> Option<Step<'_>> {
    let next = behind(u16_at(bytes, 8)?, u16_at(bytes, 0)?);
    Step::after(bytes, 20, next)
}

/// What the protocol says; of some devices it says something else.
fn behind(hardware_type: u16, protocol: u16) -> Next {
    const ARPHRD_IEEE80211: u16 = 801;
    const ARPHRD_IEEE80211_RADIOTAP: u16 = 803;
    match hardware_type {
        ARPHRD_IEEE80211 => Next::Header(Protocol::Ieee80211),
        ARPHRD_IEEE80211_RADIOTAP => Next::Header(Protocol::Radiotap),
        _ => Next::EtherType(protocol),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_packet_in_both_versions() {
        let mut v1 = vec![0; 14];
        v1.extend([8, 0, 0x45]);
        let step = read_v1(&v1).unwrap();
        assert_eq!((step.next, step.payload), (Next::EtherType(0x0800), &[0x45][..]));
        let mut v2 = vec![0x86, 0xdd];
        v2.resize(20, 0);
        v2.push(0x60);
        let step = read_v2(&v2).unwrap();
        assert_eq!((step.next, step.payload), (Next::EtherType(0x86dd), &[0x60][..]));
        // A VLAN tag stands behind the header.
        v2.splice(.., [&[0x81, 0][..], &[0; 18], &[0, 7, 8, 0, 0x45]].concat());
        assert_eq!(read_v2(&v2).unwrap().next, Next::EtherType(0x8100));
    }
}
