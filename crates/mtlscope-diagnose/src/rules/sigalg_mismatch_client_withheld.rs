//! The server asks for signatures that a common kind of key cannot make, and the client shows no certificate.

use mtlscope_dissect::x509::{Curve, KeyAlgorithm};

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::scheme;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client may have no key that can sign as the server asks.
    ///
    /// ## What happened
    ///
    /// The list of signature algorithms in the server's request leaves no choice to a common kind of key, and the
    /// client answered with no certificate. In TLS 1.3 an RSA key needs `rsa_pss_rsae_*`, whatever stands there of
    /// `rsa_pkcs1_*`; a key on P-256, P-384 or P-521 needs the one entry of its own curve. The wire does not tell
    /// this from a client without a certificate; the kind of the client's key does.
    ///
    /// ## Why it happens
    ///
    /// - The server's list was cut short, for ECDSA only or RSA only.
    /// - Ed25519, Ed448, secp256k1 and DSA keys are on few lists; NSS and Go leave some out.
    ///
    /// ## What to do
    ///
    /// - Look at the key: `openssl x509 -in client.pem -noout -text`, or `mtlscope connect URL --cert-dir DIR`, which
    ///   says which certificate would do.
    /// - Widen the list: nginx `ssl_conf_command ClientSignatureAlgorithms`, Apache `SSLOpenSSLConfCmd
    ///   ClientSignatureAlgorithms`, HAProxy `client-sigalgs`, OpenSSL `-client_sigalgs`; rustls with aws-lc-rs takes
    ///   P-521.
    /// - Or have a certificate for P-256 or RSA 2048.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 && tls.handshake.sig_hash_alg
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -tls1_3 -CAfile pki/ca.pem -Verify 3 -client_sigalgs ECDSA+SHA256 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client-rsa.pem --key pki/client-rsa.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 sections 4.2.3 and 4.4.2.3
    pub static SIGALG_MISMATCH_CLIENT_WITHHELD: Error = "sigalg-mismatch-client-withheld", check, needs WITHHELD;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(request) = handshake.request.seen() else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let asked = &request.signature_algorithms;
    let Some(version) = handshake.version.seen().or(connection.initial().version.seen()) else { return };
    if asked.is_empty() {
        return;
    }
    let cannot: Vec<String> = COMMON
        .iter()
        .filter(|key| asked.iter().all(|asked| scheme::can_sign(key, *version, *asked) == Some(false)))
        .map(ToString::to_string)
        .collect();
    if cannot.is_empty() {
        return;
    }
    let list: Vec<String> = asked.iter().map(ToString::to_string).collect();
    let message = format!(
        "The server takes signatures by {} only{}: a client with a key of the kind {} had to answer with none. {reception}.",
        list.join(", "),
        Place(request.evidence),
        cannot.join(" or "),
    );
    let fix = "Compare the client's key with that list, and widen the list (OpenSSL: ClientSignatureAlgorithms) or use another kind of key";
    let mut evidence = vec![answer.evidence, request.evidence];
    evidence.extend(reception.evidence());
    let severity = reception.severity(Severity::Note);
    report.find(&SIGALG_MISMATCH_CLIENT_WITHHELD, severity, Confidence::Possible, evidence, message, fix);
}

/// The keys that most clients have.
const COMMON: &[KeyAlgorithm] = &[KeyAlgorithm::Rsa { bits: 2048 }, KeyAlgorithm::Ec(Curve::P256)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_rsa_cannot_sign() {
        let found = fires(
            &SIGALG_MISMATCH_CLIENT_WITHHELD,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0403), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("RSA 2048"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &SIGALG_MISMATCH_CLIENT_WITHHELD,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0804), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Possible));
        assert!(found.message.contains("P-256"), "{}", found.message);
    }

    #[test]
    fn quiet_when_both_can_sign() {
        quiet(
            &SIGALG_MISMATCH_CLIENT_WITHHELD,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_a_certificate_was_shown() {
        quiet(
            &SIGALG_MISMATCH_CLIENT_WITHHELD,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0403), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
