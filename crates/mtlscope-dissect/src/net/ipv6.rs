//! IPv6 and its extension headers. RFC 8200 sections 3 and 4.
//!
//! ```text
//! version, traffic class, flow label(4) payload length(2) next header(1) hop limit(1) source(16) destination(16)
//! extension: next header(1) length in units of 8 bytes beyond the first 8(1) ...
//! ```

use std::net::{IpAddr, Ipv6Addr};

use super::{Datagram, Read};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;

#[inline]
pub(super) fn read(packet: &[u8]) -> Read<'_> {
    let Some((header, mut rest)) = packet.split_first_chunk::<40>() else { return Read::Nothing };
    let mut stated_length = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        // A jumbogram, or segmentation offload: what was captured is all there is.
        0 => rest.len(),
        length => length,
    };
    rest = &rest[..rest.len().min(stated_length)];
    let mut protocol = header[6];
    while let HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY = protocol {
        let Some(extension) = rest.first_chunk::<8>() else { return Read::Nothing };
        let length = match protocol {
            FRAGMENT => {
                let offset_and_more = u16::from_be_bytes([extension[2], extension[3]]) & 0xfff9;
                if offset_and_more != 0 {
                    return Read::Fragment;
                }
                8
            }
            // RFC 4302 section 2.2: units of four bytes, less two.
            AUTHENTICATION => (usize::from(extension[1]) + 2) * 4,
            _ => (usize::from(extension[1]) + 1) * 8,
        };
        protocol = extension[0];
        match rest.get(length..) {
            Some(behind) => rest = behind,
            None => return Read::Nothing,
        }
        stated_length = stated_length.saturating_sub(length);
    }
    Read::Whole(Datagram {
        source: address(&header[8..24]),
        destination: address(&header[24..40]),
        protocol,
        payload: rest,
        stated_length,
    })
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
