//! One connection inside every link layer and tunnel that is read: it is found, and what it travelled in is named.

use mtlscope_dissect::event::EventKind;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Limits, Settings};

use crate::packets::{ACK, Wire, client_hello, server_hello};

const ETHERNET: u16 = 1;

/// Both hellos of a connection.
fn packets() -> Vec<Vec<u8>> {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    Wire::connected().client(ACK, 101, 501, &hello).server(ACK, 501, end, &server_hello()).into_packets()
}

/// Everything told of frames of a link type: how many messages, and in which tunnel.
fn told(link_type: u16, frames: &[Vec<u8>]) -> (usize, Vec<String>, Vec<String>) {
    let mut dissector = Dissector::new(Settings::default());
    let (mut messages, mut tunnel, mut notices) = (0, Vec::new(), Vec::new());
    let mut hear = |dissector: &mut Dissector| {
        while let Some(event) = dissector.poll() {
            match event.kind {
                EventKind::Opened(opened) => tunnel = opened.tunnel,
                EventKind::Message(_) => messages += 1,
                EventKind::Notice(notice) => notices.push(notice.kind.to_string()),
                _ => {}
            }
        }
    };
    for (index, bytes) in frames.iter().enumerate() {
        dissector.push(Input::Frame(Frame {
            number: FrameNumber::new(index as u64 + 1).unwrap(),
            time: Timestamp::from_parts(1_800_000_000 + index as i64, 0),
            link_type: LinkType(link_type),
            wire_length: bytes.len() as u32,
            bytes,
        }));
        hear(&mut dissector);
    }
    dissector.finish();
    hear(&mut dissector);
    assert_eq!(dissector.held_bytes(), 0);
    (messages, tunnel, notices)
}

/// What stands before an IP packet, and the names of the tunnel that makes.
type Wrapping = (u16, Wrap, &'static [&'static str]);

/// Puts a packet into something.
type Wrap = Box<dyn Fn(&[u8]) -> Vec<u8>>;

fn before(head: &[u8]) -> Wrap {
    let head = head.to_vec();
    Box::new(move |packet| [&head[..], packet].concat())
}

fn ethernet(ether_type: u16) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &ether_type.to_be_bytes()].concat()
}

/// An IPv4 packet around a payload, from 192.0.2.1 to 192.0.2.2.
fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let head = [0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    [&head[..], payload].concat()
}

fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut head = vec![0x60, 0, 0, 0];
    head.extend((payload.len() as u16).to_be_bytes());
    head.extend([next_header, 64, 0x20, 1, 0xd, 0xb8]);
    head.extend([0; 11]);
    head.extend([1, 0x20, 1, 0xd, 0xb8]);
    head.extend([0; 11]);
    head.push(2);
    [head, payload.to_vec()].concat()
}

/// In IPv4 behind this head.
fn in_ip(protocol: u8, head: &[u8]) -> Wrap {
    let head = head.to_vec();
    Box::new(move |packet| ipv4(protocol, &[&head[..], packet].concat()))
}

/// In UDP to this port behind this head.
fn in_udp(port: u16, head: &[u8]) -> Wrap {
    let head = head.to_vec();
    Box::new(move |packet| {
        let length = (8 + head.len() + packet.len()) as u16;
        let ports = [[0xc0, 0], port.to_be_bytes(), length.to_be_bytes(), [0, 0]].concat();
        ipv4(17, &[&ports[..], &head, packet].concat())
    })
}

const OUTER: &str = "IPv4 192.0.2.1 to 192.0.2.2";

