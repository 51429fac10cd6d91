//! pcap as its writers disagree on it.

use crate::build::{Order, pcap_header, pcap_record};
use crate::{Frame, read};

#[test]
fn reads_both_byte_orders_and_both_units_of_time() {
    for order in Order::BOTH {
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
            // The upper bits of the link type say that four bytes of frame check sequence follow each packet.
            let mut capture = pcap_header(order, magic, (2, 4), 65_535, 0x4400_0071);
            capture.extend(pcap_record(order, (1_700_000_000, 123_456), 99, b"packet"));
            capture.extend(pcap_record(order, (u32::MAX, u32::MAX), 0, b""));
            let heard = read(&capture).unwrap();
            let frame = |number, nanoseconds, wire_length, bytes: &[u8]| Frame {
                number,
                nanoseconds,
                link_type: 0x71,
                wire_length,
                bytes: bytes.to_vec(),
            };
            let max = i64::from(u32::MAX);
            assert_eq!(
                heard.frames,
                [
                    frame(1, 1_700_000_000_000_000_000 + 123_456 * unit, 99, b"packet"),
                    frame(2, max * 1_000_000_000 + max * unit, 0, b"")
                ]
            );
            assert!(heard.notices.is_empty(), "{:?}", heard.notices);
        }
    }
}

#[test]
fn reads_the_variant_with_longer_record_headers() {
    for order in Order::BOTH {
        let mut capture = pcap_header(order, 0xa1b2_cd34, (2, 4), 65_535, 1);
        for _ in 0..2 {
            capture.extend(order.words(&[1, 2, 6, 6, 77, 88]));
            capture.extend(b"packet");
        }
        let frames = read(&capture).unwrap().frames;
        assert_eq!(frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>(), [b"packet"; 2]);
    }
}

#[test]
fn reads_the_lengths_in_the_order_of_the_version() {
    for (version, first, second) in
        [((2, 4), 6, 9), ((2, 3), 6, 9), ((2, 3), 9, 6), ((2, 2), 9, 6), ((543, 0), 9, 6)]
    {
        let order = Order::Little;
        let mut capture = pcap_header(order, 0xa1b2_c3d4, version, 65_535, 1);
        capture.extend(order.words(&[1, 2, first, second]));
        capture.extend(b"packet");
        let heard = read(&capture).unwrap();
        let Frame { bytes, wire_length, .. } = &heard.frames[0];
        assert_eq!((&bytes[..], *wire_length), (&b"packet"[..], 9), "{version:?}");
    }
}

#[test]
fn believes_a_packet_longer_than_the_snaplen_but_not_one_longer_than_any() {
    let order = Order::Little;
    let header = pcap_header(order, 0xa1b2_c3d4, (2, 4), 96, 1);
    let long = pcap_record(order, (1, 2), 262_144, &vec![7; 262_144]);
    let heard = read(&[header.clone(), long.clone()].concat()).unwrap();
    assert_eq!((heard.frames.len(), heard.notices.len()), (1, 0));

    let too_long = pcap_record(order, (1, 2), 262_145, &vec![7; 262_145]);
    let heard = read(&[header, long.clone(), too_long, long].concat()).unwrap();
    assert_eq!(heard.frames.len(), 1);
    let [notice] = &heard.notices[..] else { panic!("{:?}", heard.notices) };
    assert!(notice.contains("frame 2 at byte 262184 claims a packet of 262145 bytes"), "{notice}");
}
