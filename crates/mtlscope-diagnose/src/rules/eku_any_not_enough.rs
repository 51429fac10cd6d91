//! The client's certificate is for any purpose, and not expressly for clients.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::{Unfit, purpose};
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate allows any purpose, which some servers refuse.
    ///
    /// ## What happened
    ///
    /// The extended key usage holds `anyExtendedKeyUsage` and not `clientAuth`. RFC 5280 leaves it to the server
    /// whether that will do. The OpenSSL family and rustls refuse it with `unsupported_certificate` (43), NSS with
    /// `certificate_unknown` (46), nginx with HTTP 400, Node by closing. Java, Go and GnuTLS accept it.
    ///
    /// ## Why it happens
    ///
    /// - The profile of the authority says "any purpose" in place of a list.
    ///
    /// ## What to do
    ///
    /// Have it issued with `extendedKeyUsage = clientAuth`, beside the other or in its place. No server has a setting
    /// of its own to look away: OpenSSL's `-purpose any` switches the check off for all.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.keyPurposeIDs
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/eku-any-not-enough.pem --key pki/zoo/eku-any-not-enough.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.12
    pub static EKU_ANY_NOT_ENOUGH: Error = "eku-any-not-enough", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let unfit = purpose::check(shown.certificates.leaf, Side::Client);
    let Some(unfit) = unfit.iter().find(|unfit| matches!(unfit, Unfit::OnlyByAnyPurpose { .. })) else {
        return;
    };
    let flaw = Flaw {
        clause: unfit.to_string(),
        fix: "Issue the client's certificate anew with extendedKeyUsage = clientAuth".to_owned(),
        minded: Minded::Most,
        alerts: &[AlertDescription::UNSUPPORTED_CERTIFICATE, AlertDescription::CERTIFICATE_UNKNOWN],
    };
    shown.blame(&EKU_ANY_NOT_ENOUGH, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &EKU_ANY_NOT_ENOUGH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/eku-any-not-enough), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("anyExtendedKeyUsage"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &EKU_ANY_NOT_ENOUGH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/eku-any-not-enough), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("anyExtendedKeyUsage"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &EKU_ANY_NOT_ENOUGH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/eku-any-not-enough), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &EKU_ANY_NOT_ENOUGH,
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
