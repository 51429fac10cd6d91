//! An authority between the client's certificate and the root is past its notAfter.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::pki::validity;
use crate::pki::validity::Validity;
use crate::rule::{Report, rule};
use crate::wording::{Span, Subject};

rule! {
    /// An authority above the client's certificate has expired.
    ///
    /// ## What happened
    ///
    /// The client's own certificate is in date, and one that it sent along, above it, is not. `certificate_expired`
    /// (45) from OpenSSL, Apache, HAProxy, Python and rustls, `unknown_ca` (48) from NSS, `certificate_unknown` (46)
    /// from Java, `bad_certificate` (42) from Go, `access_denied` (49) from gnutls-serv, HTTP 400 from nginx, a close
    /// from Node.
    ///
    /// ## Why it happens
    ///
    /// - The authority's certificate was renewed, and the client's file still holds the old one.
    /// - The server's file holds the old one as well, and its library prefers that.
    ///
    /// ## What to do
    ///
    /// - In the client, put the renewed intermediate behind its own certificate: curl `--cert`, nginx
    ///   `proxy_ssl_certificate`, HAProxy `crt`, Envoy `certificate_chain`, Go and Node: the PEM; Java: import the
    ///   chain onto the alias; .NET and IIS: the store "Intermediate Certification Authorities"; Python
    ///   `load_cert_chain`.
    /// - In the server, take the expired copy out of the authority file, so that the renewed one is found.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.notAfter
    /// ```
    ///
    /// Of the client's Certificate, the second and the following certificates.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/intermediate-expired.pem --key pki/zoo/intermediate-expired.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 6.1.3
    pub static INTERMEDIATE_EXPIRED: Error = "intermediate-expired", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Some(at) = shown.certificates.shown_at() else { return };
    let expired =
        shown.chain.links.iter().skip(1).find_map(|link| match validity::check(&link.certificate, at) {
            Validity::Expired { by } if link.place_in_sent().is_some() => Some((&link.certificate, by)),
            _ => None,
        });
    let Some((authority, by)) = expired else { return };
    let flaw = Flaw {
        clause: format!(
            "stands below {}, which expired on {}, {} before",
            Subject(&authority.subject),
            authority.not_after,
            Span(by)
        ),
        fix: format!(
            "Put the renewed certificate of {} behind the client's own",
            Subject(&authority.subject)
        ),
        minded: Minded::All,
        alerts: ALERTS,
    };
    shown.blame(&INTERMEDIATE_EXPIRED, &flaw, report);
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::CERTIFICATE_EXPIRED,
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
            &INTERMEDIATE_EXPIRED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/intermediate-expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("expired on"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &INTERMEDIATE_EXPIRED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/intermediate-expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("expired on"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &INTERMEDIATE_EXPIRED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/intermediate-expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
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
            &INTERMEDIATE_EXPIRED,
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
