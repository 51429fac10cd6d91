//! A certificate that the client sent cannot be read.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// A certificate of the client cannot be read.
    ///
    /// ## What happened
    ///
    /// What the client sent is no certificate that follows the rules of X.509. `bad_certificate` (42) from Go up to
    /// 1.25, Java and rustls, `decode_error` (50) from OpenSSL and the newest Go.
    ///
    /// ## Why it happens
    ///
    /// - An authority writes serial numbers that are negative or longer than 20 bytes, or bad DER.
    /// - The client holds a file of another kind under the name of a certificate.
    ///
    /// ## What to do
    ///
    /// Have the certificate issued anew by a profile that follows RFC 5280; look at it with `openssl x509 -text` and
    /// `mtlscope pki show`, which say what is wrong.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && _ws.malformed
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: no client at hand sends what it cannot read itself: OpenSSL and `mtlscope connect` refuse to
    /// load such a file.
    ///
    /// `mtlscope pki show` says what is wrong with one:
    ///
    /// ```sh
    /// head -c 300 /dev/urandom > noise.der
    /// mtlscope pki show noise.der
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.1
    pub static CLIENT_CERT_PARSE_FAILURE: Error = "client-cert-parse-failure", check, needs RECEIVED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    // A printout names the message, and shows no certificate that could be read.
    if handshake.request.seen().is_some_and(|request| request.only_named) {
        return;
    }
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.unreadable > 0) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let refused_for_it = reception.sign().is_some_and(|sign| sign.alert().is_none() || sign.is_alert(ALERTS));
    let (severity, confidence) = match reception {
        Reception::Refused(_) if refused_for_it => (Severity::Error, Confidence::Likely),
        _ => (Severity::Warning, Confidence::Likely),
    };
    let mut evidence = vec![answer.evidence];
    evidence.extend(reception.evidence());
    let message = format!(
        "{} of the certificates that the client sent{} cannot be read. {reception}.",
        answer.unreadable,
        Place(answer.evidence)
    );
    let fix = "Have the client's certificate issued anew, and look at it with openssl x509 -text";
    report.find(&CLIENT_CERT_PARSE_FAILURE, severity, confidence, evidence, message, fix);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::BAD_CERTIFICATE,
    AlertDescription::DECODE_ERROR,
    AlertDescription::UNSUPPORTED_CERTIFICATE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_decode_error() {
        let found = fires(
            &CLIENT_CERT_PARSE_FAILURE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(garbage), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, decode_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("cannot be read"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &CLIENT_CERT_PARSE_FAILURE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(garbage), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("cannot be read"), "{}", found.message);
    }

    #[test]
    fn quiet_when_all_can_be_read() {
        quiet(
            &CLIENT_CERT_PARSE_FAILURE,
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
