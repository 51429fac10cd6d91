//! False addresses in place of the true ones: each address has one, the same wherever it stands, numbered in the order in
//! which they are met. They are of the ranges for documentation, so that nobody takes them for true. Options in which addresses
//! may stand are blanked. Names inside messages are not touched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::packet::{Header, Packet};

use super::blanked;
use super::plan::TcpHeader;

/// Gives false addresses.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    addresses: HashMap<IpAddr, IpAddr, RandomState>,
    /// How many of IPv4 and of IPv6 were given.
    given: [u32; 2],
    stations: HashMap<[u8; 6], [u8; 6], RandomState>,
}

/// A frame with a header in which addresses may stand that are not known here: its Wireshark name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unfalsifiable(pub &'static str);

/// Ranges of IPv4 for documentation (RFC 5737) and for measurements (RFC 2544), and how many addresses each gives.
const RANGES: [(Ipv4Addr, u32); 4] = [
    (Ipv4Addr::new(192, 0, 2, 1), 254),
    (Ipv4Addr::new(198, 51, 100, 1), 254),
    (Ipv4Addr::new(203, 0, 113, 1), 254),
    (Ipv4Addr::new(198, 18, 0, 1), (1 << 17) - 2),
];

impl Pseudonyms {
    /// The false address for a true one. This host itself, and no address at all, stay: they say nothing of anybody.
    pub fn address(&mut self, address: IpAddr) -> IpAddr {
        if address.is_loopback() || address.is_unspecified() {
            return address;
        }
        let given = &mut self.given[usize::from(address.is_ipv6())];
        *self.addresses.entry(address).or_insert_with(|| {
            let number = *given;
            *given += 1;
            match address {
                IpAddr::V4(_) => numbered(number).into(),
                // 2001:db8::/32, RFC 3849.
                IpAddr::V6(_) => {
                    let [high, low] = [((number + 1) >> 16) as u16, (number + 1) as u16];
                    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, high, low).into()
                }
            }
        })
    }

    fn station(&mut self, station: [u8; 6]) -> [u8; 6] {
        // Loopback has none, and all are nobody.
        if station == [0; 6] || station == [0xff; 6] {
            return station;
        }
        let number = self.stations.len() as u32 + 1;
        let [a, b, c, d] = number.to_be_bytes();
        // Locally administered.
        *self.stations.entry(station).or_insert([2, 0, a, b, c, d])
    }

    /// Puts false addresses into the bytes that stay of a packet, and makes the checksums right again.
    ///
    /// # Errors
    /// Where a header may hold addresses in a way that is not known here.
    pub fn falsify(
        &mut self,
        packet: &Packet,
        bytes: &mut [u8],
        tcp: &TcpHeader,
    ) -> Result<(), Unfalsifiable> {
        let before = bytes.to_vec();
        // Where checksums stand, outermost first: of which bytes, and whether they count addresses too.
        let mut sums: Vec<Sum> = Vec::new();
        let mut addresses = 0..0;
        for layer in &packet.layers {
            let place = layer.place.clone();
            // What was put together lies in several frames, and of TCP alone it is known where in them.
            let may_lie_nowhere = matches!(layer.header, Header::Tcp(_) | Header::Udp(_) | Header::RawIp);
            if place.is_empty() && !may_lie_nowhere || is_fragment_of_another(&layer.header) {
                return Err(Unfalsifiable("a tunnel in IP fragments"));
            }
            match &layer.header {
                Header::Ethernet(ethernet) => {
                    set(bytes, place.start, &self.station(ethernet.destination));
                    set(bytes, place.start + 6, &self.station(ethernet.source));
                }
                Header::LinuxCooked(cooked) => {
                    let at = place.start + if cooked.version == 1 { 6 } else { 12 };
                    let [a, b, c, d, e, f, _, _] = cooked.address;
                    // Of a tunnel's interface it is an address of IP.
                    let station =
                        if cooked.address_length == 6 { self.station([a, b, c, d, e, f]) } else { [0; 6] };
                    set(bytes, at, &station);
                    set(bytes, at + 6, &[0; 2]);
                }
                Header::Ipv4(ip) => {
                    // They may record a route.
                    let options = place.start + 20..place.start + usize::from(ip.header_length);
                    blanked::no_operations(part(bytes, options));
                    addresses = place.start + 12..place.start + 20;
                    for (at, address) in [(12, ip.source), (16, ip.destination)] {
                        if let IpAddr::V4(false_one) = self.address(address.into()) {
                            set(bytes, place.start + at, &false_one.octets());
                        }
                    }
                    sums.push(Sum { at: place.start + 10, over: place, addresses: 0..0, may_be_none: false });
                }
                Header::Ipv6(ip) => {
                    addresses = place.start + 8..place.start + 40;
                    for (at, address) in [(8, ip.source), (24, ip.destination)] {
                        if let IpAddr::V6(false_one) = self.address(address.into()) {
                            set(bytes, place.start + at, &false_one.octets());
                        }
                    }
                }
                Header::Ipv6Extension(extension) if matches!(extension.kind, 0 | 60) => {
                    blanked::ipv6(part(bytes, place));
                }
                Header::Ipv6Extension(extension) if matches!(extension.kind, 44 | 51) => {}
                Header::Ipv6Extension(_) => return Err(Unfalsifiable("ipv6.routing")),
                Header::Udp(_) if !place.is_empty() => {
                    let over = place.start..bytes.len();
                    sums.push(Sum {
                        at: place.start + 6,
                        over,
                        addresses: addresses.clone(),
                        may_be_none: true,
                    });
                }
                // It quotes the head of a packet, whose layers follow.
                Header::Other("icmp") => sums.push(Sum {
                    at: place.start + 2,
                    over: place.start..bytes.len(),
                    addresses: 0..0,
                    may_be_none: false,
                }),
                Header::Other("icmpv6") => sums.push(Sum {
                    at: place.start + 2,
                    over: place.start..bytes.len(),
                    addresses: addresses.clone(),
                    may_be_none: false,
                }),
                // Behind eight bytes they hold what a network likes to say of its ends.
                Header::Other("geneve" | "nsh") => part(bytes, place.start + 8..place.end).fill(0),
                Header::Vlan(_) | Header::Loopback(_) | Header::RawIp | Header::Udp(_) | Header::Tcp(_) => {}
                Header::Other(
                    "llc" | "ppp" | "pppoes" | "chdlc" | "mpls" | "pwethcw" | "gre" | "erspan" | "vxlan"
                    | "gtp" | "l2tp" | "lisp-data" | "etherip",
                ) => {}
                Header::Other(name) => return Err(Unfalsifiable(name)),
                _ => return Err(Unfalsifiable("unknown")),
            }
        }
        match tcp.at {
            Some(_) => blanked::tcp(part(bytes, tcp.options.clone())),
            // What is there of them may begin anywhere in one.
            None => blanked::no_operations(part(bytes, tcp.options.clone())),
        }
        if let Some(at) = tcp.at {
            sums.push(Sum { at: at + 16, over: at..bytes.len(), addresses, may_be_none: false });
        }
        // The innermost first: those around it count it.
        for sum in sums.iter().rev() {
            sum.mend(&before, bytes);
        }
        Ok(())
    }
}

