//! What is said in clear before TLS, from packets to events.

use mtlscope_dissect::event::EventKind;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};

use crate::packets::{ACK, FIN, Wire, client_hello, server_hello};

/// A talk: `>` before what the client says, a packet each.
fn wire(said: &[(char, &[u8])]) -> Wire {
    let mut wire = Wire::connected();
    let (mut client, mut server) = (101, 501);
    for (direction, bytes) in said {
        let length = bytes.len() as u32;
        if *direction == '>' {
            wire = wire.client(ACK, client, server, bytes);
            client += length;
        } else {
            wire = wire.server(ACK, server, client, bytes);
            server += length;
        }
    }
    wire.client(FIN | ACK, client, server, &[]).server(FIN | ACK, server, client + 1, &[])
}

/// What is told: preambles, messages with their frames, and notices.
fn told(said: &[(char, &[u8])]) -> Vec<String> {
    let mut dissector = Dissector::new(Settings::default());
    let mut told = Vec::new();
    let packets = wire(said).into_packets();
    for (index, bytes) in packets.iter().enumerate() {
        dissector.push(Input::Frame(Frame {
            number: FrameNumber::new(index as u64 + 1).unwrap(),
            time: Timestamp::from_parts(1_800_000_000, index as u32),
            link_type: LinkType(101),
            wire_length: bytes.len() as u32,
            bytes,
        }));
    }
    dissector.finish();
    while let Some(event) = dissector.poll() {
        match event.kind {
            EventKind::Preamble(preamble) => {
                let steps: Vec<_> = preamble.steps.iter().map(|step| step.text.as_str()).collect();
                told.push(format!("{}: {}", preamble.protocol, steps.join(" / ")));
            }
            EventKind::Message(message) => {
                let arrow = if message.evidence.side == Side::Client { '>' } else { '<' };
                told.push(format!(
                    "{arrow}{} @{}",
                    message.handshake_type.0,
                    message.evidence.frame.unwrap()
                ));
            }
            EventKind::Notice(notice) => told.push(notice.kind.to_string()),
            _ => {}
        }
    }
    assert_eq!(dissector.held_bytes(), 0);
    told
}

#[test]
fn what_led_to_tls_is_told_before_it() {
    let (client, server) = (client_hello(), server_hello());
    let said = told(&[
        ('<', b"220 mail\r\n"),
        ('>', b"EHLO me\r\n"),
        ('<', b"250-mail\r\n250 STARTTLS\r\n"),
        ('>', b"STARTTLS\r\n"),
        ('<', b"220 go\r\n"),
        ('>', &client),
        ('<', &server),
    ]);
    assert_eq!(said, ["SMTP: 220 mail / STARTTLS / 220 go", ">1 @8", "<2 @9"]);
}

#[test]
fn a_hello_may_stand_in_the_same_segment_as_what_is_sent_ahead() {
    let (client, server) = (client_hello(), server_hello());
    let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n";
    assert_eq!(
        told(&[('>', &[&line[..], &client].concat()), ('<', &server)]),
        ["PROXY protocol 1: PROXY from 192.0.2.1:40000 to 192.0.2.2:443", ">1 @3", "<2 @4"]
    );
    let mut request = vec![0x20, 0, 0, 1, 0x85, 0xae];
    request.resize(36, 0);
    assert_eq!(
        told(&[('<', b"\x4a\0\0\0\x0a8.0.36\0rest"), ('>', &[request, client].concat()), ('<', &server)]),
        ["MySQL: greeting of server version 8.0.36 / SSLRequest", ">1 @4", "<2 @5"]
    );
}

#[test]
fn tls_is_taken_out_of_packets_of_tds() {
    let packet = |kind: u8, content: &[u8]| {
        let length = (8 + content.len() as u16).to_be_bytes();
        [&[kind, 1, length[0], length[1], 0, 0, 1, 0][..], content].concat()
    };
    let options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 9, 0, 0, 0, 0, 0, 1];
    let (client, server) = (client_hello(), server_hello());
    // The server's hello in two packets.
    let (first, second) = server.split_at(20);
    let said = told(&[
        ('>', &packet(0x12, &options)),
        ('<', &packet(4, &options)),
        ('>', &packet(0x12, &client)),
        ('<', &[packet(0x12, first), packet(0x12, second)].concat()),
    ]);
    assert_eq!(said, ["TDS: PRELOGIN: encryption yes / PRELOGIN response: encryption yes", ">1 @5", "<2 @6"]);
}

#[test]
fn a_refusal_is_a_notice_and_no_connection() {
    let said = told(&[('<', b"220 mail\r\n"), ('>', b"STARTTLS\r\n"), ('<', b"454 no certificate\r\n")]);
    assert_eq!(said, ["10.0.0.2:443 refused what 10.0.0.1:40000 asked for (SMTP): 454 no certificate"]);
    let said = told(&[('>', b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"), ('<', b"HTTP/1.1 403 No\r\n\r\n")]);
    assert_eq!(said, ["10.0.0.2:443 refused what 10.0.0.1:40000 asked for (HTTP proxy): HTTP/1.1 403 No"]);
    let mail: [(char, &[u8]); 3] =
        [('<', b"220 mail\r\n"), ('>', b"EHLO me\r\n"), ('<', b"250 STARTTLS\r\n")];
    assert!(told(&mail).is_empty());
}

#[test]
fn http_in_clear_is_told_only_where_the_server_says_that_it_wants_tls() {
    let request = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let away = b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port";
    let expected = ["the first 32 bytes from the client are no TLS, and the server wants TLS"];
    assert_eq!(told(&[('>', request), ('<', away)]), expected);
    for cut in 12..away.len() {
        let (head, rest) = away.split_at(cut);
        assert_eq!(
            told(&[('>', request), ('<', head), ('<', rest), ('>', request)]),
            expected,
            "cut at {cut}"
        );
    }
    let alert = [21, 3, 3, 0, 2, 2, 10];
    assert_eq!(told(&[('>', request), ('<', &alert)]), expected);

    let ordinary = b"HTTP/1.1 400 Bad Request\r\n\r\nno such thing";
    assert!(told(&[('>', request), ('<', ordinary)]).is_empty());
    assert!(
        told(&[('>', request), ('<', b"HTTP/1.1 200 OK\r\n\r\n"), ('>', request), ('<', away)]).is_empty()
    );
    // Nobody asked: whoever begins so is no server of HTTP.
    assert!(told(&[('<', away), ('>', request)]).is_empty());
}
