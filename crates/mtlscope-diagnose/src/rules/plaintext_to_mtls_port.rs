//! One end speaks TLS, and the other something else.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// One end speaks TLS, and the other does not.
    ///
    /// ## What happened
    ///
    /// The client sent a ClientHello, and what came back is no TLS: the port speaks another protocol in clear (HTTP,
    /// or one that wants STARTTLS first). The other way round, a client that speaks HTTP to a TLS port, is no TLS
    /// connection and is not told here; servers answer it with 400 (`The plain HTTP request was sent to HTTPS port`),
    /// Istio in STRICT mode with a reset.
    ///
    /// ## Why it happens
    ///
    /// - `https://` in place of `http://`, a wrong port, a health check that does not speak TLS, a sidecar that is
    ///   missing.
    ///
    /// ## What to do
    ///
    /// - Use the right port and scheme. Protocols with STARTTLS: `openssl s_client -starttls`, `mtlscope connect
    ///   --starttls`.
    /// - Istio: inject the sidecar, or `PeerAuthentication` PERMISSIVE for that port; probes:
    ///   `rewriteAppHTTPProbers`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 1 || http
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// python3 -m http.server 8080 &
    /// curl https://localhost:8080/
    /// ```
    ///
    /// ## References
    ///
    /// - nginx status 497; https://github.com/istio/istio/issues/53786
    pub static PLAINTEXT_TO_MTLS_PORT: Error = "plaintext-to-mtls-port", check, needs UNFINISHED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if connection.server_hello().is_some() || !connection.start_seen {
        return;
    }
    let Some((_, evidence)) = connection.client_hello() else { return };
    let has_spoken_tls = connection
        .steps
        .iter()
        .any(|step| step.side == Side::Server && !matches!(step.kind, StepKind::TransportEnd(_)));
    let bytes = connection.closed.map_or(0, |closed| closed.bytes[1]);
    if has_spoken_tls || bytes == 0 || connection.has_holes() {
        return;
    }
    let message = format!(
        "The client sent a ClientHello{}, and the {bytes} bytes that the server sent are no TLS: the port speaks something else.",
        Place(evidence)
    );
    let fix =
        "Use the port and the scheme on which the server speaks TLS, or STARTTLS if the protocol wants that";
    report.find(&PLAINTEXT_TO_MTLS_PORT, Severity::Error, Confidence::Likely, [evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_answers_something_else() {
        let found = fires(
            &PLAINTEXT_TO_MTLS_PORT,
            "
            C> ClientHello
            S> NotARecord(100), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("are no TLS"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_speaks_tls() {
        quiet(
            &PLAINTEXT_TO_MTLS_PORT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
