//! What people paste, and what is read of it.

use super::*;
use crate::event::EventKind;
use crate::input::{Input, Line};
use crate::notice::NoticeKind;
use crate::side::Side;
use crate::time::Timestamp;
use crate::tls::handshake::Body;
use crate::{Dissector, Settings};

fn events(text: &str) -> Vec<EventKind> {
    let mut dissector = Dissector::new(Settings::default());
    let mut events = Vec::new();
    for text in text.lines() {
        dissector.push(Input::Line(Line { time: Timestamp::default(), text }));
    }
    dissector.finish();
    while let Some(event) = dissector.poll() {
        events.push(event.kind);
    }
    events
}

/// One line an event, as short as it can be told apart.
fn told(text: &str) -> Vec<String> {
    let side = |side: Side| if side == Side::Client { "C" } else { "S" };
    events(text)
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::Opened(opened) => Some(format!("opened {} {}", opened.client, opened.server)),
            EventKind::Message(message) => Some(format!(
                "{} {}{}",
                side(message.evidence.side),
                message.handshake_type,
                match &message.body {
                    Body::Certificate(certificate) => format!(" of {}", certificate.entries.len()),
                    Body::ServerHello(hello) => format!(" {} {}", hello.version(), hello.cipher_suite),
                    _ => String::new(),
                }
            )),
            EventKind::Alert { alert, evidence, .. } => Some(format!("{} {alert}", side(evidence.side))),
            EventKind::ChangeCipherSpec { evidence, .. } => Some(format!("{} CCS", side(evidence.side))),
            EventKind::Said { side: by, .. } => Some(format!("{} says", side(by))),
            EventKind::Printout { refused_by: Some(by) } => Some(format!("{} refused", side(by))),
            _ => None,
        })
        .collect()
}

/// The trace of an article on IIS: no signature follows the client's Certificate, so it was empty.
const CURL: &str = "\
* Connected to localhost (::1) port 443 (#0)
* TLSv1.2 (OUT), TLS handshake, Client hello (1):
* TLSv1.2 (IN), TLS handshake, Server hello (2):
* TLSv1.2 (IN), TLS handshake, Request CERT (13):
* TLSv1.2 (IN), TLS handshake, Server finished (14):
* TLSv1.2 (OUT), TLS handshake, Certificate (11):
* TLSv1.2 (OUT), TLS handshake, Client key exchange (16):
* TLSv1.2 (OUT), TLS change cipher, Client hello (1):
* TLSv1.2 (OUT), TLS handshake, Finished (20):
* SSL connection using TLSv1.2 / ECDHE-RSA-AES256-SHA384
< HTTP/1.1 403 Forbidden
";

#[test]
fn curl_names_messages_and_an_empty_certificate_is_known_by_what_does_not_follow() {
    assert_eq!(
        told(CURL),
        [
            "opened 0.0.0.0:0 [::1]:443",
            "C ClientHello",
            "S ServerHello TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
            "S CertificateRequest",
            "S ServerHelloDone",
            "C Certificate of 0",
            "C ClientKeyExchange",
            "C CCS",
            "C Finished",
        ]
    );
    let signed = CURL.replace(
        "* TLSv1.2 (OUT), TLS change",
        "* TLSv1.2 (OUT), TLS handshake, CERT verify (15):\n* TLSv1.2 (OUT), TLS change",
    );
    assert!(told(&signed).contains(&"C Certificate".to_owned()));
}

#[test]
fn typographic_signs_of_a_web_page_are_read_through() {
    let pasted = CURL.replace('*', "\u{2022}").replace(' ', "\u{a0}");
    assert_eq!(told(&pasted), told(CURL));
}

#[test]
fn a_text_cut_behind_the_certificate_leaves_open_whether_it_was_empty() {
    let (cut, _) = CURL.split_once("* TLSv1.2 (OUT), TLS handshake, Client key").unwrap();
    let body = events(cut).into_iter().rev().find_map(|kind| match kind {
        EventKind::Message(message) => Some(message.body),
        _ => None,
    });
    assert_eq!(body, Some(Body::Unknown));
}

#[test]
fn s_client_prints_messages_in_hex_and_states_repeat_them() {
    let text = "\
CONNECTED(00000003)
>>> TLS 1.2, Handshake [length 0007], Certificate
    0b 00 00 03 00 00 00
SSL_connect:SSLv3/TLS write client certificate
<<< TLS 1.2, Alert [length 0002], fatal handshake_failure
    02 28
SSL3 alert read:fatal:handshake failure
4037:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:rec.c:1600:SSL alert number 40
";
    assert_eq!(
        told(text),
        ["opened 0.0.0.0:0 0.0.0.0:0", "C Certificate of 0", "S fatal handshake_failure", "C says"]
    );
}

