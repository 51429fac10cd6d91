//! Hellos of SSL 2, suites that do not encrypt, and heartbeats.

use crate::packets::{ACK, Wire, client_hello, message, record, server_hello};

/// A hello of SSL 2 that offers TLS 1.0 (or `version`) with TLS_RSA_WITH_NULL_SHA256 and a cipher of SSL 2.
fn ssl2_hello(version: [u8; 2]) -> Vec<u8> {
    let mut hello = vec![0x80, 9 + 6 + 16, 1, version[0], version[1], 0, 6, 0, 0, 0, 16];
    hello.extend([0, 0, 0x3b, 1, 0, 0x80]);
    hello.extend([7; 16]);
    hello
}

#[test]
fn a_hello_of_ssl_2_leads_to_tls_wherever_it_is_cut() {
    let hello = ssl2_hello([3, 1]);
    let end = 101 + hello.len() as u32;
    let answer = server_hello();
    let told = |cut: usize| {
        Wire::connected()
            .client(ACK, 101, 501, &hello[..cut])
            .client(ACK, 101 + cut as u32, 501, &hello[cut..])
            .server(ACK, 501, end, &answer)
            .client(ACK, end, 501 + answer.len() as u32, &record(21, &[2, 40]))
            .told()
    };
    for cut in 1..hello.len() {
        assert_eq!(told(cut), ["1 Opened", "1 1 @4", "1 2 @5", "1 alert 40 @6"], "cut at {cut}");
    }
}

#[test]
fn what_follows_in_ssl_2_is_not_read() {
    let hello = ssl2_hello([0, 2]);
    let end = 101 + hello.len() as u32;
    // A SERVER-HELLO, and behind it what would read as an alert.
    let answer = [&[0x84, 0x29, 4, 0, 1, 0, 2, 3, 0xf7][..], &record(21, &[2, 40])].concat();
    let wire = Wire::connected().client(ACK, 101, 501, &hello).server(ACK, 501, end, &answer).client(
        ACK,
        end,
        501 + answer.len() as u32,
        &record(21, &[2, 40]),
    );
    assert_eq!(wire.told(), ["1 Opened", "1 1 @3"]);
}

#[test]
fn bytes_that_only_begin_like_ssl_2_are_no_connection() {
    let hello = ssl2_hello([3, 1]);
    for place in 0..11 {
        let mut changed = hello.clone();
        changed[place] ^= 0x55;
        assert!(Wire::connected().client(ACK, 101, 501, &changed).told().is_empty(), "byte {place}");
    }
}

#[test]
fn a_suite_that_does_not_encrypt_is_read_without_a_key() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    // TLS_RSA_WITH_NULL_SHA256: a MAC of 32 bytes behind the content.
    let null = message(2, &[&[3, 3][..], &[8; 32], &[0, 0, 0x3b, 0]].concat());
    let with_mac = |content: &[u8]| [content, &[9; 32]].concat();
    let flight = [record(20, &[1]), record(21, &with_mac(&[2, 40])), record(21, &[1; 7])].concat();
    let wire = Wire::connected().client(ACK, 101, 501, &hello).server(ACK, 501, end, &null).client(
        ACK,
        end,
        501 + null.len() as u32,
        &flight,
    );
    assert_eq!(wire.told(), ["1 Opened", "1 1 @3", "1 2 @4", "1 CCS @5", "1 alert 40 @5", "1 sealed 21 @5"]);
}

#[test]
fn heartbeats_are_told_and_the_rest_of_many_is_counted() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let flood: Vec<u8> = (0..40).flat_map(|_| record(24, &[1, 0x40, 0])).collect();
    let wire = Wire::connected().client(ACK, 101, 501, &hello).client(ACK, end, 501, &flood);
    let told = wire.told();
    assert_eq!(told[..3], ["1 Opened", "1 1 @3", "1 heartbeat 16384 @4"]);
    assert_eq!(told.len(), 2 + 16);
}
