//! pcapng: each kind of block, and what is passed over.

use mtlscope_dissect::input::SecretOrigin;
use mtlscope_sources::decryption_secrets;

use crate::build::{
    KEY_LOG, Order, TLS_KEY_LOG, block, enhanced, interface, option, secrets, section, simple, small_pcap,
    small_pcapng,
};
use crate::{Scratch, hear, read};

#[test]
fn reads_every_kind_of_packet_block() {
    let heard = read(&small_pcapng()).unwrap();
    let got: Vec<_> =
        heard.frames.iter().map(|f| (f.number, f.nanoseconds, f.wire_length, f.bytes.clone())).collect();
    let second = 1_000_000_000;
    assert_eq!(
        got,
        // A simple packet has no time and keeps that of the packet before.
        [(1, second, 60, vec![1; 5]), (2, second, 60, vec![2; 40]), (3, 3 * second, 60, vec![3; 8])]
    );
    assert_eq!(heard.secrets.as_bytes(), KEY_LOG);
    assert_eq!(heard.origins, [SecretOrigin::DecryptionSecretsBlock]);
    assert!(heard.notices.is_empty(), "{:?}", heard.notices);
}

#[test]
fn gives_each_interface_its_link_type_clock_and_offset() {
    for order in Order::BOTH {
        let capture = [
            section(order),
            interface(order, 1, 0, &[option(order, 2, b"eth0"), option(order, 9, &[9])]),
            interface(order, 113, 0, &[option(order, 9, &[0x80 | 10]), option(order, 14, &order.u64(100))]),
            interface(order, 101, 0, &[option(order, 14, &order.u64(-5_i64 as u64)), option(order, 0, &[])]),
            enhanced(order, 0, 1 << 40, 1, b"a"),
            enhanced(order, 1, 3 << 9, 1, b"b"),
            enhanced(order, 2, 7_000_000, 1, b"c"),
        ]
        .concat();
        let heard = read(&capture).unwrap();
        let got: Vec<_> = heard.frames.iter().map(|f| (f.link_type, f.nanoseconds)).collect();
        assert_eq!(got, [(1, 1 << 40), (113, 101_500_000_000), (101, 2_000_000_000)], "{order:?}");
        assert!(heard.notices.is_empty(), "{:?}", heard.notices);
    }
}

#[test]
fn reads_sections_of_different_byte_order_and_forgets_the_interfaces_of_the_first() {
    for (first, second) in [(Order::Little, Order::Big), (Order::Big, Order::Little)] {
        let capture = [
            section(first),
            interface(first, 1, 0, &[]),
            interface(first, 1, 0, &[]),
            enhanced(first, 1, 1, 3, b"one"),
            section(second),
            interface(second, 12, 0, &[]),
            enhanced(second, 0, 2, 3, b"two"),
            enhanced(second, 1, 2, 3, b"bad"),
            enhanced(second, 0, 2, 5, b"three"),
        ]
        .concat();
        let heard = read(&capture).unwrap();
        let got: Vec<_> = heard.frames.iter().map(|f| (f.number, f.link_type, &f.bytes[..])).collect();
        assert_eq!(got, [(1, 1, &b"one"[..]), (2, 12, b"two"), (3, 12, b"three")]);
        let [notice] = &heard.notices[..] else { panic!("{:?}", heard.notices) };
        assert!(notice.contains("interface 1, which the capture does not describe"), "{notice}");
    }
}

#[test]
fn cuts_a_simple_packet_to_the_snaplen_and_the_block() {
    let order = Order::Little;
    for (snaplen, wire, stored, expected) in [(0, 3, 3, 3), (2, 3, 4, 2), (100, 3, 3, 3), (0, 99, 8, 8)] {
        let capture =
            [section(order), interface(order, 1, snaplen, &[]), simple(order, wire, &vec![9; stored])]
                .concat();
        let frames = read(&capture).unwrap().frames;
        assert_eq!((frames[0].bytes.len(), frames[0].wire_length), (expected, wire));
    }
}

#[test]
fn passes_over_a_broken_packet_block_and_says_so() {
    let order = Order::Little;
    let mut claims_too_much = enhanced(order, 0, 0, 8, b"too much");
    claims_too_much[20] = 9;
    let mut ends_differ = enhanced(order, 0, 0, 4, b"ends");
    *ends_differ.last_mut().unwrap() = 1;
    let capture = [
        section(order),
        simple(order, 4, b"none"),
        interface(order, 1, 0, &[]),
        claims_too_much,
        ends_differ,
        block(order, 6, b"short"),
        enhanced(order, 0, 0, 4, b"good"),
    ]
    .concat();
    let heard = read(&capture).unwrap();
    let got: Vec<_> = heard.frames.iter().map(|f| &f.bytes[..]).collect();
    assert_eq!(got, [b"ends", b"good"]);
    let expected = ["before any interface", "claims 9 bytes of packet in 40", "only 20 bytes long"];
    assert_eq!(heard.notices.len(), expected.len(), "{:#?}", heard.notices);
    for (notice, expected) in heard.notices.iter().zip(expected) {
        assert!(notice.contains(expected), "{notice}");
    }
}

