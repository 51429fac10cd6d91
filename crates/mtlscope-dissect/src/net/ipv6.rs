//! IPv6 and its extension headers. RFC 8200 sections 3 and 4.
//!
//! ```text
//! version, traffic class, flow label(4) payload length(2) next header(1) hop limit(1) source(16) destination(16)
//! extension: next header(1) length in units of 8 bytes beyond the first 8(1) ...
//! ```

use std::net::{IpAddr, Ipv6Addr};

use super::{Datagram, Fragment, Read};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;

pub(super) fn read(packet: &[u8]) -> Read<'_> {
    let Some((header, rest)) = packet.split_first_chunk::<40>() else { return Read::Nothing };
    let stated_length = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        // A jumbogram, or segmentation offload: what was captured is all there is.
        0 => rest.len(),
        length => length,
    };
    let payload = &rest[..rest.len().min(stated_length)];
    let (source, destination) = (address(&header[8..24]), address(&header[24..40]));
    behind_extensions(Datagram { source, destination, protocol: header[6], payload, stated_length })
}

/// Steps over the extension headers at the head of a datagram.
#[inline]
pub(crate) fn behind_extensions(datagram: Datagram<'_>) -> Read<'_> {
    let Datagram { source, destination, mut protocol, payload: mut rest, mut stated_length } = datagram;
    while let HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY = protocol {
        let Some(extension) = rest.first_chunk::<8>() else { return Read::Nothing };
        let length = match protocol {
            FRAGMENT => 8,
            // RFC 4302 section 2.2: units of four bytes, less two.
            AUTHENTICATION => (usize::from(extension[1]) + 2) * 4,
            _ => (usize::from(extension[1]) + 1) * 8,
        };
        let Some(behind) = rest.get(length..) else { return Read::Nothing };
        let was_fragment = protocol == FRAGMENT;
        protocol = extension[0];
        rest = behind;
        stated_length = stated_length.saturating_sub(length);
        let offset_and_more = u16::from_be_bytes([extension[2], extension[3]]);
        if was_fragment && offset_and_more & 0xfff9 != 0 {
            return Read::Fragment(Fragment {
                source,
                destination,
                protocol,
                identification: u32::from_be_bytes([extension[4], extension[5], extension[6], extension[7]]),
                offset: u32::from(offset_and_more & 0xfff8),
                more: offset_and_more & 1 != 0,
                payload: rest,
                is_cut: rest.len() < stated_length,
            });
        }
    }
    Read::Whole(Datagram { source, destination, protocol, payload: rest, stated_length })
}

/// `IPv6 2001:db8::1 to 2001:db8::2`.
pub(crate) fn name(header: &[u8]) -> Option<String> {
    let address = |at: usize| Some(Ipv6Addr::from(*header.get(at..)?.first_chunk::<16>()?));
    Some(format!("IPv6 {} to {}", address(8)?, address(24)?))
}

fn address(bytes: &[u8]) -> IpAddr {
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes);
    IpAddr::V6(Ipv6Addr::from(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_extension_headers() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 18, HOP_BY_HOP, 64];
        packet.extend([0; 32]);
        packet.extend([DESTINATION, 0, 1, 4, 0, 0, 0, 0]);
        packet.extend([6, 0, 1, 4, 0, 0, 0, 0]);
        packet.extend([0xaa, 0xbb]);
        let Read::Whole(datagram) = read(&packet) else { panic!("not read") };
        assert_eq!((datagram.payload, datagram.stated_length, datagram.protocol), (&[0xaa, 0xbb][..], 2, 6));
        for end in 0..packet.len() {
            read(&packet[..end]);
        }
    }
}
