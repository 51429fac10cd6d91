//! IPv4. RFC 791 section 3.1.
//!
//! ```text
//! version(4 bits) IHL(4 bits) type of service(1) total length(2) identification(2) flags(3 bits) fragment offset(13
//! bits) time to live(1) protocol(1) header checksum(2) source(4) destination(4) options payload
//! ```

use std::net::{IpAddr, Ipv4Addr};

use super::{Datagram, Fragment, Read};

#[inline(always)] // As `net::read`.
pub(super) fn read(packet: &[u8]) -> Read<'_> {
    let Some(header) = packet.first_chunk::<20>() else { return Read::Nothing };
    let header_length = usize::from(header[0] & 15) * 4;
    if header_length < 20 {
        return Read::Nothing;
    }
    let Some(rest) = packet.get(header_length..) else { return Read::Nothing };
    let stated_length = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        // Segmentation offload: the sender's kernel hands down more than the field can say and leaves it 0.
        0 => rest.len(),
        total if total < header_length => return Read::Nothing,
        total => total - header_length,
    };
    // Ethernet pads short packets: what stands behind the stated length is not part of it.
    let payload = &rest[..rest.len().min(stated_length)];
    let source = IpAddr::V4(Ipv4Addr::new(header[12], header[13], header[14], header[15]));
    let destination = IpAddr::V4(Ipv4Addr::new(header[16], header[17], header[18], header[19]));
    let protocol = header[9];
    let flags_and_offset = u16::from_be_bytes([header[6], header[7]]);
    if flags_and_offset & 0x3fff != 0 {
        return Read::Fragment(Fragment {
            source,
            destination,
            protocol,
            identification: u16::from_be_bytes([header[4], header[5]]).into(),
            offset: u32::from(flags_and_offset & 0x1fff) * 8,
            more: flags_and_offset & 0x2000 != 0,
            payload,
            is_cut: payload.len() < stated_length,
        });
    }
    Read::Whole(Datagram { source, destination, protocol, payload, stated_length })
}

/// `IPv4 192.0.2.1 to 192.0.2.2`.
pub(crate) fn name(header: &[u8]) -> Option<String> {
    let address = |at: usize| Some(Ipv4Addr::from(*header.get(at..)?.first_chunk::<4>()?));
    Some(format!("IPv4 {} to {}", address(12)?, address(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_padding_of_ethernet_out() {
        let mut packet = vec![0x45, 0, 0, 22, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2];
        packet.extend([0; 24]);
        let Read::Whole(datagram) = read(&packet) else { panic!("not read") };
        assert_eq!((datagram.payload, datagram.stated_length, datagram.protocol), (&[1, 2][..], 2, 6));
        for end in 0..20 {
            assert_eq!(read(&packet[..end]), Read::Nothing);
        }
    }

    #[test]
    fn tells_a_fragment() {
        let mut packet = vec![0; 28];
        (packet[0], packet[3], packet[6], packet[7]) = (0x45, 28, 0x20, 3);
        let Read::Fragment(fragment) = read(&packet) else { panic!("not read") };
        assert_eq!((fragment.offset, fragment.more, fragment.payload.len()), (24, true, 8));
    }
}
