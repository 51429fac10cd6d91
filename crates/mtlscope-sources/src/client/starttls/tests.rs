//! Each protocol against servers that speak by a script: one that consents, and ones that do not.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::super::attempt::Log;
use super::super::{ClientError, Target};
use super::Starttls;
use crate::feed::Feed;

/// What a server does.
enum Act {
    /// Sends this.
    Say(&'static [u8]),
    /// Reads until this came.
    Hear(&'static [u8]),
    /// Closes the connection.
    Leave,
}

use Act::{Hear, Leave, Say};

/// Talks to a server with this script. What comes back is the outcome, and the first byte behind it.
fn talk(protocol: Starttls, script: Vec<Act>) -> Result<(), ClientError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for act in script {
            match act {
                // In pieces, as a network may.
                Say(bytes) => {
                    for piece in bytes.chunks(7) {
                        let _ = stream.write_all(piece);
                    }
                }
                Leave => return None,
                Hear(bytes) => {
                    let mut heard = Vec::new();
                    let mut byte = [0];
                    while !heard.ends_with(bytes) && matches!(stream.read(&mut byte), Ok(1)) {
                        heard.push(byte[0]);
                    }
                    assert!(heard.ends_with(bytes), "{:?}", String::from_utf8_lossy(&heard));
                }
            }
        }
        // A talk that went well ends with the first byte of TLS.
        let mut byte = [0];
        matches!(stream.read(&mut byte), Ok(1)).then_some(byte[0])
    });
    let mut stream = TcpStream::connect(address).unwrap();
    let (feed, _source) = Feed::new();
    let mut log = Log::new(&feed);
    let target = Target { host: "a.test".to_owned(), port: 1 };
    let outcome = protocol.speak(&mut stream, &target, Instant::now() + Duration::from_secs(10), &mut log);
    if outcome.is_ok() {
        stream.write_all(&[22]).unwrap();
    }
    drop(stream);
    let first = server.join().unwrap();
    assert_eq!(first == Some(22), outcome.is_ok());
    outcome
}

