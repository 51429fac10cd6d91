//! A certificate in the client's chain is signed with SHA-1 or MD5.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::HashAlgorithm;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// A certificate in the client's chain is signed with SHA-1 or MD5.
    ///
    /// ## What happened
    ///
    /// A signature below the root is made with a hash that can be forged. `bad_certificate` (42) from the OpenSSL
    /// family and Go, `decrypt_error` (51) from rustls, `access_denied` (49) from gnutls-serv, HTTP 400 from nginx, a
    /// close from Node. Java 17 and NSS accept SHA-1 from a private authority, and refuse MD5 (46, 42).
    ///
    /// ## Why it happens
    ///
    /// - The authority's default is an old one, or its own certificate has not been renewed for long.
    ///
    /// ## What to do
    ///
    /// Have it issued anew with SHA-256; an intermediate too. A stopgap in the server: security level 0 or 1
    /// (`DEFAULT@SECLEVEL=0` in `ssl_ciphers`, `SSLCipherSuite`, openssl.cnf), `update-crypto-policies --set LEGACY`
    /// on Red Hat, `GODEBUG=x509sha1=1` for Go up to 1.23.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.algorithm.id
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// The client needs OpenSSL's level 0 to load the file:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// OPENSSL_CONF=pki/openssl-level0.cnf curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/weak-signature-hash.pem --key pki/zoo/weak-signature-hash.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9155: MD5 and SHA-1 in TLS 1.2; openssl verify error 68
    pub static WEAK_SIGNATURE_HASH: Error = "weak-signature-hash", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let weak = shown.chain.links.iter().find(|link| {
        let hash = link.certificate.signature_algorithm.hash();
        // Nobody hangs anything on a root's own signature.
        !link.certificate.is_self_issued()
            && matches!(hash, Some(HashAlgorithm::Md2 | HashAlgorithm::Md5 | HashAlgorithm::Sha1))
    });
    let Some(weak) = weak else { return };
    let algorithm = &weak.certificate.signature_algorithm;
    let clause = match weak.place_in_sent() {
        Some(0) => format!("is signed with {algorithm}, which most servers refuse"),
        _ => format!("stands below {}, which is signed with {algorithm}", Subject(&weak.certificate.subject)),
    };
    let flaw = Flaw {
        clause,
        fix: "Have the certificate issued anew with SHA-256".to_owned(),
        minded: Minded::Most,
        alerts: &[
            AlertDescription::BAD_CERTIFICATE,
            AlertDescription::DECRYPT_ERROR,
            AlertDescription::ACCESS_DENIED,
        ],
    };
    shown.blame(&WEAK_SIGNATURE_HASH, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &WEAK_SIGNATURE_HASH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/weak-signature-hash), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("SHA1"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &WEAK_SIGNATURE_HASH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/weak-signature-hash), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("SHA1"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &WEAK_SIGNATURE_HASH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/weak-signature-hash), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &WEAK_SIGNATURE_HASH,
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
