//! The client's Certificate message is longer than some servers take.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The client sent more certificates than the server takes.
    ///
    /// ## What happened
    ///
    /// Servers limit what a client may send. Java takes ten certificates and 32 KiB and refuses more with
    /// `handshake_failure` (40); AWS load balancers take 16 KiB; every other server measured took 14 certificates of
    /// 30 KB.
    ///
    /// ## Why it happens
    ///
    /// - The client's file holds the whole bundle of authorities in place of the few that lead to its own.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `aws-alb-mtls`.
    ///
    /// ## What to do
    ///
    /// - In the client, leave in the file its own certificate and the intermediates that lead to the root, without
    ///   the root.
    /// - In a Java server: `-Djdk.tls.maxCertificateChainLength=20` and `-Djdk.tls.maxHandshakeMessageSize=65536`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && tls.handshake.certificates_length > 16384
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// `mtlscope serve` takes it; the note is shown all the same:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat pki/client.pem pki/many-authorities.pem > long.pem
    /// mtlscope serve --pki pki --verify-client require &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert long.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - JDK: `jdk.tls.maxCertificateChainLength`, `jdk.tls.maxHandshakeMessageSize`
    pub static CHAIN_TOO_MANY_OR_TOO_BIG: Error = "chain-too-many-or-too-big", check, needs SHOWN, of the chain;
}

/// What Java takes, and what AWS takes. The second also costs round trips: it fills the first flight of a fresh TCP connection.
const CERTIFICATES: usize = 10;
const BYTES: usize = 16 * 1024;

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let sent = shown.certificates.sent();
    let bytes: usize =
        shown.certificates.certificates().iter().map(|certificate| certificate.der.len()).sum();
    if sent <= CERTIFICATES && bytes <= BYTES {
        return;
    }
    let flaw = Flaw {
        clause: format!("came in a chain of {sent} certificates and {bytes} bytes; Java takes 10 certificates, AWS 16 KiB"),
        fix: "Leave in the client's file its own certificate and the intermediates that lead to the root, and nothing else".to_owned(),
        minded: Minded::Few,
        alerts: &[AlertDescription::HANDSHAKE_FAILURE, AlertDescription::ILLEGAL_PARAMETER, AlertDescription::INTERNAL_ERROR],
    };
    shown.blame(&CHAIN_TOO_MANY_OR_TOO_BIG, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_java_says_handshake_failure() {
        let found = fires(
            &CHAIN_TOO_MANY_OR_TOO_BIG,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/deep), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("11 certificates"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &CHAIN_TOO_MANY_OR_TOO_BIG,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/deep), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_chain_is_short() {
        quiet(
            &CHAIN_TOO_MANY_OR_TOO_BIG,
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