#[test]
fn hex_that_was_cut_leaves_the_length_to_tell() {
    let text = ">>> TLS 1.2, Handshake [length 0007], Certificate\n    0b 00 ...\n";
    assert_eq!(told(text)[1..], ["C Certificate of 0"]);
    let text = ">>> TLS 1.2, Handshake [length 0707], Certificate\n    0b 00 ...\n";
    assert_eq!(told(text)[1..], ["C Certificate"]);
}

#[test]
fn states_alone_tell_the_messages() {
    let text = "\
SSL_connect:before SSL initialization
SSL_connect:SSLv3/TLS write client hello
SSL_connect:SSLv3/TLS write client hello
SSL_connect:SSLv3/TLS read server hello
SSL_connect:SSLv3/TLS read server certificate request
SSL_connect:SSLv3/TLS write client certificate
SSL_connect:SSLv3/TLS write certificate verify
SSL_connect:SSLv3/TLS write finished
SSL3 alert read:fatal:unknown CA
New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256
";
    assert_eq!(
        told(text)[1..],
        [
            "C ClientHello",
            "S ServerHello TLS 1.3 TLS_AES_128_GCM_SHA256",
            "S CertificateRequest",
            "C Certificate",
            "C CertificateVerify",
            "C Finished",
            "S fatal unknown_ca"
        ]
    );
}

#[test]
fn a_trace_tells_records_line_by_line() {
    let text = "\
Sent Record
Header:
  Version = TLS 1.0 (0x301)
  Content Type = Handshake (22)
  Length = 293
    ClientHello, Length=289
      client_version=0x303 (TLS 1.2)
Received Record
  Content Type = Handshake (22)
    ServerHello, Length=118
      server_version=0x303 (TLS 1.2)
      cipher_suite {0x13, 0x02} TLS_AES_256_GCM_SHA384
Received Record
  Content Type = ApplicationData (23)
  Inner Content Type = Handshake (22)
    CertificateRequest, Length=41
Sent Record
  Content Type = ApplicationData (23)
  Inner Content Type = Handshake (22)
    Certificate, Length=4
      certificate_list, length=0
Received Record
  Inner Content Type = Alert (21)
    Level=fatal(2), description=certificate required(116)
";
    assert_eq!(
        told(text)[1..],
        [
            "C ClientHello",
            "S ServerHello TLS 1.3 TLS_AES_256_GCM_SHA384",
            "S CertificateRequest",
            "C Certificate of 0",
            "S fatal certificate_required"
        ]
    );
}

