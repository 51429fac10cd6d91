//! The server refuses the ClientHello: nothing that it offers will do.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client and the server have no cipher suite or group in common.
    ///
    /// ## What happened
    ///
    /// The server answered the ClientHello itself by `handshake_failure` (40) or `insufficient_security` (71). No
    /// certificate was asked for yet, so it is not about one: the two have no cipher suite, group or signature
    /// algorithm in common that fits the server's certificate.
    ///
    /// ## Why it happens
    ///
    /// - The server has an ECDSA certificate, and the client offers RSA suites only, or the other way round.
    /// - One end's list of ciphers or curves was cut short, by policy (FIPS) or by hand.
    /// - The server serves no such host, and says so by this alert.
    ///
    /// ## What to do
    ///
    /// - Compare both lists: `mtlscope read -V` shows the client's.
    /// - Server: nginx `ssl_ciphers`, `ssl_ecdh_curve`; Apache `SSLCipherSuite`, `SSLOpenSSLConfCmd Groups`; HAProxy
    ///   `ssl-default-bind-ciphers`; Envoy `cipher_suites`, `ecdh_curves`; IIS: the SSL Cipher Suite Order policy; Go
    ///   `CipherSuites`; Node `ciphers`, `ecdhCurve`; Java `jdk.tls.disabledAlgorithms`.
    /// - Client: curl `--ciphers`, `--tls13-ciphers`, `--curves`; Python `set_ciphers`; .NET `CipherSuitesPolicy`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 40 && !(tls.handshake.type == 2)
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --tls-max 1.2 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --ciphers AES128-SHA
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.1.1
    pub static NO_SHARED_CIPHER: Error = "no-shared-cipher", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.is_before_server_hello() {
        return;
    }
    let (Some((hello, evidence)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else {
        return;
    };
    let refuses = &[AlertDescription::HANDSHAKE_FAILURE, AlertDescription::INSUFFICIENT_SECURITY];
    if refusal.by != Side::Server || !refusal.sign.is_alert(refuses) {
        return;
    }
    let groups = hello.supported_groups;
    let message = format!(
        "The server {refusal}, in answer to the ClientHello{} and before any certificate: none of the {} cipher suites and {groups} groups \
         in it will do.",
        Place(evidence),
        hello.cipher_suites
    );
    let fix = "Compare the ClientHello's lists (mtlscope read -V) with the server's (nginx: ssl_ciphers, ssl_ecdh_curve), and with the kind \
               of the server's key";
    let evidence = vec![refusal.evidence, evidence];
    report.find(&NO_SHARED_CIPHER, Severity::Error, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_hello_is_refused() {
        let found = fires(
            &NO_SHARED_CIPHER,
            "
            C> ClientHello
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("1 cipher suites"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_refusal_comes_after_the_answer() {
        quiet(
            &NO_SHARED_CIPHER,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
