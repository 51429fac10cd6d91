//! The client signs the handshake with an algorithm that the server did not ask for.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client signed with an algorithm that the server did not offer.
    ///
    /// ## What happened
    ///
    /// The CertificateVerify names a signature algorithm that is not in the list of the server's CertificateRequest,
    /// or one that TLS 1.3 has no place for (RSA with PKCS#1 padding, SHA-1). `illegal_parameter` (47) from OpenSSL,
    /// Go and rustls, `handshake_failure` (40) from Java.
    ///
    /// ## Why it happens
    ///
    /// - A client's stack that does not heed the list: old .NET and SChannel, tokens whose driver signs one way only,
    ///   code of one's own.
    ///
    /// ## What to do
    ///
    /// Update the client's TLS library, or give it a key that fits what the server asks for: RSA needs
    /// `rsa_pss_rsae_*` in TLS 1.3, P-256 needs `ecdsa_secp256r1_sha256`. As a stopgap widen the server's list: nginx
    /// `ssl_conf_command ClientSignatureAlgorithms`, Apache `SSLOpenSSLConfCmd ClientSignatureAlgorithms`, HAProxy
    /// `client-sigalgs`, OpenSSL `-client_sigalgs`; or TLS 1.2 for this client.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.sig_hash_alg && (tls.handshake.type == 13 || tls.handshake.type == 15)
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: no client at hand signs with what was not asked for.
    ///
    /// `mtlscope serve` takes a handshake from any client, and shows both lists:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 sections 4.2.3 and 4.4.3; RFC 5246 section 7.4.8
    pub static CERTVERIFY_SCHEME_NOT_ALLOWED: Error = "certverify-scheme-not-allowed", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let (Some(proof), Some(request)) = (handshake.proof.seen(), handshake.request.seen()) else { return };
    let Some(used) = proof.algorithm else { return };
    let asked = &request.signature_algorithms;
    if asked.is_empty() || asked.contains(&used) {
        return;
    }
    let Some(shown) = Shown::of(connection, context) else { return };
    let list: Vec<String> = asked.iter().map(ToString::to_string).collect();
    let flaw = Flaw {
        clause: format!(
            "was proven with a signature by {used}{}, and the server asked for {}",
            Place(proof.evidence),
            list.join(", ")
        ),
        fix: "Update the client's TLS library, or use a key of another kind that fits the server's list"
            .to_owned(),
        minded: Minded::Most,
        alerts: ALERTS,
    };
    shown.blame(&CERTVERIFY_SCHEME_NOT_ALLOWED, &flaw, report);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::ILLEGAL_PARAMETER,
    AlertDescription::HANDSHAKE_FAILURE,
    AlertDescription::DECRYPT_ERROR,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_illegal_parameter() {
        let found = fires(
            &CERTVERIFY_SCHEME_NOT_ALLOWED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0403), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify(0804), ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, illegal_parameter), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("rsa_pss_rsae_sha256"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &CERTVERIFY_SCHEME_NOT_ALLOWED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0403), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify(0804), ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("asked for ecdsa_secp256r1_sha256"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_one_of_the_list() {
        quiet(
            &CERTVERIFY_SCHEME_NOT_ALLOWED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; sigalgs=0403), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify(0403), ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, illegal_parameter), FIN
            ",
        );
    }
}