#[test]
fn java_says_that_its_list_is_empty() {
    let text = "\
javax.net.ssl|DEBUG|10|main|2026-11-24 09:00:00.000 CET|ClientHello.java:652|Produced ClientHello handshake message (
javax.net.ssl|DEBUG|10|main|2026-11-24 09:00:00.000 CET|CertificateRequest.java:671|Consuming CertificateRequest handshake message (
javax.net.ssl|WARNING|10|main|2026-11-24 09:00:00.000 CET|CertificateMessage.java:1090|No X.509 certificate for client authentication, use empty Certificate message instead
javax.net.ssl|DEBUG|10|main|2026-11-24 09:00:00.000 CET|CertificateMessage.java:1130|Produced client Certificate message (
javax.net.ssl|DEBUG|10|main|2026-11-24 09:00:00.000 CET|Alert.java:238|Received alert message (
\"Alert\": {
  \"level\"      : \"fatal\",
  \"description\": \"bad_certificate\"
}
";
    assert_eq!(
        told(text)[1..],
        ["C ClientHello", "S CertificateRequest", "C Certificate of 0", "S fatal bad_certificate"]
    );
}

#[test]
fn logs_of_servers_tell_one_connection_a_client() {
    let nginx = "2026/11/21 19:23:38 [info] 19#19: *1 client sent no required SSL certificate while reading client request \
                 headers, client: 10.77.0.2, server: s.test, request: \"GET / HTTP/1.1\"";
    let go = "2026/11/24 09:00:00 http: TLS handshake error from 10.77.0.3:4711: tls: failed to verify certificate: x509: \
              certificate signed by unknown authority";
    let refused = "2026/11/24 09:00:00 http: TLS handshake error from 10.77.0.3:4712: remote error: tls: unknown certificate \
                   authority";
    let told = told(&[nginx, go, refused].join("\n"));
    assert_eq!(
        told,
        [
            "opened 10.77.0.2:0 0.0.0.0:0",
            "S refused",
            "S CertificateRequest",
            "C Certificate of 0",
            "S says",
            "opened 10.77.0.3:4711 0.0.0.0:0",
            "S refused",
            "S CertificateRequest",
            "C Certificate",
            "C CertificateVerify",
            "S says",
            "opened 10.77.0.3:4712 0.0.0.0:0",
            "C fatal unknown_ca",
            "S says",
        ]
    );
}

#[test]
fn a_client_that_speaks_no_tls_is_told_by_the_logs_of_nginx_apache_and_go() {
    for line in [
        "2026/11/24 10:00:00 [info] 12#12: *1 client sent plain HTTP request to HTTPS port while reading client request headers, \
         client: 10.77.0.3, server: _",
        "[Tue Nov 24 10:00:00 2026] [ssl:info] [pid 1] [client 10.77.0.3:4712] AH01996: SSL handshake failed: HTTP spoken on HTTPS port",
        "2026/11/24 10:00:00 http: TLS handshake error from 10.77.0.3:4712: tls: first record does not look like a TLS handshake",
    ] {
        let is_told = events(line).iter().any(|kind| {
            matches!(kind, EventKind::Notice(notice) if notice.kind == NoticeKind::ClearTextInsteadOfTls { length: 0 })
        });
        assert!(is_printout(line) && is_told, "{line}");
    }
}

#[test]
fn envoy_says_who_showed_no_certificate() {
    let line = "[2026-11-24 10:00:00.000][15][debug][connection] [source/common/tls/ssl_socket.cc:246] [C25] remote \
        address:10.77.0.3:4712,TLS_error:|268435655:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE:TLS_error_end";
    assert_eq!(told(line)[0], "opened 10.77.0.3:4712 0.0.0.0:0");
    // It may have refused a server just as well.
    assert!(!is_printout(&line.replace("PEER_DID_NOT_RETURN_A_CERTIFICATE", "CERTIFICATE_VERIFY_FAILED")));
}

#[test]
fn what_is_said_to_a_proxy_is_no_answer_of_the_server() {
    let text = "* Connected to 10.0.0.1 (10.0.0.1) port 3128 (#0)\n\
        > CONNECT a.example:443 HTTP/1.1\n\
        < HTTP/1.1 200 Connection established\n\
        * TLSv1.2 (OUT), TLS handshake, Client hello (1):\n\
        * TLSv1.2 (IN), TLS handshake, Server hello (2):\n\
        > GET / HTTP/1.1\n\
        < HTTP/1.1 400 Bad Request\n";
    let lines = events(text)
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::ApplicationData(data) => Some(String::from_utf8_lossy(&data.head).trim().to_owned()),
            _ => None,
        })
        .collect::<Vec<_>>();
    assert_eq!(lines, ["GET / HTTP/1.1", "HTTP/1.1 400 Bad Request"]);
}

#[test]
fn a_stream_that_the_server_reset_is_told() {
    let text = "* TLSv1.3 (IN), TLS handshake, Server hello (2):\n\
        * using HTTP/2\n\
        > GET /secure/ HTTP/2\n\
        * HTTP/2 stream 1 was not closed cleanly: HTTP_1_1_REQUIRED (err 13)\n";
    let endings: Vec<String> = events(text)
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::Http2Ending { ending, .. } => Some(ending.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(endings, ["RST_STREAM HTTP_1_1_REQUIRED (13)"]);
}

#[test]
fn two_runs_of_curl_are_two_connections() {
    let twice = format!("{CURL}* Closing connection 0\n{CURL}");
    assert_eq!(told(&twice).iter().filter(|line| line.starts_with("opened")).count(), 2);
}

#[test]
fn other_text_is_no_printout() {
    for text in ["", "GET / HTTP/1.1\n", "-----BEGIN CERTIFICATE-----\nMIIB\n", "> quoted\n< also\n* item\n"]
    {
        assert!(!is_printout(text), "{text:?}");
    }
    assert!(is_printout(CURL));
}

#[test]
fn no_line_is_too_long_or_too_strange() {
    let long = format!(">>> TLS 1.2, Handshake [length ffff], Certificate\n{}", "0b ".repeat(100_000));
    events(&long);
    for strange in [
        ">>> ",
        "<<< [length",
        "* TLSv1.2 (",
        "SSL_connect:",
        "[client ",
        "* TLSv1.2 (IN), TLS alert, x (65536):",
    ] {
        events(strange);
    }
    let many = "* TLSv1.3 (IN), TLS handshake, Newsession Ticket (4):\n".repeat(10_000);
    assert!(events(&many).len() < 5000);
}
