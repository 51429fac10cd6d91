//! Talks of every protocol, as they are seen on the wire, and what is told of them.

use super::*;
use crate::evidence::FrameNumber;
use crate::reassembly::At;
use crate::side::Side;
use crate::time::Timestamp;

const CLIENT: usize = 1;

/// A talk: `>` before what the client says, `<` before what the server says, a frame each.
fn talk(said: &[(char, &[u8])]) -> Talk {
    let mut talk = Talk::default();
    let mut offsets = [0; 2];
    for (number, (direction, bytes)) in said.iter().enumerate() {
        let sender = if *direction == '>' { CLIENT } else { 1 - CLIENT };
        let at = At { frame: FrameNumber::new(number as u64 + 1), time: Timestamp::default() };
        assert!(talk.add(sender, bytes, offsets[sender], at));
        offsets[sender] += bytes.len() as u64;
    }
    talk
}

/// What is told of a talk: `SMTP Agreed`, then its steps with their frames.
fn told(said: &[(char, &[u8])]) -> Vec<String> {
    assert!(may_begin(said[0].1), "its first bytes do not promise anything");
    let mut told = Vec::new();
    for preamble in read(&talk(said), CLIENT) {
        let mut line = format!("{} {:?}", preamble.protocol, preamble.result);
        if let Some(source) = &preamble.source {
            line += &format!(" from {source}");
        }
        if let Some(destination) = &preamble.destination {
            line += &format!(" to {destination}");
        }
        told.push(line);
        for step in &preamble.steps {
            let side = if step.evidence.side == Side::Client { '>' } else { '<' };
            told.push(format!("{side}{} @{}", step.text, step.evidence.frame.unwrap()));
        }
    }
    told
}

#[test]
fn mail_asks_in_lines() {
    assert_eq!(
        told(&[
            ('<', b"220 mail ESMTP\r\n"),
            ('>', b"EHLO me\r\n"),
            ('<', b"250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"),
            ('>', b"STARTTLS\r\n"),
            ('<', b"220 2.0.0 Ready to start TLS\r\n"),
        ]),
        ["SMTP Agreed", "<220 mail ESMTP @1", ">STARTTLS @4", "<220 2.0.0 Ready to start TLS @5"]
    );
    assert_eq!(
        told(&[
            ('<', b"220 x\r\n"),
            ('>', b"LHLO me\r\n"),
            ('<', b"250 STARTTLS\r\n"),
            ('>', b"starttls\r\n"),
            ('<', b"454 no\r\n")
        ]),
        ["LMTP Refused", "<220 x @1", ">starttls @4", "<454 no @5"]
    );
    assert_eq!(
        told(&[
            ('<', b"* OK [CAPABILITY STARTTLS] hello\r\n"),
            ('>', b"a1 CAPABILITY\r\n"),
            ('<', b"* CAPABILITY STARTTLS\r\na1 OK\r\n"),
            ('>', b"a2 STARTTLS\r\n"),
            ('<', b"* news\r\na2 OK begin\r\n"),
        ]),
        ["IMAP Agreed", "<* OK [CAPABILITY STARTTLS] hello @1", ">a2 STARTTLS @4", "<a2 OK begin @5"]
    );
    assert_eq!(
        told(&[('<', b"+OK hi\r\n"), ('>', b"STLS\r\n"), ('<', b"-ERR no\r\n")]),
        ["POP3 Refused", "<+OK hi @1", ">STLS @2", "<-ERR no @3"]
    );
    assert_eq!(
        told(&[('<', b"220-a\r\n220 ftp\r\n"), ('>', b"AUTH TLS\r\n"), ('<', b"234 go\r\n")]),
        ["FTP Agreed", "<220-a @1", ">AUTH TLS @2", "<234 go @3"]
    );
    assert_eq!(
        told(&[('<', b"200 news\r\n"), ('>', b"STARTTLS\r\n"), ('<', b"382 go\r\n")]),
        ["NNTP Agreed", "<200 news @1", ">STARTTLS @2", "<382 go @3"]
    );
    assert_eq!(
        told(&[
            ('<', b"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK\r\n"),
            ('>', b"STARTTLS\r\n"),
            ('<', b"OK\r\n")
        ]),
        ["ManageSieve Agreed", "<\"IMPLEMENTATION\" \"x\" @1", ">STARTTLS @2", "<OK @3"]
    );
    assert_eq!(
        told(&[('<', b":irc NOTICE * :hi\r\n"), ('>', b"STARTTLS\r\n"), ('<', b":irc 670 * :go\r\n")]),
        ["IRC Agreed", "<:irc NOTICE * :hi @1", ">STARTTLS @2", "<:irc 670 * :go @3"]
    );
}

