//! The server gives up in TLS 1.3 where its request would come: its list of signature algorithms may have none for that version.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server may have no signature algorithm for clients in TLS 1.3.
    ///
    /// ## What happened
    ///
    /// An OpenSSL server whose list of client signature algorithms holds only those of PKCS#1 cannot make a
    /// CertificateRequest in TLS 1.3, and gives up with `internal_error` (80) after its ServerHello. TLS 1.2 to the
    /// same server works. The same alert has another cause: see `ca-list-over-64k`.
    ///
    /// ## Why it happens
    ///
    /// - `ClientSignatureAlgorithms` was set for old clients, to `RSA+SHA256`.
    ///
    /// ## What to do
    ///
    /// - Add `rsa_pss_rsae_sha256` and `ECDSA+SHA256`: nginx `ssl_conf_command ClientSignatureAlgorithms`, Apache
    ///   `SSLOpenSSLConfCmd ClientSignatureAlgorithms`, HAProxy `client-sigalgs`, OpenSSL `-client_sigalgs`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 80
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -CAfile pki/ca.pem -Verify 3 -client_sigalgs RSA+SHA256 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.2.3; https://github.com/openssl/openssl/issues/28942
    pub static SERVER_SIGALGS_INVALID_FOR_TLS13: Error = "server-sigalgs-invalid-for-tls13", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Some((_, hello)) = connection.server_hello() else { return };
    let is_in_its_place =
        initial.request.is_not_sent() || !initial.request.is_seen() && !initial.server_finished.is_seen();
    let has_answered = initial.client_finished.is_seen() || initial.answer.is_seen();
    if !refusal.sign.is_alert(&[AlertDescription::INTERNAL_ERROR])
        || !is_in_its_place
        || has_answered
        || !connection.is_tls13()
    {
        return;
    }
    let message = format!(
        "The server {refusal}, in the place of its CertificateRequest, after its ServerHello{}: its list of signature algorithms for clients may have none for TLS 1.3.",
        Place(hello)
    );
    let fix = "Add rsa_pss_rsae_sha256 to the server's ClientSignatureAlgorithms, or try TLS 1.2 to see whether it is that";
    let evidence = vec![refusal.evidence, hello];
    report.find(
        &SERVER_SIGALGS_INVALID_FOR_TLS13,
        Severity::Error,
        Confidence::Possible,
        evidence,
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_gives_up_in_tls13() {
        let found = fires(
            &SERVER_SIGALGS_INVALID_FOR_TLS13,
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, Alert(fatal, internal_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("none for TLS 1.3"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_tls12() {
        quiet(
            &SERVER_SIGALGS_INVALID_FOR_TLS13,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, Alert(fatal, internal_error), FIN
            ",
        );
    }
}
