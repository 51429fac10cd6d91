//! An authority above the client's certificate must not give out one of its names.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::constraints;
use crate::pki::constraints::Violation;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// The client's name is outside what its authority may give out.
    ///
    /// ## What happened
    ///
    /// An authority's nameConstraints permit or exclude parts of the name space, and a name in the client's
    /// certificate (subjectAltName or subject) is out of bounds. `certificate_unknown` (46) from the OpenSSL family,
    /// Java and rustls, `bad_certificate` (42) from Go and NSS, `access_denied` (49) from gnutls-serv, HTTP 400 from
    /// nginx, a close from Node.
    ///
    /// ## Why it happens
    ///
    /// - A company's or a customer's authority is bound to its own domain, and issued for another.
    /// - The client's certificate carries a name that it does not need, such as a host name.
    ///
    /// ## What to do
    ///
    /// Have it issued with names within the bounds, or by another authority; or have the authority's bounds widened
    /// by whoever stands above it.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.NameConstraints_element
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/name-constraints-violation.pem --key pki/zoo/name-constraints-violation.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.10; openssl verify error 47
    pub static NAME_CONSTRAINTS_VIOLATION: Error = "name-constraints-violation", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let found = constraints::check(&shown.chain).into_iter().find_map(|violation| match violation {
        Violation::NameOutOfBounds { place, name } => {
            Some((place, format!("which must not give out the name {name}")))
        }
        _ => None,
    });
    let Some((place, clause)) = found else { return };
    let Some(issuer) = shown.chain.links.get(place) else { return };
    let flaw = Flaw {
        clause: format!("stands below {}, {clause}", Subject(&issuer.certificate.subject)),
        fix: "Have the certificate issued for a name within the authority's bounds, or by another authority"
            .to_owned(),
        minded: Minded::All,
        alerts: ALERTS,
    };
    shown.blame(&NAME_CONSTRAINTS_VIOLATION, &flaw, report);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::CERTIFICATE_UNKNOWN,
    AlertDescription::BAD_CERTIFICATE,
    AlertDescription::ACCESS_DENIED,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &NAME_CONSTRAINTS_VIOLATION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/name-constraints-violation), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("must not give out the name"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &NAME_CONSTRAINTS_VIOLATION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/name-constraints-violation), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("must not give out the name"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &NAME_CONSTRAINTS_VIOLATION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/name-constraints-violation), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &NAME_CONSTRAINTS_VIOLATION,
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