fn wrappings() -> Vec<Wrapping> {
    const RAW: u16 = 101;
    let ether = ethernet(0x0800);
    let with_ether = |head: &[u8]| [head, &ether[..]].concat();
    let wifi = [&[0x88, 2][..], &[0; 24], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    let swapped = [&[1, 8][..], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    vec![
        (ETHERNET, before(&ether), &[]),
        (ETHERNET, before(&[&ethernet(0x8100)[..], &[0x20, 7, 8, 0]].concat()), &["VLAN 7"]),
        (
            ETHERNET,
            before(&[&ethernet(0x88a8)[..], &[0, 100, 0x81, 0, 0, 5, 8, 0]].concat()),
            &["VLAN 100", "VLAN 5"],
        ),
        (ETHERNET, before(&[&ethernet(0x88e7)[..], &[0, 1, 0, 0], &ether].concat()), &["I-SID 65536"]),
        (
            ETHERNET,
            Box::new(move |packet| {
                let head = [&ethernet(8 + packet.len() as u16)[..], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
                [&head[..], packet].concat()
            }),
            &[],
        ),
        (
            ETHERNET,
            before(&[&ethernet(0x8864)[..], &[0x11, 0, 0, 9, 0, 0, 0, 0x21]].concat()),
            &["PPPoE session 9"],
        ),
        (ETHERNET, before(&[&ethernet(0x8847)[..], &[0, 1, 0, 64, 0, 2, 1, 64]].concat()), &["MPLS 16/32"]),
        (
            ETHERNET,
            before(&[&ethernet(0x8847)[..], &[0, 1, 1, 64, 0, 0, 0, 0], &ether].concat()),
            &["MPLS 16"],
        ),
        (0, before(&[2, 0, 0, 0]), &[]),
        (108, before(&[0, 0, 0, 2]), &[]),
        (RAW, before(&[]), &[]),
        (228, before(&[]), &[]),
        (9, before(&[0xff, 3, 0, 0x21]), &[]),
        (9, before(&[0x21]), &[]),
        (50, before(&[0x0f, 0, 8, 0]), &[]),
        (51, before(&[0x11, 0, 0, 9, 0, 0, 0, 0x21]), &["PPPoE session 9"]),
        (11, before(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]), &[]),
        (104, before(&[0x0f, 0, 8, 0]), &[]),
        (105, before(&wifi), &[]),
        (107, before(&[0x18, 0x41, 3, 0xcc]), &[]),
        (109, before(&[0; 12]), &[]),
        (113, before(&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]), &[]),
        (117, before(&[&[61][..], &[0; 63]].concat()), &[]),
        (119, before(&[&[0x44, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0][..], &wifi].concat()), &[]),
        (127, before(&[&[0, 0, 8, 0, 0, 0, 0, 0][..], &wifi].concat()), &[]),
        (138, before(&[&[0; 16][..], &[8, 0]].concat()), &[]),
        (163, before(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 8][..], &wifi].concat()), &[]),
        (166, before(&[1, 0, 0x21]), &[]),
        (192, before(&[&[0, 0, 8, 0, 105, 0, 0, 0][..], &wifi].concat()), &[]),
        (219, before(&[0, 1, 1, 64]), &["MPLS 16"]),
        (
            239,
            Box::new(|packet| {
                let length = (4 + packet.len() as u16).to_le_bytes();
                [&[2, 0, 0, 0, length[0], length[1], 9, 0][..], packet].concat()
            }),
            &[],
        ),
        (276, before(&[&[8, 0][..], &[0; 18]].concat()), &[]),
        (RAW, in_ip(4, &[]), &[OUTER]),
        (RAW, Box::new(|packet| ipv6(4, packet)), &["IPv6 2001:db8::1 to 2001:db8::2"]),
        (RAW, Box::new(|packet| ipv4(41, &ipv6(4, packet))), &[OUTER, "IPv6 2001:db8::1 to 2001:db8::2"]),
        (RAW, in_ip(51, &[4, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]), &[OUTER]),
        (RAW, in_ip(47, &[0, 0, 8, 0]), &[OUTER, "GRE"]),
        (RAW, in_ip(47, &[0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1]), &[OUTER, "GRE key 7"]),
        (RAW, in_ip(47, &with_ether(&[0x20, 0, 0x65, 0x58, 0, 0, 42, 0])), &[OUTER, "NVGRE 42"]),
        (RAW, in_ip(47, &with_ether(&[0, 0, 0x88, 0xbe])), &[OUTER, "GRE"]),
        (
            RAW,
            in_ip(47, &with_ether(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 10, 0, 0, 0, 0])),
            &[OUTER, "GRE", "ERSPAN session 10"],
        ),
        (
            RAW,
            in_ip(
                47,
                &with_ether(&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0]),
            ),
            &[OUTER, "GRE", "ERSPAN session 10"],
        ),
        (RAW, in_ip(97, &with_ether(&[0x30, 0])), &[OUTER, "EtherIP"]),
        (RAW, in_ip(137, &[0, 1, 1, 64]), &[OUTER, "MPLS 16"]),
        (RAW, in_udp(4789, &with_ether(&[8, 0, 0, 0, 0, 0, 42, 0])), &[OUTER, "VXLAN 42"]),
        (RAW, in_udp(4790, &[0x0c, 0, 0, 1, 0, 0, 42, 0]), &[OUTER, "VXLAN 42"]),
        (
            RAW,
            in_udp(4790, &[0x0c, 0, 0, 4, 0, 0, 42, 0, 0, 2, 1, 1, 0, 0, 9, 1]),
            &[OUTER, "VXLAN 42", "NSH path 9"],
        ),
        (RAW, in_udp(6081, &with_ether(&[1, 0, 0x65, 0x58, 0, 0, 42, 0, 0, 0, 0, 0])), &[OUTER, "Geneve 42"]),
        (RAW, in_udp(2152, &[0x30, 255, 0, 0, 0, 0, 0, 7]), &[OUTER, "GTP-U TEID 0x7"]),
        (
            RAW,
            Box::new(|packet| in_udp(3544, &[0, 0, 1, 2, 3, 4, 5, 6])(&ipv6(4, packet))),
            &[OUTER, "Teredo", "IPv6 2001:db8::1 to 2001:db8::2"],
        ),
        (RAW, in_udp(1701, &[0, 2, 0, 5, 0, 6, 0xff, 3, 0, 0x21]), &[OUTER, "L2TP tunnel 5, session 6"]),
        (RAW, in_udp(4341, &[0; 8]), &[OUTER, "LISP"]),
        (RAW, in_udp(6635, &[0, 1, 1, 64]), &[OUTER, "MPLS 16"]),
        (RAW, in_udp(5247, &with_ether(&[0, 0x10, 0x02, 0, 0, 0, 0, 0])), &[OUTER, "CAPWAP"]),
        (
            RAW,
            in_udp(5247, &[&[0, 0x20, 0x43, 0x20, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0][..], &wifi].concat()),
            &[OUTER, "CAPWAP"],
        ),
        (RAW, in_udp(5247, &[&[0, 0x10, 0x43, 0, 0, 0, 0, 0][..], &swapped].concat()), &[OUTER, "CAPWAP"]),
        (RAW, in_udp(37008, &with_ether(&[1, 0, 0, 1, 1])), &[OUTER, "TZSP"]),
    ]
}

