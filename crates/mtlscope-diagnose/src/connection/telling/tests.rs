//! What is told of scripted connections: segmentation, and what is seen, not sent, or hidden.

use mtlscope_dissect::event::Opened;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::Telling;
use super::draft::{Draft, Turn};
use crate::connection::script::tell;
use crate::connection::{
    HandshakeKind, Layer, Means, Outcome, Party, Request, Resumption, Step, StepKind, Verdict,
};
use crate::observed::{Observed, Why};
use mtlscope_dissect::side::Side;

#[test]
fn an_empty_answer_refused_by_alert_is_told_whole() {
    let connection = tell(
        "C> ClientHello(sni=a.test)
         S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(CN=Lab Root CA), ServerHelloDone
         C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> Alert(fatal, handshake_failure)
         S> FIN",
    );
    let handshake = connection.initial();
    assert_eq!(handshake.version, Observed::Seen(ProtocolVersion::TLS12));
    assert_eq!(handshake.server_name, Observed::Seen("a.test".to_owned()));
    assert_eq!(handshake.request.seen().map(|request| request.authorities.len()), Some(1));
    assert_eq!(handshake.answer.seen().map(|answer| answer.certificates.len()), Some(0));
    assert!(handshake.proof.is_not_sent());
    assert!(handshake.client_finished.is_seen());
    assert!(handshake.server_finished.is_not_sent());
    assert_eq!(handshake.resumption, Observed::NotSent);
    let Outcome { verdict, by, means, layer, frame, inferred: _ } = connection.outcome;
    assert_eq!((verdict, by), (Verdict::Refused, Some(Party::Side(Side::Server))));
    assert_eq!((means, layer), (Some(Means::Alert), Some(Layer::Tls)));
    assert_eq!(frame.map(|frame| frame.get()), Some(4));
}

#[test]
fn without_keys_tls13_hides_the_request_and_says_so() {
    let connection = tell(
        "C> ClientHello(sni=a.test)
         S> ServerHello(1.3), ChangeCipherSpec, Sealed(23,23), Sealed(23,900), Sealed(23,69)
         C> ChangeCipherSpec, Sealed(23,69)
         S> FIN
         C> FIN",
    );
    let handshake = connection.initial();
    assert_eq!(handshake.request.hidden(), Some(Why::Encrypted));
    assert_eq!(handshake.answer.hidden(), Some(Why::Encrypted));
    assert_eq!(handshake.alpn, Observed::NotSent);
    assert_eq!((connection.outcome.verdict, connection.outcome.inferred), (Verdict::Accepted, true));
}

#[test]
fn a_request_lost_in_a_gap_is_hidden_and_not_unsent() {
    let connection = tell(
        "C> ClientHello
         S> ServerHello, Certificate(server)
         S> Gap(300), ServerHelloDone
         C> ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> ChangeCipherSpec, Sealed(22,40)",
    );
    assert_eq!(connection.initial().request.hidden(), Some(Why::Gap));
    assert!(connection.initial().answer.is_not_sent());
    assert_eq!(connection.outcome.verdict, Verdict::Accepted);
}

#[test]
fn a_server_that_never_asks_did_not_send_the_request() {
    let connection = tell(
        "C> ClientHello
         S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
         C> ClientKeyExchange, ChangeCipherSpec, Finished
         S> ChangeCipherSpec, Finished
         C> Data(GET / HTTP/1.1\\r\\n)
         S> Data(HTTP/1.1 200 OK\\r\\n\\r\\nhello)",
    );
    assert!(connection.initial().request.is_not_sent());
    assert!(connection.initial().answer.is_not_sent());
    assert_eq!(connection.http_status.as_ref().map(|status| status.code), Some(200));
    assert_eq!(
        (connection.outcome.verdict, connection.outcome.layer),
        (Verdict::Accepted, Some(Layer::Http))
    );
}

#[test]
fn a_resumed_session_has_no_request() {
    let connection = tell(
        "C> ClientHello(session=01ff ticket)
         S> ServerHello(session=01ff), ChangeCipherSpec, Sealed(22,40)
         C> ChangeCipherSpec, Sealed(22,40)",
    );
    assert_eq!(connection.initial().resumption, Observed::Seen(Resumption::Ticket));
    assert!(connection.initial().request.is_not_sent());
}

#[test]
fn handshake_records_sealed_behind_finished_are_a_hidden_renegotiation() {
    let connection = tell(
        "C> ClientHello
         S> ServerHello, Certificate(server), ServerHelloDone
         C> ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> ChangeCipherSpec, Sealed(22,40)
         C> Sealed(23,100)
         S> Sealed(22,28)
         C> Sealed(22,236)",
    );
    let kinds: Vec<_> = connection.handshakes.iter().map(|handshake| handshake.kind).collect();
    assert_eq!(kinds, [HandshakeKind::Initial, HandshakeKind::Renegotiation]);
    assert!(connection.initial().request.is_not_sent());
    assert_eq!(connection.asking().request.hidden(), Some(Why::Encrypted));
    assert_eq!(connection.outcome.verdict, Verdict::Unknown);
}

