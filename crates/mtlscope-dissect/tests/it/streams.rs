//! Lost, late and repeated packets, and connections of which one side was captured.

use crate::packets::{ACK, FIN, SYN, Wire, client_hello, message, record, server_hello};

#[test]
fn what_stands_behind_a_hole_keeps_the_frame_it_came_in() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let wire = Wire::connected()
        .client(ACK, 101, 501, &hello)
        .server(ACK, 1501, end, &record(21, &[2, 40]))
        .client(ACK, end, 1508, &record(21, &[1, 0]));
    assert_eq!(wire.told(), ["1 Opened", "1 1 @3", "1 alert 0 @5", "1 alert 40 @4"]);
}

#[test]
fn what_waited_for_a_late_packet_counts_where_that_came() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let answer = server_hello();
    let wire = Wire::connected()
        .client(ACK, 101, 501, &hello)
        .server(ACK, 501 + answer.len() as u32, end, &record(21, &[2, 40]))
        .server(ACK, 501, end, &answer);
    assert_eq!(wire.told(), ["1 Opened", "1 1 @3", "1 2 @5", "1 alert 40 @5"]);
}

#[test]
fn two_copies_that_differ_are_told_with_the_frames_of_both() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let (answer, mut other) = (server_hello(), server_hello());
    *other.last_mut().unwrap() ^= 1;
    let behind = 501 + answer.len() as u32;
    // Of what was read already, and of what still waits for its turn.
    let read = Wire::connected().client(ACK, 101, 501, &hello).server(ACK, 501, end, &answer);
    let told = read.server(ACK, 501, end, &other).told();
    let said = "1 at frame 5: bytes of the server were sent again, and not the same as in frame 4; those that came first were read";
    assert_eq!(told, ["1 Opened", "1 1 @3", "1 2 @4", said]);
    let waits =
        Wire::connected().client(ACK, 101, 501, &hello).server(ACK, behind, end, &record(21, &[2, 40]));
    let told = waits.server(ACK, behind, end, &record(21, &[2, 48])).server(ACK, 501, end, &answer).told();
    assert_eq!(told, ["1 Opened", "1 1 @3", said, "1 2 @6", "1 alert 40 @6"]);
}

#[test]
fn what_an_ended_connection_sends_again_is_no_new_connection() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let alert = record(21, &[0; 26]);
    let ended = Wire::connected()
        .client(ACK, 101, 501, &hello)
        .server(FIN | ACK, 501, end, &alert)
        .client(FIN | ACK, end, 533, &[])
        .client(ACK, end + 1, 533, &[])
        .client(ACK, end + 1, 533, &[])
        .server(FIN | ACK, 501, end, &alert)
        .server(FIN | ACK, 501, end, &alert);
    assert_eq!(ended.told().iter().filter(|word| word.ends_with("Opened")).count(), 1);
    let again = ended.client(SYN, 9000, 0, &[]).client(ACK, 9001, 1, &hello);
    assert_eq!(again.told().iter().filter(|word| word.ends_with("Opened")).count(), 2);
}

#[test]
fn a_second_answer_to_one_syn_changes_nothing() {
    let hello = client_hello();
    let end = 101 + hello.len() as u32;
    let wire = Wire::connected().client(ACK, 101, 501, &hello).server(SYN | ACK, 77_000, 101, &[]).server(
        ACK,
        501,
        end,
        &server_hello(),
    );
    assert_eq!(wire.told(), ["1 Opened", "1 1 @3", "1 2 @5"]);
}

#[test]
fn tls_is_found_behind_much_clear_text_of_the_other_side() {
    let clear = [b'x'; 1400];
    let mut wire = Wire::connected();
    for count in 0..60 {
        wire = wire.server(ACK, 501 + count * 1400, 101, &clear);
    }
    let end = 501 + 60 * 1400;
    let told = wire.client(ACK, 101, end, &client_hello()).server(ACK, end, 400, &server_hello()).told();
    assert_eq!(told, ["1 Opened", "1 1 @63", "1 2 @64"]);
}

#[test]
fn a_change_cipher_spec_seals_though_the_server_is_not_captured() {
    // The explicit nonce of AES-GCM begins with zeros, which read as HelloRequests.
    let finished = [&[0; 8][..], &[0x5a; 32]].concat();
    let flight = [message(16, &[32; 33]), record(20, &[1]), record(22, &finished)].concat();
    let hello = client_hello();
    let wire = Wire::default().client(SYN, 100, 0, &[]).client(ACK, 101, 501, &hello).client(
        ACK,
        101 + hello.len() as u32,
        900,
        &flight,
    );
    assert_eq!(wire.told(), ["1 Opened", "1 1 @2", "1 16 @3", "1 CCS @3", "1 sealed 22 @3"]);
}

#[test]
fn a_second_hello_behind_a_change_cipher_spec_is_read() {
    let hello = client_hello();
    let again = [record(20, &[1]), client_hello()].concat();
    let wire = Wire::default().client(SYN, 100, 0, &[]).client(ACK, 101, 501, &hello).client(
        ACK,
        101 + hello.len() as u32,
        900,
        &again,
    );
    assert_eq!(wire.told(), ["1 Opened", "1 1 @2", "1 CCS @3", "1 1 @3"]);
}
