//! A key in the client's chain is shorter than servers take.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::candidate::is_weak;
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// A key in the client's chain is too short.
    ///
    /// ## What happened
    ///
    /// A key in the client's chain has less than 112 bits of security: RSA or DSA under 2048 bits, curves under 224.
    /// OpenSSL at its usual security level 2 (Apache, HAProxy, Python on Debian and Ubuntu) refuses it with
    /// `bad_certificate` (42), rustls with `decrypt_error` (51), nginx with HTTP 400. Java, Go, GnuTLS, NSS and Node
    /// accept RSA 1024; RSA 512 is refused by more.
    ///
    /// ## Why it happens
    ///
    /// - The key is from a time when RSA 1024 was usual, or from a device that can do no more.
    ///
    /// ## What to do
    ///
    /// - Make a key of RSA 2048 or EC P-256 and have it certified.
    /// - As a stopgap, in the server: `ssl_ciphers DEFAULT@SECLEVEL=1` (nginx), `SSLCipherSuite DEFAULT@SECLEVEL=1`
    ///   (Apache), `ssl-default-bind-ciphers` (HAProxy), `CipherString = DEFAULT@SECLEVEL=1` in openssl.cnf.
    /// - OpenSSL clients at level 2 refuse to load it themselves (`ee key too small`), and nothing reaches the wire.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11
    /// ```
    ///
    /// In the client's Certificate: subjectPublicKeyInfo, modulus.
    ///
    /// ## How to reproduce
    ///
    /// The client needs OpenSSL's level 0 to load the file:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// OPENSSL_CONF=pki/openssl-level0.cnf curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/key-too-small.pem --key pki/zoo/key-too-small.key
    /// ```
    ///
    /// ## References
    ///
    /// - NIST SP 800-57 part 1, table 2; SSL_CTX_set_security_level(3); openssl verify errors 66 and 67
    pub static KEY_TOO_SMALL: Error = "key-too-small", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let weak = shown.chain.links.iter().find(|link| is_weak(&link.certificate.public_key.algorithm));
    let Some(weak) = weak else { return };
    let key = &weak.certificate.public_key.algorithm;
    let clause = match weak.place_in_sent() {
        Some(0) => format!("has a key ({key}) that is too short for most servers"),
        _ => format!(
            "stands below {}, whose key ({key}) is too short for most servers",
            Subject(&weak.certificate.subject)
        ),
    };
    let flaw = Flaw {
        clause,
        fix: "Make a key of RSA 2048 or EC P-256, and have it certified".to_owned(),
        minded: Minded::Most,
        alerts: &[AlertDescription::BAD_CERTIFICATE, AlertDescription::DECRYPT_ERROR],
    };
    shown.blame(&KEY_TOO_SMALL, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &KEY_TOO_SMALL,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/key-too-small), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("1024"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &KEY_TOO_SMALL,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/key-too-small), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("1024"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &KEY_TOO_SMALL,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/key-too-small), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &KEY_TOO_SMALL,
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
