//! The certificate above the client's is not that of an authority.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::constraints;
use crate::pki::constraints::Violation;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// What issued the client's certificate is no authority.
    ///
    /// ## What happened
    ///
    /// The certificate that issued the client's lacks `CA:TRUE` in its basicConstraints. `unknown_ca` (48) from the
    /// OpenSSL family and NSS, `certificate_unknown` (46) from Java and rustls, `bad_certificate` (42) from Go,
    /// `access_denied` (49) from gnutls-serv, HTTP 400 from nginx, a close from Node.
    ///
    /// ## Why it happens
    ///
    /// - An ordinary certificate was used to sign another.
    /// - A home-made authority was signed without an extension file, so that its basicConstraints are missing.
    ///
    /// ## What to do
    ///
    /// Make the authority's certificate anew with `basicConstraints = critical, CA:TRUE` and `keyUsage = critical,
    /// keyCertSign, cRLSign`. With the same key and name, what it issued stays good.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.BasicConstraintsSyntax_element
    /// ```
    ///
    /// Of the client's Certificate, the second certificate.
    ///
    /// ## How to reproduce
    ///
    /// A client's certificate of the test authority signs another:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=below a client" -keyout c.key -out c.csr
    /// openssl x509 -req -in c.csr -CA pki/client.pem -CAkey pki/client.key -CAcreateserial -out c.pem
    /// cat pki/client.pem >> c.pem
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.9; openssl verify errors 24 and 79
    pub static ISSUER_NOT_A_CA: Error = "issuer-not-a-ca", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let found = constraints::check(&shown.chain).into_iter().find_map(|violation| match violation {
        Violation::IssuerIsNoAuthority { place } => Some((place, "which is no authority (CA:FALSE)")),
        _ => None,
    });
    let Some((place, clause)) = found else { return };
    let Some(issuer) = shown.chain.links.get(place) else { return };
    let flaw = Flaw {
        clause: format!("stands below {}, {clause}", Subject(&issuer.certificate.subject)),
        fix: "Issue the authority's certificate anew with basicConstraints = critical, CA:TRUE and keyUsage keyCertSign, cRLSign".to_owned(),
        minded: Minded::All,
        alerts: ALERTS,
    };
    shown.blame(&ISSUER_NOT_A_CA, &flaw, report);
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
            &ISSUER_NOT_A_CA,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-not-a-ca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("is no authority"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &ISSUER_NOT_A_CA,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-not-a-ca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("is no authority"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &ISSUER_NOT_A_CA,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-not-a-ca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &ISSUER_NOT_A_CA,
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
