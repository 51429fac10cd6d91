//! Servers to try the views on, with attempts read from connections in the test language.

use std::net::SocketAddr;

use mtlscope_diagnose::attempt::{Attempt, HttpAnswer};
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::probe::{Circumstances, Met, Probe, Protocol, Reading, Try};
use mtlscope_dissect::tls::registry::ProtocolVersion;

use crate::told;

const ASKED13: &str = "
    C> ClientHello
    S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(CN=Lab Root CA; C=IT,O=Lab,CN=b; sigalgs=0403 0804)
    S> Certificate(server), CertificateVerify, Finished
    C> Certificate(empty), Finished
";
const ASKED12: &str = "
    C> ClientHello
    S> ServerHello, Certificate(server), ServerKeyExchange
    S> CertificateRequest(CN=Lab Root CA; C=IT,O=Lab,CN=b; sigalgs=0403 0804 0603; types=1 64), ServerHelloDone
    C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
";
const PLAIN: &str = "
    C> ClientHello
    S> ServerHello(1.3), EncryptedExtensions, Certificate(server), CertificateVerify, Finished
    C> Finished
";
const LATE: &str = r"
    C> ClientHello(pha)
    S> ServerHello(1.3), EncryptedExtensions, Certificate(server), CertificateVerify, Finished
    C> Finished
    C> Data(GET / HTTP/1.1\r\n\r\n)
    S> CertificateRequest(any; context=0a)
    C> Certificate(empty context=0a), Finished
    S> Alert(fatal, certificate_required), FIN
    C> FIN
";

/// Servers of all kinds, by what they show.
pub(super) fn all() -> Vec<(&'static str, Probe)> {
    let required = |text: &str| format!("{text} S> Alert(fatal, certificate_required), FIN\nC> FIN");
    vec![
        (
            "required_by_status",
            probe(vec![
                attempt(13, Protocol::Http2, ASKED13, Some(NGINX)),
                attempt(13, Protocol::Http1, ASKED13, Some(NGINX)),
                Try { version: ProtocolVersion::TLS12, ..attempt(12, Protocol::Http1, ASKED12, Some(NGINX)) },
                shown(told::unknown_ca()),
            ]),
        ),
        (
            "not_of_one_mind",
            probe(vec![
                attempt(13, Protocol::Http2, PLAIN, Some((200, ""))),
                attempt(12, Protocol::Http2, &required(ASKED12), None),
            ]),
        ),
        (
            "late",
            probe(vec![
                given_back(),
                attempt(13, Protocol::Http1, LATE, None),
                Try {
                    offers_post_handshake: false,
                    ..attempt(
                        13,
                        Protocol::Http1,
                        PLAIN,
                        Some((403, "Cannot perform Post-Handshake Authentication.")),
                    )
                },
                without(12, Met::NotSpoken),
            ]),
        ),
        (
            "never_asks",
            Probe {
                notes: vec![
                    "the server's own certificate fails the check: self-signed certificate".to_owned(),
                ],
                ..probe(vec![
                    attempt(13, Protocol::Http1, PLAIN, Some((404, ""))),
                    without(12, Met::Failed("the server reset the connection without an alert".to_owned())),
                ])
            },
        ),
        (
            "out_of_reach",
            Probe {
                address: None,
                trouble: Some("connection refused by 127.0.0.1:1: nothing listens on that port".to_owned()),
                ..probe(Vec::new())
            },
        ),
    ]
}

const NGINX: (u16, &str) = (400, "No required SSL certificate was sent");

fn probe(tries: Vec<Try>) -> Probe {
    Probe {
        target: "shop.test:8443/admin".to_owned(),
        address: Some(SocketAddr::from(([192, 0, 2, 1], 8443))),
        trouble: None,
        tries,
        notes: Vec::new(),
    }
}

fn attempt(version: u8, protocol: Protocol, script: &str, answer: Option<(u16, &str)>) -> Try {
    let connection = told::tell(script);
    let answer = answer.map(|(code, text)| HttpAnswer { code, text });
    Try { protocol, ..without(version, read(&connection, answer, false)) }
}

fn given_back() -> Try {
    Try { protocol: Protocol::Http2, ..without(13, read(&told::tell(PLAIN), None, true)) }
}

/// An attempt with a certificate.
fn shown(connection: Connection) -> Try {
    Try {
        with_certificate: true,
        findings: told::findings(&connection),
        ..without(12, read(&connection, None, false))
    }
}

fn read(connection: &Connection, answer: Option<HttpAnswer<'_>>, wants_http1: bool) -> Met {
    let circumstances = Circumstances { asked_in_http: true, wants_http1, silence: "the server was silent" };
    Met::Read(Box::new(Reading::of(&Attempt { connection, answer }, circumstances)))
}

fn without(version: u8, result: Met) -> Try {
    Try {
        version: if version == 13 { ProtocolVersion::TLS13 } else { ProtocolVersion::TLS12 },
        protocol: Protocol::Http1,
        with_certificate: false,
        offers_post_handshake: true,
        result,
        findings: Vec::new(),
    }
}
