//! Connections to try the views on, told in the test language of the connection model.

// The language stands beside the model that it tests; from here it is read as it is, since a crate's test code cannot be
// asked for from outside.
#[path = "../../mtlscope-diagnose/src/connection/script.rs"]
#[allow(dead_code, unreachable_pub)]
mod script;

use mtlscope_diagnose::connection::{Connection, Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::finding::{Confidence, Finding, Severity};
use mtlscope_diagnose::rule::{Report, Rule};
use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;

pub(crate) use script::{certificate, events, tell};

/// TLS 1.2: the client has a certificate that the server does not know.
pub(crate) fn unknown_ca() -> Connection {
    tell("
        C> ClientHello(sni=a.test alpn=h2 ticket)
        S> ServerHello(alpn=h2), Certificate(server root), ServerKeyExchange
        S> CertificateRequest(CN=Lab Root CA; C=IT,O=Lab,CN=b), ServerHelloDone
        C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify(0403), ChangeCipherSpec, Sealed(22,40)
        S> Alert(fatal, unknown_ca)
        S> FIN
        C> FIN
    ")
}

/// TLS 1.3 with keys, all is well: the client sends a chain, HTTP follows.
pub(crate) fn accepted() -> Connection {
    tell(
        r"
        C> ClientHello(sni=a.test alpn=http/1.1 pha)
        S> ServerHello(1.3), ChangeCipherSpec, EncryptedExtensions(alpn=http/1.1)
        S> CertificateRequest(@root), Certificate(server), CertificateVerify, Finished
        C> ChangeCipherSpec, Certificate(good root), CertificateVerify, Finished
        C> Data(GET / HTTP/1.1\r\n\r\n)
        S> NewSessionTicket, Data(HTTP/1.1 200 OK\r\n\r\nok)
        C> Alert(warning, close_notify), FIN
        S> FIN
    ",
    )
}

/// TLS 1.3 without keys: nothing of the client's certificate can be seen.
pub(crate) fn hidden() -> Connection {
    tell(
        "
        C> ClientHello(sni=a.test)
        S> ServerHello(1.3), ChangeCipherSpec, Sealed(23,27), Sealed(23,1200), Sealed(23,281), Sealed(23,53)
        C> ChangeCipherSpec, Sealed(23,900), Sealed(23,53)
        C> Sealed(23,120)
        S> Sealed(23,1400), Sealed(23,1400), Sealed(23,1400), Sealed(23,1400)
        S> Sealed(23,1400), Sealed(23,1400), Sealed(23,77)
        C> RST
    ",
    )
}

/// TLS 1.2 with keys: the server asks only in a renegotiation, and answers in HTTP that it wants a certificate.
pub(crate) fn renegotiated() -> Connection {
    tell(
        r"
        C> ClientHello(sni=a.test)
        S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
        C> ClientKeyExchange, ChangeCipherSpec, Finished
        S> ChangeCipherSpec, Finished
        C> Data(GET /private HTTP/1.1\r\n\r\n)
        S> HelloRequest
        C> ClientHello(sni=a.test)
        S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
        C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
        S> ChangeCipherSpec, Finished
        S> Data(HTTP/1.1 403 Forbidden\r\n\r\n)
        S> FIN
        C> FIN
    ",
    )
}

/// TLS 1.3 with keys: the server asks after the handshake.
pub(crate) fn asked_later() -> Connection {
    tell(
        r"
        C> ClientHello(pha)
        S> ServerHello(1.3), EncryptedExtensions, Certificate(server), CertificateVerify, Finished
        C> Finished
        C> Data(GET / HTTP/1.1\r\n\r\n)
        S> CertificateRequest(any; context=0a)
        C> Certificate(expired context=0a), CertificateVerify, Finished
        S> Alert(fatal, certificate_expired), FIN
        C> FIN
    ",
    )
}

/// The capture starts late and lacks a part; a peer chose names to attack the terminal.
pub(crate) fn broken() -> Connection {
    let mut connection = tell(
        "
        late
        S> CertificateRequest(CN=\x1b[2J\u{202e}evil), ServerHelloDone, Gap(100)
        ends
    ",
    );
    connection.notices.push(Notice { kind: NoticeKind::Source("\x1b]0;title\x07".to_owned()), frame: None });
    connection
}

/// All of them, with names.
pub(crate) fn all() -> Vec<(&'static str, Connection)> {
    vec![
        ("unknown_ca", unknown_ca()),
        ("accepted", accepted()),
        ("hidden", hidden()),
        ("renegotiated", renegotiated()),
        ("asked_later", asked_later()),
        ("broken", broken()),
    ]
}

/// A rule to speak in tests.
pub(crate) static RULE: Rule = Rule {
    id: "unknown-ca",
    severity: Severity::Error,
    page: " The server does not know the authority.\n\n ## What to do\n - Ask for a certificate that `Lab Root CA` signed.\n",
    needs: mtlscope_diagnose::marks::Marks::NONE,
    of_chain: false,
    check: no_check,
};

fn no_check(_: &Connection, _: &Context, _: &mut Report) {}

/// What that rule says of a connection: an error with the first and the last frame.
pub(crate) fn findings(connection: &Connection) -> Vec<Finding> {
    let at = |frame| Evidence {
        first_frame: frame,
        frame,
        time: Timestamp::default(),
        side: Side::Server,
        offset: 0,
        length: 7,
    };
    let evidence = [connection.first_frame, connection.last_frame, connection.first_frame].map(at).to_vec();
    vec![Finding {
        rule: &RULE,
        severity: Severity::Error,
        confidence: Confidence::Likely,
        message: "The server refused the client's certificate CN=x\x1b[0m, whose issuer CN=x is none of the 2 \
                  authorities that it named in its CertificateRequest."
            .to_owned(),
        evidence,
        fix: "Give the client a certificate issued by CN=Lab Root CA, or add the client's root to what the server trusts."
            .to_owned(),
    }]
}
