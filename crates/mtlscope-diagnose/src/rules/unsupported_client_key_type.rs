//! The client's key is of a kind that servers do not verify.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::{Curve, KeyAlgorithm};

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The client's key is of a kind that the server cannot verify.
    ///
    /// ## What happened
    ///
    /// The client's key is one that not every TLS library knows: a curve without a name (explicit parameters),
    /// secp256k1, Ed448, RSA-PSS, DSA. Explicit parameters: `bad_certificate` (42) from OpenSSL, Java, Go and GnuTLS,
    /// 51 from rustls. secp256k1 in TLS 1.2: `illegal_parameter` (47) from OpenSSL, 40 from Java, 42 from Go and
    /// GnuTLS, 51 from rustls and NSS. Go refuses Ed448, RSA-PSS and DSA with 42. In TLS 1.3 clients mostly cannot
    /// use such keys at all and answer with no certificate.
    ///
    /// ## Why it happens
    ///
    /// - The key was made with `openssl ecparam -param_enc explicit`, by a smart card, or with the curve of a
    ///   cryptocurrency.
    ///
    /// ## What to do
    ///
    /// Make a key on P-256 or P-384, or RSA 2048 or longer, and have it certified. rustls needs the provider
    /// aws-lc-rs for P-521.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.algorithm.id
    /// ```
    ///
    /// In the client's Certificate: subjectPublicKeyInfo, algorithm and namedCurve.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl ecparam -name secp256k1 -genkey -noout -out k1.key
    /// openssl req -new -key k1.key -subj "/CN=k1" -out k1.csr
    /// openssl x509 -req -in k1.csr -CA pki/ca.pem -CAkey pki/ca.key -CAcreateserial -out k1.pem
    /// mtlscope serve --pki pki --verify-client require --tls-max 1.2 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert k1.pem --key k1.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5480 section 2.1.1: named curves only; RFC 8422 section 5.1.1; RFC 8446 section 4.2.3
    pub static UNSUPPORTED_CLIENT_KEY_TYPE: Error = "unsupported-client-key-type", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let key = &shown.certificates.leaf.public_key.algorithm;
    let minded = match key {
        KeyAlgorithm::Ec(Curve::Explicit) | KeyAlgorithm::Other(_) => Minded::All,
        KeyAlgorithm::Ec(Curve::Secp256k1 | Curve::Other(_)) => Minded::Most,
        KeyAlgorithm::Ed448
        | KeyAlgorithm::RsaPss { .. }
        | KeyAlgorithm::Dsa { .. }
        | KeyAlgorithm::Ec(Curve::BrainpoolP256 | Curve::BrainpoolP384 | Curve::BrainpoolP512) => Minded::Few,
        _ => return,
    };
    let flaw = Flaw {
        clause: format!("has a key ({key}) that not every server can verify"),
        fix: "Make a key on P-256 or P-384, or RSA 2048, and have it certified".to_owned(),
        minded,
        alerts: ALERTS,
    };
    shown.blame(&UNSUPPORTED_CLIENT_KEY_TYPE, &flaw, report);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::ILLEGAL_PARAMETER,
    AlertDescription::BAD_CERTIFICATE,
    AlertDescription::UNSUPPORTED_CERTIFICATE,
    AlertDescription::DECRYPT_ERROR,
    AlertDescription::HANDSHAKE_FAILURE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &UNSUPPORTED_CLIENT_KEY_TYPE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/secp256k1), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, illegal_parameter), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("secp256k1"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &UNSUPPORTED_CLIENT_KEY_TYPE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/secp256k1), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("secp256k1"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &UNSUPPORTED_CLIENT_KEY_TYPE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/secp256k1), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_good() {
        quiet(
            &UNSUPPORTED_CLIENT_KEY_TYPE,
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
