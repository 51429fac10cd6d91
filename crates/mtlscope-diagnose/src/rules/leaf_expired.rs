//! The client's certificate is past its notAfter.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{ClientChain, Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::validity::{self, Validity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Span, Subject};

rule! {
    /// The client's certificate has expired.
    ///
    /// ## What happened
    ///
    /// The client sent a certificate whose `notAfter` lies before the moment of the capture. Most servers refuse it:
    /// `certificate_expired` (45) from OpenSSL, Apache, HAProxy, Python, Envoy, rustls, NSS and newer Go;
    /// `certificate_unknown` (46) from Java; `bad_certificate` (42) from older Go; `access_denied` (49) from gnutls-serv;
    /// HTTP 400 from nginx; a close without any alert from Node. The date decides here, not the number.
    ///
    /// Where the server went on all the same, this is a warning: it does not check, or it was told not to.
    ///
    /// ## Why it happens
    ///
    /// - Nobody renewed the certificate, or the renewed one was not put where the client reads it.
    /// - It was renewed, but a long-running client still holds the old one in memory.
    /// - The clock of the machine that captured is wrong: the report judges by the capture's time.
    ///
    /// curl with TLS 1.2 is misleading here: it reports exit code 60 and speaks of the server's certificate, since it reads
    /// every `certificate_expired` that way.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `stale-certificate-in-memory`.
    ///
    /// ## What to do
    ///
    /// Renew the certificate, put it where the client reads it, and reload or restart the client:
    ///
    /// - curl: the file of `--cert`
    /// - Java: the key store; a running `SSLContext` keeps the old entry until it is built anew
    /// - Go: `Certificates` is read once; `GetClientCertificate` may read the file each time
    /// - Node: make a new `https.Agent`; Python: a new `SSLContext`; .NET: a new handler
    /// - nginx as a client: `proxy_ssl_certificate`, then `nginx -s reload`; HAProxy: `set ssl cert` or a reload; Envoy:
    ///   SDS renews without a restart
    ///
    /// A server should not be told to look away. HAProxy can for a time of grace (`crt-ignore-err 10`), others only by
    /// asking without verifying (nginx `ssl_verify_client optional_no_ca`, Apache `SSLVerifyClient optional_no_ca`). IIS
    /// answers 403.17 for this, and 403.16 for an untrusted one.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.notAfter
    /// ```
    ///
    /// Of those, the Certificate that the client sent; open Certificate, validity, notAfter.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days -1 -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --cert client.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.1.2.5: validity
    /// - RFC 5246 section 7.2.2 and RFC 8446 section 6.2: `certificate_expired`
    pub static LEAF_EXPIRED: Error = "leaf-expired", check, needs SHOWN;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(chain) = ClientChain::of(handshake) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let Some(shown) = chain.shown_at() else { return };
    let Validity::Expired { by } = validity::check(chain.leaf, shown) else { return };

    let confidence = match reception.sign() {
        Some(sign) if sign.is_alert(FOR_OTHER_CAUSES) => Confidence::Likely,
        None if matches!(reception, Reception::Untold) => Confidence::Likely,
        _ => Confidence::Certain,
    };
    let mut evidence = chain.evidence();
    evidence.extend(reception.evidence());
    let message = format!(
        "The certificate {} that the client sent{} expired on {}, {} before. {reception}.",
        Subject(&chain.leaf.subject),
        Place(chain.shown()),
        chain.leaf.not_after,
        Span(by),
    );
    let fix = format!(
        "Renew the client's certificate {}, and reload the client so that it reads the new one",
        Subject(&chain.leaf.subject)
    );
    report.find(&LEAF_EXPIRED, reception.severity(Severity::Warning), confidence, evidence, message, fix);
}

/// Alerts by which a server does not say that it minds the dates. Other numbers are used for them by one stack or another.
const FOR_OTHER_CAUSES: &[AlertDescription] = &[
    AlertDescription::UNSUPPORTED_CERTIFICATE,
    AlertDescription::CERTIFICATE_REVOKED,
    AlertDescription::DECRYPT_ERROR,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_certificate_expired() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            found.message.contains("expired on 2024-01-01T00:00:00Z, 1056 days before"),
            "{}",
            found.message
        );
    }

    #[test]
    fn fires_when_the_server_says_bad_certificate() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            found.message.contains("expired on 2024-01-01T00:00:00Z, 1056 days before"),
            "{}",
            found.message
        );
    }

    #[test]
    fn fires_when_the_server_says_certificate_unknown() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            found.message.contains("expired on 2024-01-01T00:00:00Z, 1056 days before"),
            "{}",
            found.message
        );
    }

    #[test]
    fn fires_when_the_server_says_access_denied() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, access_denied), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            found.message.contains("expired on 2024-01-01T00:00:00Z, 1056 days before"),
            "{}",
            found.message
        );
    }

    #[test]
    fn fires_when_nginx_answers_400() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("answered HTTP 400"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_closes_without_a_word() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("without an alert in frame 4"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on_as_a_warning() {
        let found = fires(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_in_date() {
        quiet(
            &LEAF_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_it_was_not_expired_when_it_was_captured() {
        quiet(
            &LEAF_EXPIRED,
            "
            at 1690000000
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_clock_of_the_capture_is_wrong() {
        quiet(
            &LEAF_EXPIRED,
            "
            at 0
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
    }
}