fn numbered(mut number: u32) -> Ipv4Addr {
    for (first, count) in RANGES {
        if number < count {
            return Ipv4Addr::from(u32::from(first) + number);
        }
        number -= count;
    }
    // More ends than those ranges have: the range that nobody may use (RFC 1112 section 4).
    Ipv4Addr::from(0xf000_0001_u32.wrapping_add(number))
}

/// Whether it begins a fragment of something else than TCP: headers may lie in it that cannot be seen.
fn is_fragment_of_another(header: &Header) -> bool {
    const TCP: u8 = 6;
    const FRAGMENT: u8 = 44;
    match header {
        Header::Ipv4(ip) => ip.flags_and_offset & 0x3fff != 0 && ip.protocol != TCP,
        Header::Ipv6Extension(extension) => extension.kind == FRAGMENT && extension.next_header != TCP,
        _ => false,
    }
}

/// These bytes, as far as they are there.
fn part(bytes: &mut [u8], range: std::ops::Range<usize>) -> &mut [u8] {
    let end = range.end.min(bytes.len());
    bytes.get_mut(range.start..end).unwrap_or_default()
}

fn set(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

/// An Internet checksum.
#[derive(Debug)]
struct Sum {
    at: usize,
    /// What it is made over, from an even place counted from its beginning.
    over: std::ops::Range<usize>,
    /// Addresses that are counted besides.
    addresses: std::ops::Range<usize>,
    /// Whether 0 says that there is none.
    may_be_none: bool,
}

impl Sum {
    /// Changes the checksum by as much as what it is made over has changed: RFC 1624. So it is right where it was right, also of
    /// a packet that the capture cut.
    fn mend(&self, before: &[u8], bytes: &mut [u8]) {
        let Some(&[high, low]) = before.get(self.at..).and_then(|bytes| bytes.first_chunk::<2>()) else {
            return;
        };
        let stated = u16::from_be_bytes([high, low]);
        if self.may_be_none && stated == 0 {
            return;
        }
        let mut sum = u64::from(!stated);
        for range in [&self.over, &self.addresses] {
            let old = words(before.get(range.clone()).unwrap_or_default(), self.at.wrapping_sub(range.start));
            let new = words(bytes.get(range.clone()).unwrap_or_default(), self.at.wrapping_sub(range.start));
            for (old, new) in old.zip(new) {
                sum += u64::from(!old) + u64::from(new);
            }
        }
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let mended = match !(sum as u16) {
            0 if self.may_be_none => u16::MAX,
            mended => mended,
        };
        set(bytes, self.at, &mended.to_be_bytes());
    }
}

/// The words of some bytes, but for the one that is the checksum itself.
fn words(bytes: &[u8], checksum_at: usize) -> impl Iterator<Item = u16> {
    bytes.chunks(2).enumerate().filter(move |(index, _)| index * 2 != checksum_at).map(|(_, pair)| {
        u16::from_be_bytes([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_false_address_and_loopback_stays() {
        let mut pseudonyms = Pseudonyms::default();
        let mut of = |text: &str| pseudonyms.address(text.parse().unwrap()).to_string();
        assert_eq!(of("10.1.2.3"), "192.0.2.1");
        assert_eq!(of("10.1.2.4"), "192.0.2.2");
        assert_eq!(of("10.1.2.3"), "192.0.2.1");
        assert_eq!(of("fe80::1"), "2001:db8::1");
        assert_eq!(of("127.0.0.1"), "127.0.0.1");
        assert_eq!(of("::1"), "::1");
    }

    #[test]
    fn ranges_follow_one_another() {
        assert_eq!(numbered(253).to_string(), "192.0.2.254");
        assert_eq!(numbered(254).to_string(), "198.51.100.1");
        assert_eq!(numbered(762).to_string(), "198.18.0.1");
        assert_eq!(numbered(762 + (1 << 17) - 2).to_string(), "240.0.0.1");
    }

    #[test]
    fn a_checksum_that_was_right_is_right_again() {
        // An IPv4 header (RFC 1071's sum over all of it is 0xffff).
        let before = [0x45, 0, 0, 0x28, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        let sum = |bytes: &[u8]| {
            let mut sum: u32 = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
            while sum > 0xffff {
                sum = (sum & 0xffff) + (sum >> 16);
            }
            sum
        };
        let mut before = before.to_vec();
        let checksum = !(sum(&before) as u16);
        set(&mut before, 10, &checksum.to_be_bytes());
        let mut after = before.clone();
        set(&mut after, 12, &[192, 0, 2, 1, 192, 0, 2, 2]);
        Sum { at: 10, over: 0..20, addresses: 0..0, may_be_none: false }.mend(&before, &mut after);
        assert_eq!(sum(&after), 0xffff);
    }
}