#[test]
fn an_alert_behind_a_sealed_renegotiation_is_no_refusal_of_it_by_all_likelihood() {
    let renegotiated = "C> ClientHello
         S> ServerHello, Certificate(server), ServerHelloDone
         C> ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> ChangeCipherSpec, Sealed(22,40)
         C> Sealed(23,100)
         S> Sealed(22,28)
         C> Sealed(22,236)
         S> Sealed(22,1800)
         C> Sealed(22,900), Sealed(20,25), Sealed(22,40)
         S> Sealed(20,25), Sealed(22,40), Sealed(23,288)";
    let outcome = tell(renegotiated).outcome;
    assert_eq!((outcome.verdict, outcome.inferred), (Verdict::Accepted, false));
    let outcome = tell(&format!("{renegotiated}\n         C> Sealed(21,26)")).outcome;
    assert_eq!((outcome.verdict, outcome.inferred), (Verdict::Accepted, true));
}

#[test]
fn a_hello_retry_request_tells_version_and_suite() {
    let connection = tell(
        "C> ClientHello
         S> HelloRetryRequest
         C> FIN",
    );
    assert_eq!(connection.initial().version, Observed::Seen(ProtocolVersion::TLS13));
    assert!(connection.initial().cipher_suite.is_seen());
    assert!(!connection.initial().server_hello.is_seen());
}

#[test]
fn a_request_after_the_handshake_is_a_handshake_of_its_own() {
    let connection = tell(
        "C> ClientHello(pha)
         S> ServerHello(1.3), EncryptedExtensions, Certificate(server), CertificateVerify, Finished
         C> Finished
         S> NewSessionTicket
         C> Data(GET / HTTP/1.1\\r\\n)
         S> CertificateRequest(CN=Lab Root CA; context=0a)
         C> Certificate(good context=0a), CertificateVerify, Finished
         S> Alert(fatal, unknown_ca)",
    );
    assert_eq!(connection.handshakes.len(), 2);
    assert!(connection.initial().request.is_not_sent());
    let asking = connection.asking();
    assert_eq!(asking.kind, HandshakeKind::PostHandshake);
    assert_eq!(asking.answer.seen().map(|answer| answer.certificates.len()), Some(1));
    assert!(asking.proof.is_seen() && asking.client_finished.is_seen());
    assert_eq!(connection.outcome.by, Some(Party::Side(Side::Server)));
}

#[test]
fn a_server_that_hangs_up_on_the_answer_refused() {
    let connection = tell(
        "C> ClientHello
         S> ServerHello, Certificate(server), CertificateRequest(any), ServerHelloDone
         C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
         S> FIN
         C> FIN",
    );
    assert_eq!(connection.outcome.verdict, Verdict::Refused);
    assert_eq!(
        (connection.outcome.by, connection.outcome.means),
        (Some(Party::Side(Side::Server)), Some(Means::Fin))
    );
}

#[test]
fn the_no_certificate_alert_of_ssl3_is_an_empty_answer_and_no_refusal() {
    let connection = tell(
        "C> ClientHello
         S> ServerHello(ssl3), Certificate(server), CertificateRequest(any), ServerHelloDone
         C> Alert(warning, no_certificate), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> ChangeCipherSpec, Sealed(22,40)",
    );
    assert_eq!(connection.initial().answer.seen().map(|answer| answer.certificates.len()), Some(0));
    assert_eq!(connection.outcome.verdict, Verdict::Accepted);
}

#[test]
fn only_the_server_was_captured() {
    let connection = tell("S> ServerHello, Certificate(server), CertificateRequest(any), ServerHelloDone");
    assert_eq!(connection.initial().answer.hidden(), Some(Why::OneDirection));
}

#[test]
fn lines_of_http_lose_their_control_characters() {
    let connection = tell("C> Data(GET /\u{1b}[31m HTTP/1.1\\r\\n)");
    let request = connection.http_request.map(|request| request.line);
    assert_eq!(request.as_deref(), Some("GET /\\u{1b}[31m HTTP/1.1"));
    let preface = tell("C> Data(PRI * HTTP/2.0\\r\\n)");
    assert!(preface.http_request.is_none());
    assert!(preface.steps.iter().any(|step| matches!(step.kind, StepKind::ApplicationData(..))));
}

#[test]
fn every_beginning_of_a_connection_is_told_without_a_wrong_no() {
    let script = "C> ClientHello
         S> ServerHello, Certificate(server), CertificateRequest(any), ServerHelloDone
         C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished
         S> ChangeCipherSpec, Finished";
    let lines: Vec<&str> = script.lines().collect();
    for kept in 1..=lines.len() {
        let connection = tell(&lines[..kept].join("\n"));
        assert!(!connection.initial().request.is_not_sent(), "{kept} packets");
        assert!(!connection.initial().answer.is_not_sent(), "{kept} packets");
    }
}

#[test]
fn an_open_connection_takes_no_more_room_than_it_must() {
    // There is one of each for every connection. The allocator has blocks of 112, 128, 160, 192, 224 and 256 bytes.
    assert!(size_of::<Telling>() <= 160, "{}", size_of::<Telling>());
    assert!(size_of::<Draft>() <= 224, "{}", size_of::<Draft>());
    assert!(size_of::<Turn>() <= 2, "{}", size_of::<Turn>());
    assert!(size_of::<Opened>() <= 112, "{}", size_of::<Opened>());
    assert!(size_of::<Request>() <= 128, "{}", size_of::<Request>());
    // Of these there are some twenty once it is told.
    assert!(size_of::<Step>() <= 112, "{}", size_of::<Step>());
}
