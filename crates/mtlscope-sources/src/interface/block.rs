//! The packets in a block that the kernel has filled, and each as it was on the wire: a VLAN tag that the kernel took is put back,
//! and a packet without link layer gets the header of a Linux cooked capture.
//!
//! ```text
//! block:  version(4) private(4) status(4) packets(4) first packet at(4) ..
//! packet: next(4) seconds(4) nanoseconds(4) captured(4) length(4) status(4) link header at(2) network header at(2)
//!         hash(4) VLAN tag(4) tag's EtherType(2) ..  | sockaddr_ll | .. | headroom | packet
//! sockaddr_ll: family(2) protocol(2) interface(4) ARPHRD type(2) packet type(1) address length(1) address(8)
//! ```
//!
//! Numbers are in the machine's order but for the protocol, which is in the wire's.

use std::ops::Range;

use mtlscope_dissect::time::Timestamp;

use super::packet_ring::{HEADROOM, Kind};

/// `tpacket3_hdr`, rounded up as the kernel does: there the address stands.
const PACKET_HEADER: usize = 48;
/// What is seen of `sockaddr_ll` before the address of the sender.
const ADDRESS: usize = 20;
/// The header of a Linux cooked capture, version 2.
const COOKED_HEADER: usize = 20;
const TAG: usize = 4;
/// Both addresses of an Ethernet header, behind which a tag stands.
const ETHERNET_ADDRESSES: usize = 12;
const ETHERTYPE_VLAN: u16 = 0x8100;

const STATUS_VLAN_VALID: u32 = 1 << 4;
const STATUS_VLAN_TPID_VALID: u32 = 1 << 6;

/// Where reading a block has come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Cursor {
    at: usize,
    left: u32,
}

/// A packet of a block: where it stands, and what the kernel says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Packet {
    pub(super) time: Timestamp,
    /// On the wire, the link layer's header included.
    pub(super) length: u32,
    pub(super) bytes: Range<usize>,
}

impl Cursor {
    /// At the first packet of a block.
    pub(super) fn new(block: &[u8]) -> Self {
        let first = word(block, 16).unwrap_or_default() as usize;
        Self { at: first, left: word(block, 12).unwrap_or_default() }
    }

    /// When the next packet came.
    pub(super) fn time(&self, block: &[u8]) -> Option<Timestamp> {
        if self.left == 0 {
            return None;
        }
        let seconds = word(block, self.at + 4)?;
        Some(Timestamp::from_parts(seconds.into(), word(block, self.at + 8)?))
    }

    /// The next packet, put right in its place.
    pub(super) fn next(&mut self, block: &mut [u8], kind: Kind) -> Option<Packet> {
        let time = self.time(block)?;
        let at = self.at;
        let next = word(block, at)? as usize;
        // 0 stands at the last.
        self.left = if next == 0 { 0 } else { self.left - 1 };
        self.at = at.checked_add(next)?;
        let (captured, length) = (word(block, at + 12)? as usize, word(block, at + 16)?);
        let start = at + usize::from(half(block, at + 24)?);
        let end = start.checked_add(captured).filter(|&end| end <= block.len())?;
        // Never true of a kernel: what is put back would stand in the packet's own header.
        if start < at + PACKET_HEADER + ADDRESS + HEADROOM {
            return None;
        }
        let tag = tag(block, at);
        let start = match kind {
            Kind::Raw => tag.map_or(Some(start), |tag| put_back(block, start, end, tag))?,
            Kind::Cooked => cook(block, at + PACKET_HEADER, start, tag)?,
        };
        let added = (end - start - captured) as u32;
        Some(Packet { time, length: length.saturating_add(added), bytes: start..end })
    }
}

/// The tag that the kernel took out of a packet: its EtherType and what follows that.
fn tag(block: &[u8], at: usize) -> Option<[u8; TAG]> {
    let status = word(block, at + 20)?;
    if status & STATUS_VLAN_VALID == 0 {
        return None;
    }
    let ethertype = match status & STATUS_VLAN_TPID_VALID {
        0 => ETHERTYPE_VLAN,
        _ => half(block, at + 36)?,
    };
    let [e0, e1] = ethertype.to_be_bytes();
    let [t0, t1] = (word(block, at + 32)? as u16).to_be_bytes();
    Some([e0, e1, t0, t1])
}

/// Puts a tag behind the addresses of an Ethernet header, which move into the headroom. Where the packet begins then.
fn put_back(block: &mut [u8], start: usize, end: usize, tag: [u8; TAG]) -> Option<usize> {
    if end - start < ETHERNET_ADDRESSES {
        return Some(start);
    }
    let begin = start - TAG;
    block.copy_within(start..start + ETHERNET_ADDRESSES, begin);
    block.get_mut(begin + ETHERNET_ADDRESSES..start + ETHERNET_ADDRESSES)?.copy_from_slice(&tag);
    Some(begin)
}

