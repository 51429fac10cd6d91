//! What is told where every packet and every record is asked for.

use crate::packets::{ACK, FIN, PSH, SYN, Wire, client_hello, record, server_hello};

#[test]
fn each_packet_comes_before_what_it_brings_and_records_in_the_frame_that_ends_them() {
    let (hello, answer) = (client_hello(), server_hello());
    let behind = 101 + hello.len() as u32;
    let wire = Wire::connected()
        .client(ACK, 101, 501, &hello[..20])
        .client(ACK, 121, 501, &hello[20..])
        .server(ACK, 501, behind, &[&answer[..], &record(23, &[0; 9])].concat());
    assert_eq!(
        wire.told_in_full(),
        [
            "0 packet @1 of stream 0 seq 0 ack 0",
            "0 packet @2 of stream 0 seq 0 ack 1",
            "1 packet @3 of stream 0 seq 1 ack 1",
            "1 Opened",
            "1 packet @4 of stream 0 seq 21 ack 1",
            "1 record 22 @4",
            "1 1 @4",
            "1 packet @5 of stream 0 seq 1 ack 51",
            "1 record 22 @5",
            "1 2 @5",
            "1 record 23 @5",
            "1 sealed 23 @5",
        ]
    );
}

#[test]
fn the_same_is_told_of_connections_with_packets_and_without() {
    let wire = Wire::connected().client(ACK, 101, 501, &client_hello()).server(
        ACK,
        501,
        152,
        &[server_hello(), record(23, &[0; 900]), record(21, &[0; 30])].concat(),
    );
    let mut in_full = wire.told_in_full();
    in_full.retain(|word| !word.contains("packet") && !word.contains("record"));
    assert_eq!(in_full, wire.told());
}

#[test]
fn a_syn_with_another_number_begins_another_stream_and_one_sent_again_does_not() {
    let wire = Wire::connected()
        .client(SYN, 100, 0, &[])
        .client(SYN, 7000, 0, &[])
        .client(ACK | FIN, 7001, 1, &[])
        .client(SYN, 7000, 0, &[]);
    assert_eq!(
        wire.told_in_full(),
        [
            "0 packet @1 of stream 0 seq 0 ack 0",
            "0 packet @2 of stream 0 seq 0 ack 1",
            "0 packet @3 of stream 0 seq 0 ack 0",
            "0 packet @4 of stream 1 seq 0 ack 0",
            "0 packet @5 of stream 1 seq 1 ack 1",
            "0 packet @6 of stream 1 seq 0 ack 0",
        ]
    );
}

#[test]
fn what_is_sent_again_or_missing_is_remarked() {
    let wire = Wire::connected()
        .client(ACK, 101, 501, b"a whole line")
        .server(ACK, 501, 113, &[])
        .client(ACK, 101, 501, b"a whole line")
        .client(ACK, 130, 501, b"and the next")
        .server(ACK, 501, 113, &[])
        .client(ACK, 113, 501, b"and what was lost");
    let remarks = wire.analyses();
    assert!(remarks[4].spurious_retransmission, "{:?}", remarks[4]);
    assert!(remarks[5].lost_segment, "{:?}", remarks[5]);
    assert_eq!(remarks[6].duplicate_ack, Some((1, 4)));
    assert!(remarks[7].retransmission, "{:?}", remarks[7]);
    for plain in [0, 1, 2, 3] {
        assert!(!remarks[plain].is_flagged(), "{:?}", remarks[plain]);
    }
}

#[test]
fn what_is_acknowledged_under_way_and_repeated_is_told_with_its_frames() {
    const SECOND: i64 = 1_000_000_000;
    let wire = Wire::connected()
        .client(ACK, 101, 501, b"a whole line")
        .client(ACK | PSH, 113, 501, b"and another")
        .server(ACK, 501, 113, &[])
        .client(ACK, 200, 501, b"behind a hole")
        .server(ACK, 501, 113, &[])
        .client(ACK, 124, 501, b"and what was lost");
    let told = wire.analyses();
    assert_eq!(told[0].acknowledges, None);
    assert!(!told[0].says_something());
    assert_eq!(told[1].acknowledges, Some((1, SECOND)), "the SYN");
    assert_eq!(told[2].first_round_trip, Some(2 * SECOND));
    assert_eq!((told[2].bytes_in_flight, told[2].bytes_since_push), (Some(12), Some(12)));
    assert_eq!((told[3].bytes_in_flight, told[3].bytes_since_push), (Some(23), Some(23)));
    assert_eq!(told[4].acknowledges, Some((3, 2 * SECOND)));
    assert_eq!(told[5].bytes_in_flight, None, "nobody knows how much the hole had");
    assert_eq!(told[7].bytes_in_flight, Some(100), "from 113 to 213");
    assert_eq!(told[7].repeats, Some((6, 2 * SECOND)));
}