#[test]
fn nothing_is_told_of_who_does_not_ask() {
    let mail: [(char, &[u8]); 3] =
        [('<', b"220 mail\r\n"), ('>', b"EHLO me\r\n"), ('<', b"250 STARTTLS\r\n")];
    assert!(told(&mail).is_empty());
    // A command that names TLS in passing is no request.
    assert!(
        told(&[('<', b"* OK hi\r\n"), ('>', b"a1 LOGIN starttls secret\r\n"), ('<', b"a1 OK\r\n")])
            .is_empty()
    );
}

#[test]
fn xmpp_asks_in_elements() {
    assert_eq!(
        told(&[
            ('>', b"<?xml version='1.0'?><stream:stream to='example.net' xmlns='jabber:client'>"),
            ('<', b"<stream:stream><stream:features><starttls/></stream:features>"),
            ('>', b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            ('<', b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        ]),
        ["XMPP Agreed", "><stream:stream> to example.net @1", "><starttls/> @3", "<<proceed/> @4"]
    );
}

#[test]
fn databases_and_directories_ask_in_bytes() {
    assert_eq!(
        told(&[('>', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), ('<', b"S")]),
        ["PostgreSQL Agreed", ">SSLRequest @1", "<S (willing to use TLS) @2"]
    );
    assert_eq!(
        told(&[
            ('>', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x30]),
            ('<', b"N"),
            ('>', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]),
            ('<', b"N"),
        ]),
        ["PostgreSQL Refused", ">SSLRequest @3", "<N (unwilling to use TLS) @4"]
    );
    let mut request = vec![0x20, 0, 0, 1, 0x85, 0xae];
    request.resize(36, 0);
    assert_eq!(
        told(&[('<', b"\x4a\0\0\0\x0a8.0.36\0rest"), ('>', &request)]),
        ["MySQL Agreed", "<greeting of server version 8.0.36 @1", ">SSLRequest @2"]
    );
    let start_tls = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
    assert_eq!(
        told(&[('>', start_tls), ('<', b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")]),
        ["LDAP Agreed", ">StartTLS request @1", "<StartTLS response: success @2"]
    );
    assert_eq!(
        told(&[('>', start_tls), ('<', b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x02\x04\x00\x04\x02no")]),
        ["LDAP Refused", ">StartTLS request @1", "<StartTLS response: result code 2, no @2"]
    );
    let prelogin = |kind: u8, encryption: u8| {
        let options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 9, 0, 0, 0, 0, 0, encryption];
        [&[kind, 1, 0, 26, 0, 0, 1, 0][..], &options].concat()
    };
    assert_eq!(
        told(&[('>', &prelogin(0x12, 1)), ('<', &prelogin(4, 3))]),
        ["TDS Agreed", ">PRELOGIN: encryption yes @1", "<PRELOGIN response: encryption required @2"]
    );
}

#[test]
fn remote_desktops_negotiate() {
    let packet = |code: u8, kind: u8, number: u8| {
        vec![3, 0, 0, 19, 14, code, 0, 0, 0, 0, 0, kind, 0, 8, 0, number, 0, 0, 0]
    };
    assert_eq!(
        told(&[('>', &packet(0xe0, 1, 3)), ('<', &packet(0xd0, 2, 2))]),
        ["RDP Agreed", ">Connection Request: offers TLS, CredSSP @1", "<Connection Confirm: CredSSP @2"]
    );
    assert_eq!(
        told(&[('>', &packet(0xe0, 1, 1)), ('<', &packet(0xd0, 3, 5))]),
        [
            "RDP Refused",
            ">Connection Request: offers TLS @1",
            "<Negotiation Failure: the server requires CredSSP @2"
        ]
    );
}

#[test]
fn proxies_say_where_it_goes() {
    assert_eq!(
        told(&[
            ('>', b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n"),
            ('<', b"HTTP/1.1 407 Who are you?\r\nContent-Length: 2\r\n\r\nno"),
            ('>', b"CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n"),
            ('<', b"HTTP/1.1 200 Connection established\r\n\r\n"),
        ]),
        [
            "HTTP proxy Agreed to a.example:443",
            ">CONNECT a.example:443 HTTP/1.1 @1",
            "<HTTP/1.1 407 Who are you? @2",
            ">CONNECT a.example:443 HTTP/1.1 @3",
            "<HTTP/1.1 200 Connection established @4",
        ]
    );
    assert_eq!(
        told(&[('>', b"\x04\x01\x01\xbb\0\0\0\x01me\0a.example\0"), ('<', &[0, 90, 0, 0, 0, 0, 0, 0])]),
        ["SOCKS 4 Agreed to a.example:443", ">CONNECT a.example:443 @1", "<request granted @2"]
    );
    assert_eq!(
        told(&[
            ('>', &[5, 2, 0, 2]),
            ('<', &[5, 2]),
            ('>', b"\x01\x02me\x06secret"),
            ('<', &[1, 0]),
            ('>', b"\x05\x01\0\x03\x09a.example\x01\xbb"),
            ('<', &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ]),
        [
            "SOCKS 5 Agreed to a.example:443",
            ">greeting @1",
            ">user name and password @3",
            ">CONNECT a.example:443 @5",
            "<succeeded @6"
        ]
    );
}

#[test]
fn a_load_balancer_says_who_calls_and_the_talk_goes_on() {
    assert_eq!(
        told(&[
            ('>', b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 143\r\n"),
            ('<', b"* OK hi\r\n"),
            ('>', b"a STARTTLS\r\n"),
            ('<', b"a OK\r\n"),
        ]),
        [
            "PROXY protocol 1 Agreed from 192.0.2.1:40000 to 192.0.2.2:143",
            ">PROXY from 192.0.2.1:40000 to 192.0.2.2:143 @1",
            "IMAP Agreed",
            "<* OK hi @2",
            ">a STARTTLS @3",
            "<a OK @4",
        ]
    );
    let second =
        [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x40, 1, 0xbb]]
            .concat();
    assert_eq!(
        told(&[('>', &second)]),
        [
            "PROXY protocol 2 Agreed from 192.0.2.1:40000 to 192.0.2.2:443",
            ">PROXY from 192.0.2.1:40000 to 192.0.2.2:443 @1"
        ]
    );
    assert_eq!(ahead_of_hello(&second, true), Some(second.len()));
}

#[test]
fn what_is_cut_or_flipped_is_read_without_harm() {
    let talks: [&[(char, &[u8])]; 8] = [
        &[('<', b"220 mail ESMTP\r\n"), ('>', b"STARTTLS\r\n"), ('<', b"220 go\r\n")],
        &[('>', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), ('<', b"S")],
        &[
            ('<', b"\x4a\0\0\0\x0a8.0.36\0rest"),
            ('>', b"\x20\0\0\x01\x85\xae\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ],
        &[
            ('>', b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"),
            ('<', b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
        ],
        &[
            ('>', &[0x12, 1, 0, 26, 0, 0, 1, 0, 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 9, 0, 0, 0, 0, 0, 1]),
            ('<', &[4, 1, 0, 26]),
        ],
        &[('>', &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0])],
        &[
            ('>', &[5, 1, 2]),
            ('<', &[5, 2]),
            ('>', b"\x01\x02me\x02pw"),
            ('<', &[1, 0]),
            ('>', b"\x05\x01\0\x03\x01a\x01\xbb"),
            ('<', &[5, 0, 0, 4]),
        ],
        &[('>', b"\x04\x01\x01\xbb\0\0\0\x01me\0a\0"), ('<', &[0, 90, 0, 0, 0, 0, 0, 0])],
    ];
    for said in talks {
        for (turn, (_, bytes)) in said.iter().enumerate() {
            for place in 0..bytes.len() {
                let mut cut = said.to_vec();
                cut[turn].1 = &bytes[..place];
                cut.retain(|(_, bytes)| !bytes.is_empty());
                read(&talk(&cut), CLIENT);
                for bit in 0..8 {
                    let mut flipped = bytes.to_vec();
                    flipped[place] ^= 1 << bit;
                    let mut said = said.to_vec();
                    said[turn].1 = &flipped;
                    read(&talk(&said), CLIENT);
                    may_begin(&flipped);
                    ahead_of_hello(&flipped, true);
                }
            }
        }
    }
}

#[test]
fn records_are_taken_out_of_packets_of_tds_wherever_these_are_cut() {
    let stream =
        [&[0x12, 0, 0, 11, 0, 0, 0, 0][..], b"abc", &[0x12, 1, 0, 10, 0, 0, 1, 0], b"de", &[0x17], b"raw"]
            .concat();
    for cut in 0..stream.len() {
        let mut unwrap = tds::Unwrap::default();
        let (mut content, mut heads) = (Vec::new(), 0);
        for mut part in [&stream[..cut], &stream[cut..]] {
            while let Some((skipped, bytes)) = unwrap.next(&mut part) {
                heads += skipped;
                content.extend_from_slice(bytes);
            }
        }
        assert_eq!((content.as_slice(), heads <= 16), (&b"abcde\x17raw"[..], true));
    }
}