/// Writes a cooked header before a packet, from the address that the kernel tells beside it, and the tag between the two.
/// <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>
fn cook(block: &mut [u8], address: usize, start: usize, tag: Option<[u8; TAG]>) -> Option<usize> {
    let &[_, _, p0, p1, i0, i1, i2, i3, h0, h1, packet_type, address_length, ref sender @ ..] =
        block.get(address..address + ADDRESS)?.first_chunk::<ADDRESS>()?;
    let sender = *sender;
    let mut header = [0; COOKED_HEADER + TAG];
    let [ethertype, tag] = match tag {
        Some([e0, e1, t0, t1]) => [[e0, e1], [t0, t1]],
        None => [[p0, p1], [0; 2]],
    };
    header[..2].copy_from_slice(&ethertype);
    header[4..8].copy_from_slice(&u32::from_ne_bytes([i0, i1, i2, i3]).to_be_bytes());
    header[8..10].copy_from_slice(&u16::from_ne_bytes([h0, h1]).to_be_bytes());
    header[10] = packet_type;
    header[11] = address_length.min(8);
    header[12..20].copy_from_slice(&sender);
    header[20..].copy_from_slice(&[tag[0], tag[1], p0, p1]);
    let is_tagged = ethertype != [p0, p1] || tag != [0; 2];
    let length = if is_tagged { COOKED_HEADER + TAG } else { COOKED_HEADER };
    let begin = start - length;
    block.get_mut(begin..start)?.copy_from_slice(header.get(..length)?);
    Some(begin)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.first_chunk().map(|word| u32::from_ne_bytes(*word))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.first_chunk().map(|half| u16::from_ne_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: usize = 48;

    /// A block as the kernel fills it, with these packets.
    fn block(kind: Kind, packets: &[(&[u8], Option<u16>)]) -> Vec<u8> {
        let mut block = vec![0; FIRST];
        block[12..16].copy_from_slice(&(packets.len() as u32).to_ne_bytes());
        block[16..20].copy_from_slice(&(FIRST as u32).to_ne_bytes());
        for (index, (bytes, tag)) in packets.iter().enumerate() {
            let at = block.len();
            let place = PACKET_HEADER + ADDRESS + HEADROOM + if kind == Kind::Raw { 2 } else { 0 };
            let whole = (place + bytes.len()).next_multiple_of(8);
            let next = if index + 1 == packets.len() { 0 } else { whole };
            block.resize(at + whole, 0);
            let mut set = |place: usize, value: &[u8]| {
                block[at + place..at + place + value.len()].copy_from_slice(value);
            };
            set(0, &(next as u32).to_ne_bytes());
            set(4, &(1000 + index as u32).to_ne_bytes());
            set(8, &7_u32.to_ne_bytes());
            set(12, &(bytes.len() as u32).to_ne_bytes());
            set(16, &(bytes.len() as u32 + 100).to_ne_bytes());
            set(24, &(place as u16).to_ne_bytes());
            if let Some(tag) = tag {
                set(20, &(STATUS_VLAN_VALID | STATUS_VLAN_TPID_VALID).to_ne_bytes());
                set(32, &u32::from(*tag).to_ne_bytes());
                set(36, &ETHERTYPE_VLAN.to_ne_bytes());
            }
            set(PACKET_HEADER + 2, &[0x86, 0xdd]);
            set(PACKET_HEADER + 4, &3_u32.to_ne_bytes());
            set(PACKET_HEADER + 8, &1_u16.to_ne_bytes());
            set(PACKET_HEADER + 10, &[4, 6, 1, 2, 3, 4, 5, 6]);
            set(place, bytes);
        }
        block
    }

    fn all(block: &mut [u8], kind: Kind) -> Vec<(Packet, Vec<u8>)> {
        let mut cursor = Cursor::new(block);
        std::iter::from_fn(|| {
            let packet = cursor.next(block, kind)?;
            let bytes = block[packet.bytes.clone()].to_vec();
            Some((packet, bytes))
        })
        .collect()
    }

    #[test]
    fn yields_each_packet_once_with_its_time_and_length() {
        let ethernet = [[9; 12].as_slice(), &[8, 0], b"payload"].concat();
        let packets = all(&mut block(Kind::Raw, &[(&ethernet, None), (b"short", None)]), Kind::Raw);
        assert_eq!(packets.len(), 2);
        assert_eq!(packets[0].1, ethernet);
        assert_eq!((packets[0].0.time, packets[0].0.length), (Timestamp::from_parts(1000, 7), 121));
        assert_eq!((packets[1].0.time.seconds(), packets[1].1.as_slice()), (1001, b"short".as_slice()));
    }

    #[test]
    fn puts_a_tag_back_where_the_kernel_took_it() {
        let ethernet = [[1; 6].as_slice(), &[2; 6], &[8, 0], b"payload"].concat();
        let packets = all(&mut block(Kind::Raw, &[(&ethernet, Some(0x6007))]), Kind::Raw);
        let tagged = [[1; 6].as_slice(), &[2; 6], &[0x81, 0, 0x60, 7], &[8, 0], b"payload"].concat();
        assert_eq!(packets[0].1, tagged);
        assert_eq!(packets[0].0.length as usize, ethernet.len() + 100 + 4);
    }

    #[test]
    fn gives_a_packet_without_link_layer_the_header_of_a_cooked_capture() {
        let packets = all(&mut block(Kind::Cooked, &[(b"ip", None), (b"ip", Some(7))]), Kind::Cooked);
        let rest = [0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0];
        assert_eq!(packets[0].1, [[0x86, 0xdd].as_slice(), &rest, b"ip"].concat());
        assert_eq!(
            packets[1].1,
            [[0x81, 0].as_slice(), &rest, &[0, 7, 0x86, 0xdd], b"ip"].concat(),
            "the tag stands between header and packet"
        );
    }

    #[test]
    fn stops_at_numbers_that_lead_out_of_the_block() {
        let sound = block(Kind::Raw, &[(&[5; 40], None), (&[6; 40], Some(9))]);
        for place in (0..sound.len()).step_by(2) {
            for value in [0xff, 0x7f, 0x80, 1] {
                let mut broken = sound.clone();
                broken[place] = value;
                broken[place + 1] = value;
                for kind in [Kind::Raw, Kind::Cooked] {
                    let mut cursor = Cursor::new(&broken);
                    let mut broken = broken.clone();
                    // As many as could ever stand there; more is a loop.
                    for _ in 0..broken.len() {
                        let Some(packet) = cursor.next(&mut broken, kind) else { break };
                        assert!(broken.get(packet.bytes).is_some());
                    }
                }
            }
        }
    }
}
