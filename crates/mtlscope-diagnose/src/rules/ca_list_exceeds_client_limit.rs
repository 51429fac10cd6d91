//! The server's request is longer than some clients read.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::HandshakeType;

use crate::connection::{Connection, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server's list of authorities is longer than some clients read.
    ///
    /// ## What happened
    ///
    /// Java reads handshake messages up to 32 KiB. The server's CertificateRequest is longer, by its list of
    /// authorities. The client ended the connection there; curl, Go, Node, Python, rustls and GnuTLS read on.
    ///
    /// ## Why it happens
    ///
    /// - The server names every authority it trusts, and that is the system's bundle.
    ///
    /// ## What to do
    ///
    /// - Name fewer: nginx `ssl_trusted_certificate` in place of `ssl_client_certificate`, Apache
    ///   `SSLCADNRequestFile`, HAProxy `ca-verify-file` for those that are trusted and not named, IIS
    ///   `SendTrustedIssuerList=0`.
    /// - In a Java client: `-Djdk.tls.maxHandshakeMessageSize=131072`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 && tls.handshake.length > 32768
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --ca-dn-request pki/many-authorities.pem &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/ca-list-exceeds-client-limit.pem --key pki/zoo/ca-list-exceeds-client-limit.key
    /// ```
    ///
    /// ## References
    ///
    /// - JDK: `jdk.tls.maxHandshakeMessageSize`
    pub static CA_LIST_EXCEEDS_CLIENT_LIMIT: Error = "ca-list-exceeds-client-limit", check;
}

/// What Java reads of one message.
const LIMIT: u32 = 32 * 1024;

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.handshakes.iter().any(|handshake| handshake.request.is_seen()) {
        return;
    }
    let request = connection.steps.iter().filter_map(|step| step.kind.message()).find(|message| {
        message.handshake_type == HandshakeType::CERTIFICATE_REQUEST && message.length > LIMIT
    });
    let Some(request) = request else { return };
    let mut told = connection.handshakes.iter().filter_map(|handshake| handshake.request.seen());
    let Some(told) = told.find(|told| told.evidence == request.evidence && !told.only_named) else { return };
    let answered = connection.asking().answer.is_seen();
    let left = connection.steps.iter().find(|step| {
        step.side == Side::Client && matches!(step.kind, StepKind::TransportEnd(_) | StepKind::Alert(..))
    });
    let (severity, confidence, took) = match (answered, left) {
        (false, Some(_)) => (Severity::Error, Confidence::Likely, "the client ended the connection there"),
        _ => (Severity::Note, Confidence::Certain, "this client read it"),
    };
    let message = format!(
        "The server's CertificateRequest{} has {} bytes, for {} authorities; Java reads 32768. As it is, {took}.",
        Place(request.evidence),
        request.length,
        told.authorities.len()
    );
    let fix = "Have the server name fewer authorities (nginx: ssl_trusted_certificate; Apache: SSLCADNRequestFile; HAProxy: ca-verify-file)";
    report.find(&CA_LIST_EXCEEDS_CLIENT_LIMIT, severity, confidence, [request.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_leaves() {
        let found = fires(
            &CA_LIST_EXCEEDS_CLIENT_LIMIT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root), ServerHelloDone
            C> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("the client ended the connection there"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_client_reads_it() {
        let found = fires(
            &CA_LIST_EXCEEDS_CLIENT_LIMIT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("this client read it"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_list_is_short() {
        quiet(
            &CA_LIST_EXCEEDS_CLIENT_LIMIT,
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
