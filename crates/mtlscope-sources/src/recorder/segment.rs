//! A TCP segment in an IP packet, made up for bytes that passed through a socket.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::BitOr;

/// What fits into a packet of an Ethernet with IPv6 and TCP.
pub(super) const LONGEST_PAYLOAD: usize = 1440;

const TCP: u8 = 6;
const TCP_HEADER: usize = 20;
/// Maximum segment size, no operation, window scale: so that no reader believes a window full.
const SYN_OPTIONS: [u8; 8] =
    [2, 4, (LONGEST_PAYLOAD >> 8) as u8, (LONGEST_PAYLOAD & 0xff) as u8, 1, 3, 3, 14];

/// The flags of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags(u8);

pub(super) const FIN: Flags = Flags(0x01);
pub(super) const SYN: Flags = Flags(0x02);
pub(super) const RST: Flags = Flags(0x04);
pub(super) const PSH: Flags = Flags(0x08);
pub(super) const ACK: Flags = Flags(0x10);

impl Flags {
    pub(super) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the headers say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) sequence: u32,
    pub(super) acknowledgment: u32,
    pub(super) flags: Flags,
    pub(super) payload: &'a [u8],
}

impl Segment<'_> {
    /// The IP header and the TCP header, checksums included.
    pub(super) fn headers(&self) -> Vec<u8> {
        let options: &[u8] = if self.flags.has(SYN) { &SYN_OPTIONS } else { &[] };
        let length = TCP_HEADER + options.len() + self.payload.len();
        let (mut headers, pseudo) = match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let mut ip = vec![0x45, 0];
                ip.extend(((20 + length) as u16).to_be_bytes());
                ip.extend([0, 0, 0x40, 0, 64, TCP, 0, 0]); // do not fragment; time to live
                ip.extend(source.octets());
                ip.extend(destination.octets());
                let checksum = checksum(&[&ip]).to_be_bytes();
                set(&mut ip, 10, checksum);
                let pseudo = [&source.octets()[..], &destination.octets()].concat();
                (ip, pseudo)
            }
            (source, destination) => {
                let (source, destination) = (as_v6(source).octets(), as_v6(destination).octets());
                let mut ip = vec![0x60, 0, 0, 0];
                ip.extend((length as u16).to_be_bytes());
                ip.extend([TCP, 64]);
                ip.extend(source);
                ip.extend(destination);
                (ip, [source, destination].concat())
            }
        };
        let start = headers.len();
        headers.extend(self.source.port().to_be_bytes());
        headers.extend(self.destination.port().to_be_bytes());
        headers.extend(self.sequence.to_be_bytes());
        headers.extend(self.acknowledgment.to_be_bytes());
        headers.push((((TCP_HEADER + options.len()) / 4) << 4) as u8);
        headers.push(self.flags.0);
        headers.extend(u16::MAX.to_be_bytes()); // window
        headers.extend([0; 4]); // checksum, urgent pointer
        headers.extend(options);
        let tail = [0, 0, (length >> 8) as u8, length as u8, 0, 0, 0, TCP];
        let tcp = headers.get(start..).unwrap_or_default();
        let checksum = checksum(&[&pseudo, &tail, tcp, self.payload]).to_be_bytes();
        set(&mut headers, start + 16, checksum);
        headers
    }
}

fn set(bytes: &mut [u8], place: usize, value: [u8; 2]) {
    if let Some(at) = bytes.get_mut(place..place + 2) {
        at.copy_from_slice(&value);
    }
}

const fn as_v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// The Internet checksum (RFC 1071) of pieces, of which only the last may be of odd length.
fn checksum(pieces: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for piece in pieces {
        let (pairs, odd) = piece.as_chunks::<2>();
        sum += pairs.iter().map(|&pair| u32::from(u16::from_be_bytes(pair))).sum::<u32>();
        sum += odd.first().map_or(0, |&last| u32::from(last) << 8);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