#[test]
fn reads_blocks_that_are_not_padded() {
    let order = Order::Little;
    let mut unpadded = order.words(&[2, 37, 0, 0, 0, 5, 5]);
    unpadded.extend(b"bytes");
    unpadded.extend(order.u32(37));
    let capture = [section(order), interface(order, 1, 0, &[]), unpadded.clone(), unpadded].concat();
    let heard = read(&capture).unwrap();
    assert_eq!(heard.frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>(), [b"bytes"; 2]);
    assert!(heard.notices.is_empty(), "{:?}", heard.notices);
}

#[test]
fn tells_the_first_oddities_and_counts_the_rest() {
    let order = Order::Little;
    let mut capture = section(order);
    for _ in 0..50 {
        capture.extend(enhanced(order, 3, 0, 1, b"x"));
    }
    let heard = read(&capture).unwrap();
    assert_eq!(heard.notices.len(), 21);
    assert!(heard.notices[20].starts_with("30 more"), "{}", heard.notices[20]);
}

#[test]
fn passes_over_secrets_of_another_kind_and_says_which() {
    let order = Order::Little;
    let capture = [
        section(order),
        secrets(order, 0x5747_4b4c, b"LOCAL_STATIC_PRIVATE_KEY = x"),
        secrets(order, 0x1234_5678, b"x"),
        secrets(order, TLS_KEY_LOG, KEY_LOG),
    ]
    .concat();
    let heard = read(&capture).unwrap();
    assert_eq!(heard.secrets.as_bytes(), KEY_LOG);
    let [wireguard, unknown] = &heard.notices[..] else { panic!("{:?}", heard.notices) };
    assert!(wireguard.contains("a WireGuard key log") && unknown.contains("0x12345678"));
    assert!(!wireguard.contains("PRIVATE"));
}

#[test]
fn hands_out_a_large_key_log_in_pieces_of_whole_lines() {
    let order = Order::Little;
    let mut text = String::new();
    while text.len() < 3 << 20 {
        text += &format!("CLIENT_RANDOM {:064x} {:096x}\n", text.len(), 7);
    }
    let capture = [
        section(order),
        interface(order, 1, 0, &[]),
        secrets(order, TLS_KEY_LOG, text.as_bytes()),
        enhanced(order, 0, 0, 1, b"x"),
    ]
    .concat();
    let file = Scratch::new("large-key-log.pcapng", &capture);
    let mut ahead = decryption_secrets(&file.0).unwrap();
    assert!(ahead.texts().len() > 1);
    assert!(ahead.texts().all(|text| text.ends_with(b"\n") && text.len() <= 1 << 20));
    assert_eq!(hear(&mut ahead).secrets, text);
    let heard = read(&capture).unwrap();
    assert!(heard.secrets == text && heard.frames.len() == 1 && heard.notices.is_empty());
}

#[test]
fn finds_ahead_the_secrets_that_come_after_the_packets() {
    let order = Order::Little;
    let late = [small_pcapng(), section(order), secrets(order, TLS_KEY_LOG, b"LATE 00 11\n")].concat();
    let file = Scratch::new("late.pcapng", &late);
    let mut ahead = decryption_secrets(&file.0).unwrap();
    assert_eq!(ahead.texts().collect::<Vec<_>>(), [KEY_LOG, b"LATE 00 11\n"]);
    assert!(!format!("{ahead:?}").contains("LATE"));
    assert_eq!(hear(&mut ahead).origins, [SecretOrigin::DecryptionSecretsBlock; 2]);

    let file = Scratch::new("without.pcap", &small_pcap());
    assert_eq!(decryption_secrets(&file.0).unwrap().texts().len(), 0);
}

#[test]
fn passes_over_a_large_block_of_no_concern() {
    let order = Order::Little;
    let capture = [
        section(order),
        block(order, 0x0bad, &vec![0; 40 << 20]),
        interface(order, 1, 0, &[]),
        enhanced(order, 0, 0, 1, b"x"),
    ]
    .concat();
    let heard = read(&capture).unwrap();
    assert_eq!((heard.frames.len(), heard.notices.len()), (1, 0));
}

#[test]
fn passes_over_a_packet_longer_than_any() {
    let order = Order::Little;
    let capture = [
        section(order),
        interface(order, 1, 0, &[]),
        enhanced(order, 0, 0, 1, &vec![0; 17 << 20]),
        enhanced(order, 0, 0, 1, b"x"),
    ]
    .concat();
    let heard = read(&capture).unwrap();
    assert_eq!((heard.frames.len(), heard.notices.len()), (1, 1), "{:?}", heard.notices);
}