#[test]
fn every_protocol_comes_to_tls() {
    let mut greeting = b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0saltsalt\0\xff\xff".to_vec();
    greeting.resize(4 + 0x4a, 0);
    let greeting: &'static [u8] = greeting.leak();
    let scripts: Vec<(Starttls, Vec<Act>)> = vec![
        (
            Starttls::Smtp,
            vec![
                Say(b"220-hello\r\n220 there\r\n"),
                Hear(b"EHLO mtlscope.invalid\r\n"),
                Say(b"250-a.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n"),
                Hear(b"STARTTLS\r\n"),
                Say(b"220 2.0.0 go\r\n"),
            ],
        ),
        (
            Starttls::Lmtp,
            vec![
                Say(b"220 hello\r\n"),
                Hear(b"LHLO mtlscope.invalid\r\n"),
                Say(b"250-a.test\r\n250-starttls\r\n250 X\r\n"),
                Hear(b"STARTTLS\r\n"),
                Say(b"220 go\r\n"),
            ],
        ),
        (
            Starttls::Imap,
            vec![
                Say(b"* OK IMAP4rev1 ready\r\n"),
                Hear(b"a1 CAPABILITY\r\n"),
                Say(b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n"),
                Hear(b"a2 STARTTLS\r\n"),
                Say(b"a2 OK begin\r\n"),
            ],
        ),
        (Starttls::Pop3, vec![Say(b"+OK ready\r\n"), Hear(b"STLS\r\n"), Say(b"+OK begin\r\n")]),
        (
            Starttls::Ftp,
            vec![Say(b"220-a\r\n b\r\n220 ready\r\n"), Hear(b"AUTH TLS\r\n"), Say(b"234 go\r\n")],
        ),
        (
            Starttls::Ldap,
            vec![
                Hear(b"1.3.6.1.4.1.1466.20037"),
                Say(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
            ],
        ),
        (
            Starttls::Xmpp,
            vec![
                Hear(b"xmlns='jabber:client' to='a.test' version='1.0'>"),
                Say(b"<?xml version='1.0'?><stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"),
                Hear(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                Say(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            ],
        ),
        (
            Starttls::XmppServer,
            vec![
                Hear(b"xmlns='jabber:server' to='a.test' version='1.0'>"),
                Say(b"<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"),
                Hear(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                Say(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"),
            ],
        ),
        (Starttls::Postgres, vec![Hear(b"\0\0\0\x08\x04\xd2\x16\x2f"), Say(b"S")]),
        (Starttls::Mysql, vec![Say(greeting), Hear(b"\x20\0\0\x01\x85\xae\x7f\0\0\0\0\x01\x21"), Hear(&[0; 23])]),
        (Starttls::Nntp, vec![Say(b"201 ready\r\n"), Hear(b"STARTTLS\r\n"), Say(b"382 go\r\n")]),
        (
            Starttls::Sieve,
            vec![
                Say(b"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK\r\n"),
                Hear(b"STARTTLS\r\n"),
                Say(b"OK \"begin\"\r\n"),
            ],
        ),
        (
            Starttls::Irc,
            vec![Say(b":a NOTICE * :hello\r\n"), Hear(b"STARTTLS\r\n"), Say(b":a 670 * :go\r\n")],
        ),
        (
            Starttls::Telnet,
            vec![
                Say(&[255, 253, 46]),
                Hear(&[255, 251, 46, 255, 250, 46, 1, 255, 240]),
                Say(&[255, 250, 46, 1, 255, 240]),
            ],
        ),
    ];
    assert_eq!(scripts.iter().map(|(protocol, _)| *protocol).collect::<Vec<_>>(), Starttls::ALL);
    for (protocol, script) in scripts {
        talk(protocol, script).unwrap_or_else(|error| panic!("{}: {error}", protocol.name()));
    }
}

#[test]
fn a_server_that_will_not_is_told_from_one_that_speaks_something_else() {
    let cases: Vec<(Starttls, Vec<Act>, &str)> = vec![
        (
            Starttls::Smtp,
            vec![Say(b"220 a\r\n"), Hear(b"EHLO mtlscope.invalid\r\n"), Say(b"250 a\r\n")],
            "does not offer STARTTLS",
        ),
        (Starttls::Smtp, vec![Say(b"554 go away\r\n")], "554 go away"),
        (
            Starttls::Imap,
            vec![
                Say(b"* OK x\r\n"),
                Hear(b"a1 CAPABILITY\r\n"),
                Say(b"* CAPABILITY NOSTARTTLS\r\na1 OK\r\n"),
            ],
            "does not offer STARTTLS",
        ),
        (Starttls::Pop3, vec![Say(b"+OK a\r\n"), Hear(b"STLS\r\n"), Say(b"-ERR no\r\n")], "refuses: -ERR no"),
        (
            Starttls::Ftp,
            vec![Say(b"220 a\r\n"), Hear(b"AUTH TLS\r\n"), Say(b"502 no\r\n")],
            "refuses: 502 no",
        ),
        (
            Starttls::Ldap,
            vec![Hear(b"20037"), Say(b"\x30\x0f\x02\x01\x01\x78\x0a\x0a\x01\x34\x04\x00\x04\x03bah")],
            "refuses: result 52 bah",
        ),
        (Starttls::Postgres, vec![Hear(b"\x16\x2f"), Say(b"N")], "ssl = on"),
        (Starttls::Mysql, vec![Say(b"\x05\0\0\0\xff\x10\x04no")], "refuses: no"),
        (Starttls::Irc, vec![Hear(b"STARTTLS\r\n"), Say(b":a 691 * :no\r\n")], "691 * :no"),
        (Starttls::Telnet, vec![Say(&[255, 253, 24])], "START_TLS"),
        (Starttls::Nntp, vec![Say(b"200 a\r\n"), Hear(b"STARTTLS\r\n"), Say(b"580 no\r\n")], "580 no"),
    ];
    for (protocol, script, words) in cases {
        let error = talk(protocol, script).unwrap_err().to_string();
        assert!(error.contains(words), "{}: {error}", protocol.name());
    }
}

#[test]
fn what_follows_the_consent_in_clear_is_not_taken_for_tls() {
    let error = talk(Starttls::Pop3, vec![Say(b"+OK a\r\n"), Hear(b"STLS\r\n"), Say(b"+OK\r\nx")]);
    assert!(error.unwrap_err().to_string().contains("went on in clear"));
}

#[test]
fn a_server_that_goes_away_is_said_to() {
    let error = talk(Starttls::Smtp, vec![Say(b"220 half a gree"), Leave]).unwrap_err().to_string();
    assert!(error.contains("a.test:1 closed the connection"), "{error}");
}
