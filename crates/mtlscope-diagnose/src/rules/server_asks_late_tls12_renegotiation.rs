//! The server asks by renegotiation once it has read the request, and the client does not renegotiate.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{AlertDescription, HandshakeType};

use crate::connection::{Connection, HandshakeKind, StepKind, Verdict};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server asked by renegotiation, and the client refused.
    ///
    /// ## What happened
    ///
    /// The first handshake had no CertificateRequest. After the HTTP request the server sent a HelloRequest, to ask
    /// in a second handshake, since the certificate is wanted for this address only. The client answered with the
    /// warning `no_renegotiation` (100), or ended the connection. Apache then logs AH02261, sends `handshake_failure`
    /// (40) or closes; IIS answers 403.7 or resets.
    ///
    /// ## Why it happens
    ///
    /// - Go, rustls and BoringSSL do not renegotiate as they come. curl, Java, Python, Node and GnuTLS do.
    /// - Apache: `SSLVerifyClient` in a `Directory` or `Location`. IIS: the default.
    ///
    /// ## What to do
    ///
    /// - Ask in the first handshake: Apache `SSLVerifyClient` in the `VirtualHost` (or a host name of its own for
    ///   what is protected), IIS `netsh http update sslcert ... clientcertnegotiation=enable`.
    /// - Go: `tls.Config.Renegotiation = tls.RenegotiateOnceAsClient`; Envoy: `allow_renegotiation` of the
    ///   `UpstreamTlsContext`; rustls: another library, or the server's side.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 0 || tls.alert_message.desc == 100
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --protect /secure --tls-max 1.2 &
    /// printf 'GET /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    ///   openssl s_client -connect localhost:8443 -ign_eof -no_renegotiation
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.1.1; Apache AH02221, AH02226, AH02261
    pub static SERVER_ASKS_LATE_TLS12_RENEGOTIATION: Error = "server-asks-late-tls12-renegotiation", check, needs ASKED_ANEW;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let asked = connection.steps.iter().find_map(|step| match &step.kind.message() {
        Some(head) if head.handshake_type == HandshakeType::HELLO_REQUEST => Some(head.evidence),
        _ => None,
    });
    let said_no = connection.steps.iter().find_map(|step| match &step.kind {
        StepKind::Alert(alert, evidence, _)
            if step.side == Side::Client && alert.description == AlertDescription::NO_RENEGOTIATION =>
        {
            Some(*evidence)
        }
        _ => None,
    });
    if connection.is_tls13() || connection.initial().request.is_seen() {
        return;
    }
    let renegotiated = connection
        .handshakes
        .iter()
        .any(|handshake| handshake.kind == HandshakeKind::Renegotiation && handshake.client_hello.is_seen());
    let (severity, confidence, what, evidence) = match (asked, said_no) {
        (Some(asked), Some(no)) => (
            Severity::Error,
            Confidence::Certain,
            "the client refused, with the warning no_renegotiation (100)",
            vec![no, asked],
        ),
        // The HelloRequest is in a record that stays sealed.
        (None, Some(no)) => (
            Severity::Error,
            Confidence::Likely,
            "the client refused, with the warning no_renegotiation (100)",
            vec![no],
        ),
        (Some(asked), None) if !renegotiated && connection.outcome.verdict != Verdict::Accepted => {
            (Severity::Error, Confidence::Likely, "the client did not begin one", vec![asked])
        }
        _ => return,
    };
    let message = format!(
        "The server asked for a new handshake{}, as servers do that want a certificate only now; {what}.",
        asked.map(|asked| Place(asked).to_string()).unwrap_or_default()
    );
    let fix = "Have the server ask in the first handshake (Apache: SSLVerifyClient in the VirtualHost; IIS: clientcertnegotiation=enable), \
               or the client renegotiate (Go: RenegotiateOnceAsClient)";
    report.find(&SERVER_ASKS_LATE_TLS12_RENEGOTIATION, severity, confidence, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_says_no_renegotiation() {
        let found = fires(
            &SERVER_ASKS_LATE_TLS12_RENEGOTIATION,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> HelloRequest
            C> Alert(warning, no_renegotiation), FIN
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("refused, with the warning"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_client_leaves() {
        let found = fires(
            &SERVER_ASKS_LATE_TLS12_RENEGOTIATION,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> HelloRequest
            C> FIN
            S> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("did not begin one"), "{}", found.message);
    }

    #[test]
    fn quiet_when_nobody_asks_again() {
        quiet(
            &SERVER_ASKS_LATE_TLS12_RENEGOTIATION,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            ",
        );
    }
}
