//! The client's certificate is of an old version of X.509, without extensions.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate is not of X.509 version 3.
    ///
    /// ## What happened
    ///
    /// The client's certificate has no extensions and is of version 1 (or 2). rustls refuses it with
    /// `certificate_unknown` (46) (`UnsupportedCertVersion`), and so do AWS and Google load balancers; every other
    /// server measured accepts it.
    ///
    /// ## Why it happens
    ///
    /// - `openssl x509 -req` writes version 1 (OpenSSL 1.1.1, and 3 without `-copy_extensions` and extensions) unless
    ///   it is given an extension file.
    ///
    /// ## What to do
    ///
    /// Sign with extensions: `openssl x509 -req -extfile client.ext`, with `keyUsage = critical, digitalSignature`
    /// and `extendedKeyUsage = clientAuth`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.signedCertificate_element
    /// ```
    ///
    /// Open the client's certificate: it has no `version: v3`.
    ///
    /// ## How to reproduce
    ///
    /// `mtlscope serve` is built on OpenSSL, and accepts it; the note is shown all the same:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/x509-v1-certificate.pem --key pki/zoo/x509-v1-certificate.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.1.2.1; rustls-webpki: `UnsupportedCertVersion`
    pub static X509_V1_CERTIFICATE: Error = "x509-v1-certificate", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let version = shown.certificates.leaf.version;
    if version >= 3 {
        return;
    }
    let flaw = Flaw {
        clause: format!("is of X.509 version {version}"),
        fix: "Issue the client's certificate anew with extensions, as version 3 (openssl x509 -req -extfile client.ext)".to_owned(),
        minded: Minded::Few,
        alerts: &[AlertDescription::CERTIFICATE_UNKNOWN],
    };
    shown.blame(&X509_V1_CERTIFICATE, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_rustls_says_certificate_unknown() {
        let found = fires(
            &X509_V1_CERTIFICATE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/x509-v1-certificate), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("X.509 version 1"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &X509_V1_CERTIFICATE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/x509-v1-certificate), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_good() {
        quiet(
            &X509_V1_CERTIFICATE,
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
