//! More certificates stand above the client's than the server goes up.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::Shown;
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The client's chain may be longer than the server follows.
    ///
    /// ## What happened
    ///
    /// Every server has a limit on how many certificates it follows upwards. With nginx and the OpenSSL family the
    /// limit counts the intermediates; with Apache it counts the root too, and its default of 1 allows no
    /// intermediate at all. `unknown_ca` (48) from OpenSSL, HAProxy, Python and Envoy, `internal_error` (80) from
    /// Apache, HTTP 400 from nginx. The limit itself is not on the wire, so this is concluded from a chain that shows
    /// no flaw and has an intermediate.
    ///
    /// ## Why it happens
    ///
    /// - Apache's `SSLVerifyDepth` and nginx's `ssl_verify_depth` are 1 by default.
    ///
    /// ## What to do
    ///
    /// - nginx: `ssl_verify_depth 3;` ingress-nginx: `nginx.ingress.kubernetes.io/auth-tls-verify-depth`
    /// - Apache: `SSLVerifyDepth 3`
    /// - Envoy: `max_verify_depth`; HAProxy, Python, Node: by OpenSSL's default of 100, so that it is seldom that
    /// - AWS: four levels in an ALB trust store and an API Gateway trust store
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11
    /// ```
    ///
    /// Count the certificates of the client.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --verify-depth 1 &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - nginx: `ssl_verify_depth`; Apache: `SSLVerifyDepth`, AH02040; openssl verify error 22
    pub static VERIFY_DEPTH_EXCEEDED: Error = "verify-depth-exceeded", check, needs SHOWN | TURNED_DOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Reception::Refused(refusal) = shown.reception else { return };
    let intermediates =
        shown.chain.links.iter().skip(1).filter(|link| !link.certificate.is_self_issued()).count();
    let is_trusted = matches!(shown.certificates.lead(context), Some(Lead::Known(_)));
    if intermediates == 0 || !is_trusted || shown.has_a_flaw(context) {
        return;
    }
    // Apache counts for itself, and its alert is used by no other for a chain.
    let says_so = refusal.sign.is_alert(&[AlertDescription::INTERNAL_ERROR, AlertDescription::UNKNOWN_CA]);
    // nginx, which says nothing by an alert, follows one as it comes.
    let is_mute = refusal.sign.alert().is_none();
    if !is_mute && !says_so || is_mute && intermediates < 2 || refusal.sign.may_mean_something_else() {
        return;
    }
    let is_apaches = refusal.sign.is_alert(&[AlertDescription::INTERNAL_ERROR]);
    let confidence = if is_apaches { Confidence::Likely } else { Confidence::Possible };
    let message = format!(
        "{} stands below {intermediates} {}, and nothing is wrong with any of them; the server {refusal}. It may follow fewer.",
        shown.whose(),
        if intermediates == 1 { "intermediate" } else { "intermediates" },
    );
    let fix = "Have the server follow more certificates (Apache: SSLVerifyDepth 3, whose default of 1 allows no intermediate; nginx: \
               ssl_verify_depth 3); its error log says whether it is that";
    report.find(&VERIFY_DEPTH_EXCEEDED, Severity::Error, confidence, shown.evidence(), message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_apache_says_internal_error() {
        let found = fires(
            &VERIFY_DEPTH_EXCEEDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, internal_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("below 1 intermediate"), "{}", found.message);
    }

    #[test]
    fn fires_when_nginx_answers_400() {
        let found = fires(
            &VERIFY_DEPTH_EXCEEDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/deep), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("It may follow fewer"), "{}", found.message);
    }

    #[test]
    fn quiet_when_there_is_no_intermediate() {
        quiet(
            &VERIFY_DEPTH_EXCEEDED,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_server_went_on() {
        quiet(
            &VERIFY_DEPTH_EXCEEDED,
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
