//! Whose packet it is: the ends of the TCP connection it belongs to, as the dissector tells connections apart, and nothing else. For
//! who keeps packets by connection.

use std::net::SocketAddr;

use crate::flow_table::FlowKey;
use crate::input::Frame;
use crate::limits::Limits;
use crate::link::{self, Carried};
use crate::net::fragments::Fragments;
use crate::net::{self, Datagram, Read};
use crate::transport::tcp::Segment;
use crate::walk;

/// The IP protocol.
const TCP: u8 = 6;

/// Both ends, the lower first, of the innermost connection; `None` for what is not TCP, or a piece of a datagram.
pub fn ends(frame: &Frame<'_>) -> Option<[SocketAddr; 2]> {
    if let Carried::Ip { packet, .. } = link::carried(frame.link_type, frame.bytes)
        && let Read::Whole(datagram) = net::read(packet)
        && datagram.protocol == TCP
    {
        return ends_of(&datagram);
    }
    let mut ends = None;
    walk::walk(frame, &mut Fragments::default(), &Limits::default(), &mut |datagram, _| {
        if datagram.protocol == TCP {
            ends = ends_of(datagram).or(ends);
        }
    });
    ends
}

fn ends_of(datagram: &Datagram<'_>) -> Option<[SocketAddr; 2]> {
    let segment = Segment::read(datagram)?;
    let (source, destination) = (segment.source_port, segment.destination_port);
    Some(FlowKey::of((datagram.source, source), (datagram.destination, destination)).0.ends())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FrameNumber;
    use crate::input::LinkType;
    use crate::time::Timestamp;

    fn frame(link_type: u16, bytes: &[u8]) -> Option<[SocketAddr; 2]> {
        ends(&Frame {
            number: FrameNumber::new(1).unwrap(),
            time: Timestamp::default(),
            link_type: LinkType(link_type),
            wire_length: bytes.len() as u32,
            bytes,
        })
    }

    #[test]
    fn both_directions_have_the_same_ends_however_they_came() {
        let tcp = |ports: [u8; 4]| [ports.as_slice(), &[0; 8], &[0x50, 0x10], &[0; 6]].concat();
        let ip = |addresses: [u8; 8], ports: [u8; 4]| {
            [[0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0].as_slice(), &addresses, &tcp(ports)].concat()
        };
        let there = ip([192, 0, 2, 1, 192, 0, 2, 2], [0xc0, 0, 1, 0xbb]);
        let back = ip([192, 0, 2, 2, 192, 0, 2, 1], [1, 0xbb, 0xc0, 0]);
        let expected = Some(["192.0.2.1:49152".parse().unwrap(), "192.0.2.2:443".parse().unwrap()]);
        assert_eq!(frame(101, &there), expected);
        assert_eq!(frame(101, &back), expected);
        let cooked = [[8, 0].as_slice(), &[0; 18], &there].concat();
        assert_eq!(frame(276, &cooked), expected);
        let ethernet = [[0; 12].as_slice(), &[0x81, 0, 0, 7, 8, 0], &back].concat();
        assert_eq!(frame(1, &ethernet), expected);
        assert_eq!(frame(1, &ethernet[..40]), None);
        assert_eq!(frame(65_000, &there), None);
    }
}
