//! An authority above the client's certificate allows fewer authorities below itself than there are.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::constraints;
use crate::pki::constraints::Violation;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// More authorities stand above the client's certificate than one of them allows.
    ///
    /// ## What happened
    ///
    /// An authority's basicConstraints hold a path length, the number of authorities that may stand between it and
    /// the client's certificate, and there are more. `unknown_ca` (48) from the OpenSSL family, `certificate_unknown`
    /// (46) from Java and rustls, `bad_certificate` (42) from Go and NSS, `access_denied` (49) from gnutls-serv, HTTP
    /// 400 from nginx, a close from Node.
    ///
    /// ## Why it happens
    ///
    /// - An intermediate made with `pathlen:0`, which may issue clients but no further authorities, was used to make
    ///   one.
    ///
    /// ## What to do
    ///
    /// Have the client's certificate issued by the authority that carries the limit, or have that one made anew with
    /// a longer path length. It is not a matter of the server's verify depth: see `verify-depth-exceeded`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.pathLenConstraint
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/pathlen-exceeded.pem --key pki/zoo/pathlen-exceeded.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.9; openssl verify error 25
    pub static PATHLEN_EXCEEDED: Error = "pathlen-exceeded", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let found = constraints::check(&shown.chain).into_iter().find_map(|violation| match violation {
        Violation::PathTooLong { place, allowed, is } => {
            Some((place, format!("which allows {allowed} authorities below itself, and there are {is}")))
        }
        _ => None,
    });
    let Some((place, clause)) = found else { return };
    let Some(issuer) = shown.chain.links.get(place) else { return };
    let flaw = Flaw {
        clause: format!("stands below {}, {clause}", Subject(&issuer.certificate.subject)),
        fix: "Issue from an authority further up, or give the upper one a longer path length".to_owned(),
        minded: Minded::All,
        alerts: ALERTS,
    };
    shown.blame(&PATHLEN_EXCEEDED, &flaw, report);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::UNKNOWN_CA,
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
            &PATHLEN_EXCEEDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/pathlen-exceeded), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("allows 0 authorities below itself"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &PATHLEN_EXCEEDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/pathlen-exceeded), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("allows 0 authorities below itself"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &PATHLEN_EXCEEDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/pathlen-exceeded), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &PATHLEN_EXCEEDED,
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
