//! Before TLS 1.3 the server names types of certificates, and a common one is not among them.

use mtlscope_dissect::x509::{Curve, KeyAlgorithm};

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::scheme;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server does not take certificates with the client's kind of key.
    ///
    /// ## What happened
    ///
    /// Up to TLS 1.2 the request has a list of certificate types: `rsa_sign` (1), `dss_sign` (2), `ecdsa_sign` (64).
    /// EC and Ed25519 keys need 64, RSA keys 1. The client either showed a certificate of another type, or showed
    /// none where a common type is missing from the list.
    ///
    /// ## Why it happens
    ///
    /// - The server allows signatures by RSA only, or ECDSA only.
    /// - Old appliances know `ecdsa_sign` not at all.
    ///
    /// ## What to do
    ///
    /// - Have the server take the type: nginx and Apache build the list from `ClientSignatureAlgorithms`; GnuTLS from
    ///   its priority string (`+SIGN-ECDSA-SHA256`).
    /// - Or use a certificate with a key of a type that is named.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 && tls.handshake.cert_type
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -tls1_2 -CAfile pki/ca.pem -Verify 3 -client_sigalgs ECDSA+SHA256 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client-rsa.pem --key pki/client-rsa.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.4; RFC 8422 section 5.5
    pub static CERTIFICATE_TYPES_MISMATCH_TLS12: Error = "certificate-types-mismatch-tls12", check, needs RECEIVED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let (Some(answer), Some(request)) = (handshake.answer.seen(), handshake.request.seen()) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let types = &request.certificate_types;
    let lacks =
        |key: &KeyAlgorithm| types.iter().all(|wanted| scheme::is_of_type(key, *wanted) == Some(false));
    let (confidence, shown) = match answer.certificates.first().map(|leaf| &leaf.public_key.algorithm) {
        _ if types.is_empty() => return,
        Some(key) if lacks(key) => {
            (Confidence::Likely, format!("the client showed one with a key of the kind {key}"))
        }
        Some(_) => return,
        None => match COMMON.iter().find(|key| lacks(key)) {
            Some(key) if answer.is_empty() => (
                Confidence::Possible,
                format!("a client with a key of the kind {key} had to answer with none"),
            ),
            _ => return,
        },
    };
    let list: Vec<String> = types.iter().map(ToString::to_string).collect();
    let message = format!(
        "The server takes certificates of the types {} only{}: {shown}. {reception}.",
        list.join(", "),
        Place(request.evidence)
    );
    let fix = "Have the server take that type (OpenSSL: ClientSignatureAlgorithms), or use a certificate with another kind of key";
    let mut evidence = vec![answer.evidence, request.evidence];
    evidence.extend(reception.evidence());
    let severity = reception.severity(Severity::Note);
    report.find(&CERTIFICATE_TYPES_MISMATCH_TLS12, severity, confidence, evidence, message, fix);
}

/// The keys that most clients have.
const COMMON: &[KeyAlgorithm] = &[KeyAlgorithm::Rsa { bits: 2048 }, KeyAlgorithm::Ec(Curve::P256)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_type_of_the_certificate_is_not_named() {
        let found = fires(
            &CERTIFICATE_TYPES_MISMATCH_TLS12,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root; types=64), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("RSA 2048"), "{}", found.message);
    }

    #[test]
    fn fires_when_a_common_type_is_not_named() {
        let found = fires(
            &CERTIFICATE_TYPES_MISMATCH_TLS12,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca; types=64), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("RSA 2048"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_type_is_named() {
        quiet(
            &CERTIFICATE_TYPES_MISMATCH_TLS12,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root; types=1), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
