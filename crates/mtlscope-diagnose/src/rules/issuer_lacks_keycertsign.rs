//! The keyUsage of an authority above the client's certificate lacks keyCertSign.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::constraints;
use crate::pki::constraints::Violation;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// The authority above the client's certificate may not sign certificates.
    ///
    /// ## What happened
    ///
    /// The authority has a keyUsage, and `keyCertSign` is not in it. `unknown_ca` (48) from the OpenSSL family,
    /// `certificate_unknown` (46) from Java and NSS, `bad_certificate` (42) from Go, `access_denied` (49) from
    /// gnutls-serv, HTTP 400 from nginx, a close from Node. rustls 0.23 accepts it.
    ///
    /// ## Why it happens
    ///
    /// - The authority was made with the profile of a server or a client.
    ///
    /// ## What to do
    ///
    /// Make the authority's certificate anew with `keyUsage = critical, keyCertSign, cRLSign`. With the same key and
    /// name, what it issued stays good.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.KeyUsage
    /// ```
    ///
    /// Of the client's Certificate, the second certificate.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n' > inter.ext
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=may not sign" -keyout inter.key -out inter.csr
    /// openssl x509 -req -in inter.csr -CA pki/ca.pem -CAkey pki/ca.key -CAcreateserial -extfile inter.ext -out inter.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout c.key -out c.csr
    /// openssl x509 -req -in c.csr -CA inter.pem -CAkey inter.key -CAcreateserial -out c.pem
    /// cat inter.pem >> c.pem
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.3; openssl verify errors 32 and 79
    pub static ISSUER_LACKS_KEYCERTSIGN: Error = "issuer-lacks-keycertsign", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let found = constraints::check(&shown.chain).into_iter().find_map(|violation| match violation {
        Violation::IssuerMayNotSign { place } => {
            Some((place, "whose keyUsage does not allow signing certificates"))
        }
        _ => None,
    });
    let Some((place, clause)) = found else { return };
    let Some(issuer) = shown.chain.links.get(place) else { return };
    let flaw = Flaw {
        clause: format!("stands below {}, {clause}", Subject(&issuer.certificate.subject)),
        fix: "Issue the authority's certificate anew with keyUsage = critical, keyCertSign, cRLSign"
            .to_owned(),
        minded: Minded::Most,
        alerts: ALERTS,
    };
    shown.blame(&ISSUER_LACKS_KEYCERTSIGN, &flaw, report);
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
            &ISSUER_LACKS_KEYCERTSIGN,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-lacks-keycertsign), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("does not allow signing certificates"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &ISSUER_LACKS_KEYCERTSIGN,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-lacks-keycertsign), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("does not allow signing certificates"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &ISSUER_LACKS_KEYCERTSIGN,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/issuer-lacks-keycertsign), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &ISSUER_LACKS_KEYCERTSIGN,
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