#[test]
fn a_connection_is_found_inside_every_link_layer_and_tunnel() {
    for (number, (link_type, wrap, expected)) in wrappings().into_iter().enumerate() {
        let frames: Vec<_> = packets().iter().map(|packet| wrap(packet)).collect();
        let (messages, tunnel, notices) = told(link_type, &frames);
        assert_eq!(
            (messages, tunnel.as_slice(), notices.len()),
            (2, words(expected).as_slice(), 0),
            "wrapping {number}, link type {link_type}, {notices:?}"
        );
    }
}

fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn tunnels_stand_in_tunnels_and_no_deeper_than_is_sane() {
    let wrap = |packet: &[u8]| {
        let vxlan = in_udp(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet(0x0800)].concat());
        in_udp(2152, &[0x30, 255, 0, 0, 0, 0, 0, 7])(&vxlan(packet))
    };
    let frames: Vec<_> = packets().iter().map(|packet| wrap(packet)).collect();
    let (messages, tunnel, _) = told(101, &frames);
    assert_eq!((messages, tunnel), (2, words(&[OUTER, "GTP-U TEID 0x7", OUTER, "VXLAN 42"])));
    let buried = (0..1000).fold(packets().remove(2), |packet, _| ipv4(4, &packet));
    assert_eq!(told(101, &[buried]).0, 0);
}

#[test]
fn both_directions_may_travel_in_different_tunnels() {
    let frames: Vec<_> = packets()
        .iter()
        .enumerate()
        .map(|(index, packet)| in_udp(2152, &[0x30, 255, 0, 0, 0, 0, 0, index as u8])(packet))
        .collect();
    assert_eq!(told(101, &frames).0, 2);
}

