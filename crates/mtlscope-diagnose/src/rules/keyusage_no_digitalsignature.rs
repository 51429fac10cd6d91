//! The keyUsage of the client's certificate does not allow signing a handshake.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::{Unfit, purpose};
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate may not sign (keyUsage without digitalSignature).
    ///
    /// ## What happened
    ///
    /// The certificate has a keyUsage, and `digitalSignature` is not in it; but signing the handshake is how a client
    /// proves who it is. `unsupported_certificate` (43) from the OpenSSL family, `certificate_unknown` (46) from Java
    /// and NSS, `internal_error` (80) from GnuTLS, HTTP 400 from nginx, a close from Node. Go and rustls 0.23 accept
    /// it. Without the extension all is allowed.
    ///
    /// ## Why it happens
    ///
    /// - The profile is one for encryption only (`keyEncipherment`), or for documents (`nonRepudiation`): smart cards
    ///   hold several certificates, and the wrong one was chosen.
    ///
    /// ## What to do
    ///
    /// Have it issued with `keyUsage = critical, digitalSignature`. With smart cards, choose the certificate for
    /// authentication: Windows and browsers by the picker, curl and OpenSSL by the PKCS#11 URI, Java by the alias.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.KeyUsage
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/keyusage-no-digitalsignature.pem --key pki/zoo/keyusage-no-digitalsignature.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.3
    pub static KEYUSAGE_NO_DIGITALSIGNATURE: Error = "keyusage-no-digitalsignature", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let unfit = purpose::check(shown.certificates.leaf, Side::Client);
    let Some(unfit) = unfit.iter().find(|unfit| matches!(unfit, Unfit::NoDigitalSignature { .. })) else {
        return;
    };
    let flaw = Flaw {
        clause: unfit.to_string(),
        fix: "Issue the client's certificate anew with keyUsage = critical, digitalSignature".to_owned(),
        minded: Minded::Most,
        alerts: &[
            AlertDescription::UNSUPPORTED_CERTIFICATE,
            AlertDescription::CERTIFICATE_UNKNOWN,
            AlertDescription::INTERNAL_ERROR,
        ],
    };
    shown.blame(&KEYUSAGE_NO_DIGITALSIGNATURE, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &KEYUSAGE_NO_DIGITALSIGNATURE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/keyusage-no-digitalsignature), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("digitalSignature"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &KEYUSAGE_NO_DIGITALSIGNATURE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/keyusage-no-digitalsignature), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("digitalSignature"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &KEYUSAGE_NO_DIGITALSIGNATURE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/keyusage-no-digitalsignature), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &KEYUSAGE_NO_DIGITALSIGNATURE,
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
