//! The client's certificate was issued by an authority that the server does not trust.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::Shown;
use crate::connection::{Connection, Lead};
use crate::context::Context;
use crate::finding::Confidence;
use crate::rule::{Report, rule};
use crate::wording::{Names, Subject};

rule! {
    /// The server does not know the authority that issued the client's certificate.
    ///
    /// ## What happened
    ///
    /// The client sent a certificate. Its chain leads to an authority that is not among those the server trusts. (One
    /// that has the name of such an authority and another key: `leaf-signature-invalid`. One that signed itself:
    /// `self-signed-client-cert`.) The server refused: `unknown_ca` (48) from OpenSSL, Apache, HAProxy, Python, Envoy, rustls, NSS and newer Go; `certificate_unknown` (46) from Java; `bad_certificate` (42) from older Go; HTTP 400
    /// from nginx; a close without any alert from Node.
    ///
    /// ## Why it happens
    ///
    /// - The certificate comes from another authority: of the test environment, of another team, a public one.
    /// - The authority was replaced, and the server still holds the old one.
    /// - The authority was made again with the same name and a new key, as test authorities often are.
    /// - The certificate signed itself.
    /// - The server holds only an intermediate where its library wants the root.
    ///
    /// If the client sent only its own certificate and an intermediate issued it, see
    /// `chain-incomplete-intermediate-missing`: a server cannot tell the two apart, and its log says the same.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `wrong-certificate-chosen`, `grpc-unavailable`,
    /// `aws-alb-mtls`, `gcp-lb-mtls`.
    ///
    /// ## What to do
    ///
    /// In the server, trust the authority (its root), and reload:
    ///
    /// - nginx: append it to the file of `ssl_client_certificate` or `ssl_trusted_certificate`
    /// - Apache: `SSLCACertificateFile`, or `SSLCACertificatePath` and `openssl rehash`
    /// - HAProxy: `ca-file` of the `bind` line
    /// - IIS: the Trusted Root Certification Authorities store of the computer
    /// - Envoy: `trusted_ca` in the `validation_context`
    /// - Java: `keytool -importcert -alias ca -file ca.pem -keystore trust.p12` (the trust store, not the key store)
    /// - Go: `ClientCAs` (not `RootCAs`)
    /// - Node: `ca`
    /// - .NET: `X509Chain.ChainPolicy.CustomTrustStore`
    /// - Python: `context.load_verify_locations("ca.pem")`
    ///
    /// Or in the client, use the certificate of an authority that the server names: curl `--cert`, Java the key store, and
    /// so on.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 || tls.alert_message.desc == 48
    /// ```
    ///
    /// Compare the issuer of the last certificate the client sent with the names under Certificate Request.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Other CA" -keyout other.key -out other.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// openssl x509 -req -in client.csr -CA other.pem -CAkey other.key -CAcreateserial -days 30 -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --tls-max 1.2 --cert client.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.2.2 and RFC 8446 section 6.2: `unknown_ca`
    /// - RFC 5280 section 6.1: a path ends in a trust anchor
    pub static UNKNOWN_CA: Error = "unknown-ca", check, needs SHOWN | NOT_TAKEN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let chain = &shown.certificates;
    let Some((severity, confidence)) = chain.distrusted(&shown.reception, context) else { return };
    let Some(lead) = chain.lead(context) else { return };
    let says_so = shown.reception.sign().is_some_and(|sign| sign.is_alert(&[AlertDescription::UNKNOWN_CA]));

    let (confidence, why, authority) = match &lead {
        Lead::Known(name) if says_so && !shown.has_a_flaw(context) => (
            Confidence::Possible,
            format!(
                "leads to {name}, which the server named and yet does not trust: it may hold another key under \
                 that name, or lack what stands above it"
            ),
            name.clone(),
        ),
        // Another rule has the other key.
        Lead::Known(_) | Lead::OtherKey(_) => return,
        // Another rule has the certificate that signed itself.
        Lead::Itself(last) if **last == *chain.leaf => return,
        Lead::Itself(root) => {
            (confidence, format!("leads to {}", Subject(&root.subject)), root.subject.clone())
        }
        Lead::Elsewhere(issuer) if chain.looks_intermediate(issuer, context) => {
            (Confidence::Possible, format!("is issued by {issuer}"), issuer.clone())
        }
        Lead::Elsewhere(issuer) => (confidence, format!("is issued by {issuer}"), issuer.clone()),
    };
    let named = match (&lead, chain.authorities()) {
        (Lead::Known(_) | Lead::OtherKey(_), _) => String::new(),
        (_, []) => "; the server did not say whom it trusts".to_owned(),
        (_, authorities) => format!(", which the server did not name (it named {})", Names(authorities)),
    };
    let message = format!("{} {why}{named}. {}.", shown.whose(), shown.reception);
    let fix = format!(
        "Have the server trust {} (nginx: ssl_client_certificate), or use a client certificate of an authority it trusts",
        Subject(&authority)
    );
    report.find(&UNKNOWN_CA, severity, confidence, shown.evidence(), message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_stranger_issued_the_certificate() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("CN=Other Root CA"), "{}", found.message);
    }

    #[test]
    fn fires_when_java_calls_it_certificate_unknown() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("sent alert 46"), "{}", found.message);
    }

    #[test]
    fn fires_when_nginx_answers_400() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("answered HTTP 400"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_closes_without_a_word() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("closed the connection without an alert"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_stranger_was_sent_too() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca other), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("leads to CN=Other Root CA"), "{}", found.message);
    }

    #[test]
    fn fires_when_nobody_was_named_but_the_alert_says_so() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("did not say whom it trusts"), "{}", found.message);
    }

    #[test]
    fn fires_when_an_intermediate_may_be_missing_less_surely() {
        let found = fires(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(intleaf), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("CN=Lab Issuing CA 1"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_went_on() {
        quiet(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@other), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    #[test]
    fn quiet_when_the_issuer_was_named() {
        quiet(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_nobody_was_named_and_the_certificate_has_a_flaw_of_its_own() {
        quiet(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_certificate_was_revoked() {
        quiet(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_revoked), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_client_refused_the_server() {
        quiet(
            &UNKNOWN_CA,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
