//! The client's certificate says what it may be used for, and client authentication is not among it.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{ClientChain, Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::purpose::{self, Unfit};
use crate::rule::{Report, rule};
use crate::wording::{Place, Subject};

rule! {
    /// The client's certificate may not be used for client authentication.
    ///
    /// ## What happened
    ///
    /// The client's certificate has an extended key usage extension, and `clientAuth` (1.3.6.1.5.5.7.3.2) is not in it. Most
    /// servers refuse it: `unsupported_certificate` (43) from OpenSSL, Apache, HAProxy, Python, Envoy and rustls;
    /// `certificate_unknown` (46) from Java and NSS; `bad_certificate` (42) from Go; HTTP 400 from nginx; a close without any
    /// alert from Node. GnuTLS does not check it.
    ///
    /// A certificate without the extension is taken by all. `anyExtendedKeyUsage` alone is taken by Java, Go and GnuTLS, but
    /// not by the others.
    ///
    /// ## Why it happens
    ///
    /// - A server's certificate is used for the client too, as between the members of an etcd, Kafka or Elasticsearch
    ///   cluster.
    /// - The profile at the authority has `serverAuth` only. Public authorities have stopped issuing `clientAuth`.
    ///
    /// ## What to do
    ///
    /// Have the certificate issued anew. With OpenSSL, in the file of `-extfile` or the section of `-extensions`:
    ///
    /// ```text
    /// extendedKeyUsage = clientAuth
    /// ```
    ///
    /// or `serverAuth, clientAuth` where one certificate serves both ways. Then give it to the client: curl `--cert`, the Java
    /// key store, Go `Certificates`, Node `cert`, .NET `ClientCertificates`, Python `load_cert_chain`, nginx
    /// `proxy_ssl_certificate`, Envoy `certificate_chain`.
    ///
    /// Servers have no clean way to look away: Apache and nginx only with `optional_no_ca`, HAProxy with `crt-ignore-err 26`,
    /// Go by a `VerifyPeerCertificate` of its own with `x509.ExtKeyUsageAny`, `openssl s_server` with `-purpose any`. IIS
    /// answers 403.16.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.KeyPurposeId == 1.3.6.1.5.5.7.3.1
    /// ```
    ///
    /// Of those, the Certificate that the client sent.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// echo "extendedKeyUsage=serverAuth" > eku.ext
    /// openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile eku.ext -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --tls-max 1.2 --cert client.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.12: extended key usage
    /// - RFC 8446 section 4.4.2.2 and RFC 5246 section 7.4.6: what a client's certificate must allow
    pub static EKU_MISSING_CLIENTAUTH: Error = "eku-missing-clientauth", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(chain) = ClientChain::of(handshake) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let unfit = purpose::check(chain.leaf, Side::Client)
        .into_iter()
        .find(|unfit| matches!(unfit, Unfit::NotForThisPurpose { .. }));
    let Some(unfit) = unfit else { return };

    let confidence = match reception.sign() {
        Some(sign) if sign.is_alert(FOR_OTHER_CAUSES) => Confidence::Possible,
        Some(_) => Confidence::Certain,
        None if matches!(reception, Reception::Untold) => Confidence::Likely,
        None => Confidence::Certain,
    };
    let mut evidence = chain.evidence();
    evidence.extend(reception.evidence());
    let message = format!(
        "The certificate {} that the client sent{} {unfit}. {reception}.",
        Subject(&chain.leaf.subject),
        Place(chain.shown()),
    );
    let fix =
        "Issue the client's certificate anew with extendedKeyUsage = clientAuth (or serverAuth, clientAuth)";
    let severity = reception.severity(Severity::Warning);
    report.find(&EKU_MISSING_CLIENTAUTH, severity, confidence, evidence, message, fix);
}

/// Alerts by which a server says that it minds something else.
const FOR_OTHER_CAUSES: &[AlertDescription] = &[
    AlertDescription::CERTIFICATE_REVOKED,
    AlertDescription::CERTIFICATE_EXPIRED,
    AlertDescription::UNKNOWN_CA,
    AlertDescription::DECRYPT_ERROR,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_unsupported_certificate() {
        let found = fires(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("only for: serverAuth"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_says_bad_certificate() {
        let found = fires(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("only for: serverAuth"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_says_certificate_unknown() {
        let found = fires(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("only for: serverAuth"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_says_something_else_less_surely() {
        let found = fires(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("alert 48"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on_as_a_warning() {
        let found = fires(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_for_clients() {
        quiet(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_certificate_names_no_purpose() {
        quiet(
            &EKU_MISSING_CLIENTAUTH,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(noeku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
    }
}