#[test]
fn several_packets_in_one_frame_are_all_read() {
    let mut frame = [&[0x88, 2][..], &[0; 22], &[0x80, 0]].concat();
    for packet in packets() {
        frame.resize(26 + (frame.len() - 26).next_multiple_of(4), 0);
        frame.extend([0; 12]);
        frame.extend((8 + packet.len() as u16).to_be_bytes());
        frame.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        frame.extend(packet);
    }
    assert_eq!(told(105, &[frame]).0, 2);
}

#[test]
fn what_is_encrypted_or_unknown_is_said_once() {
    let mut frame = [&[0x88, 0x42][..], &[0; 24], &[7; 60]].concat();
    frame[24] = 0;
    let (messages, _, notices) = told(105, &[frame.clone(), frame]);
    assert_eq!((messages, notices.len()), (0, 1), "{notices:?}");
    let (_, _, notices) = told(220, &[vec![0; 64], vec![0; 64]]);
    assert_eq!(notices, ["packets of link type 220 are not read"]);
}

/// A packet in fragments of so many bytes.
fn fragmented(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (head, payload) = packet.split_at(20);
    let count = payload.chunks(size).count();
    let pieces = payload.chunks(size).enumerate().map(|(index, piece)| {
        let mut head = head.to_vec();
        head[2..4].copy_from_slice(&(20 + piece.len() as u16).to_be_bytes());
        let more = if index + 1 < count { 0x2000 } else { 0 };
        head[6..8].copy_from_slice(&((index * size / 8) as u16 | more).to_be_bytes());
        [head, piece.to_vec()].concat()
    });
    pieces.collect()
}

#[test]
fn fragments_are_put_together_inside_and_outside_of_tunnels() {
    let vxlan = in_udp(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet(0x0800)].concat());
    for reversed in [false, true] {
        let mut frames = Vec::new();
        for (number, mut packet) in packets().into_iter().enumerate() {
            packet[5] = number as u8;
            // The packet itself in pieces, each of them in a tunnel, and the tunnel's packets in pieces again.
            for (piece_number, piece) in fragmented(&packet, 16).iter().enumerate() {
                let mut outer = vxlan(piece);
                outer[4] = number as u8 + 1;
                outer[5] = piece_number as u8;
                let mut pieces = fragmented(&outer, 24);
                if reversed {
                    pieces.reverse();
                }
                frames.extend(pieces);
            }
        }
        let (messages, tunnel, notices) = told(101, &frames);
        assert_eq!((messages, tunnel), (2, words(&[OUTER, "VXLAN 42"])), "{notices:?}");
    }
}

#[test]
fn fragments_that_never_come_are_said() {
    let packet = packets().remove(2);
    let mut pieces = fragmented(&packet, 16);
    pieces.remove(1);
    let (messages, _, notices) = told(101, &pieces);
    assert_eq!(messages, 0);
    assert_eq!(
        notices,
        ["IP fragments from 10.0.0.1 to 10.0.0.2 were not put together: not all of them are in the capture"]
    );
}

#[test]
fn every_cut_and_every_flipped_bit_of_every_wrapping_is_read() {
    let limits = Limits { fragments_total: 4096, fragmented_datagrams: 4, ..Limits::default() };
    for (link_type, wrap, _) in wrappings() {
        let frame = wrap(&packets()[2][..60]);
        let mut dissector = Dissector::new(Settings { limits, packets: true, ..Settings::default() });
        let mut number = 0;
        let mut push = |bytes: &[u8]| {
            number += 1;
            dissector.push(Input::Frame(Frame {
                number: FrameNumber::new(number).unwrap(),
                time: Timestamp::from_nanoseconds(number as i64),
                link_type: LinkType(link_type),
                wire_length: bytes.len() as u32,
                bytes,
            }));
            while dissector.poll().is_some() {}
            assert!(dissector.held_bytes() <= 4096 + limits.out_of_order_total);
        };
        for place in 0..frame.len() {
            push(&frame[..place]);
            for bit in 0..8 {
                let mut flipped = frame.clone();
                flipped[place] ^= 1 << bit;
                push(&flipped);
            }
        }
        dissector.finish();
        while dissector.poll().is_some() {}
        assert_eq!(dissector.held_bytes(), 0);
    }
}
