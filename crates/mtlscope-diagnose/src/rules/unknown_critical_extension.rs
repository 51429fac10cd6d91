//! The client's certificate has a critical extension that is not in RFC 5280.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::{Unfit, purpose};
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate has a critical extension that few know.
    ///
    /// ## What happened
    ///
    /// An extension marked critical must be understood, or the certificate refused. This one is not of RFC 5280.
    /// `certificate_unknown` (46) from OpenSSL, Apache, HAProxy, Python, Java and rustls, `bad_certificate` (42) from
    /// Go and NSS, `access_denied` (49) from gnutls-serv, HTTP 400 from nginx, a close from Node.
    ///
    /// ## Why it happens
    ///
    /// - An authority's own extension was marked critical by mistake.
    ///
    /// ## What to do
    ///
    /// Have the certificate issued with the extension not critical. Servers have no setting for it; Go can take it
    /// off `UnhandledCriticalExtensions` in code, OpenSSL in a verify callback.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.critical == 1
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/unknown-critical-extension.pem --key pki/zoo/unknown-critical-extension.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2
    pub static UNKNOWN_CRITICAL_EXTENSION: Error = "unknown-critical-extension", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let unfit = purpose::check(shown.certificates.leaf, Side::Client);
    let Some(unfit) = unfit.iter().find(|unfit| matches!(unfit, Unfit::UnknownCritical { .. })) else {
        return;
    };
    let flaw = Flaw {
        clause: unfit.to_string(),
        fix: "Issue the client's certificate anew with that extension not critical".to_owned(),
        minded: Minded::All,
        alerts: &[
            AlertDescription::CERTIFICATE_UNKNOWN,
            AlertDescription::BAD_CERTIFICATE,
            AlertDescription::ACCESS_DENIED,
        ],
    };
    shown.blame(&UNKNOWN_CRITICAL_EXTENSION, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &UNKNOWN_CRITICAL_EXTENSION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/unknown-critical-extension), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("critical extensions"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &UNKNOWN_CRITICAL_EXTENSION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/unknown-critical-extension), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("critical extensions"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &UNKNOWN_CRITICAL_EXTENSION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/unknown-critical-extension), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &UNKNOWN_CRITICAL_EXTENSION,
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
