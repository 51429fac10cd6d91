//! The client answers the server's request with an empty list of certificates.

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;

use crate::connection::{self, Connection};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::keyless::{Inference, Reception};
use crate::rule::{Report, rule};
use crate::wording::{Names, Place};

rule! {
    /// The client has no certificate to show.
    ///
    /// ## What happened
    ///
    /// The server sent a CertificateRequest, and the client answered with a Certificate message whose list is empty.
    /// That is a legal answer: what follows is the server's choice. A server that only wished for a certificate goes on,
    /// and then this is a note. A server that requires one refuses, and then this is an error. It may refuse in three ways:
    ///
    /// - by alert: `handshake_failure` (40) or, in TLS 1.3, `certificate_required` (116) from OpenSSL, Apache, HAProxy,
    ///   Python, Node and Envoy; `bad_certificate` (42) from older Go and Java; `decode_error` (50) from GnuTLS with TLS 1.2;
    /// - by HTTP: nginx completes the handshake and answers `400 No required SSL certificate was sent`, IIS answers 403.7;
    /// - by closing the connection without a word.
    ///
    /// In TLS 1.3 the client believes itself connected before the refusal arrives. Many programs report success first and
    /// fail on their first read.
    ///
    /// ## Why it happens
    ///
    /// - No certificate and key were configured in the client, or they were configured for another host or context.
    /// - They were configured but could not be used: wrong passphrase, a key store without the private key, no right to
    ///   read the file.
    /// - The client holds a certificate but withholds it, since the server named other authorities or algorithms. See
    ///   `ca-list-mismatch-client-withheld`. On the wire the two look the same.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `client-key-load-failure`,
    /// `java-keystore-no-usable-entry`, `pkcs12-legacy-encryption`, `windows-private-key-inaccessible`,
    /// `dotnet-ephemeral-key`, `client-option-not-applied`, `browser-no-matching-certificate`, `grpc-unavailable`,
    /// `k8s-api-client-cert`, `kafka-client-auth`, `mqtt-client-cert`, `mongodb-x509`.
    ///
    /// ## What to do
    ///
    /// In the client:
    ///
    /// - curl: `--cert client.pem --key client.key`
    /// - OpenSSL: `openssl s_client -cert client.pem -key client.key -cert_chain chain.pem`
    /// - Java: `-Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStorePassword=...`, or
    ///   `SSLContext.init(keyManagers, ...)`; the entry must hold the private key
    /// - Go: `tls.Config{Certificates: ...}` or `GetClientCertificate`
    /// - Node: `https.request({cert, key})`
    /// - Python: `context.load_cert_chain("client.pem", "client.key")`; requests: `cert=("client.pem", "client.key")`
    /// - .NET: `HttpClientHandler.ClientCertificates.Add(...)`, or `SslClientAuthenticationOptions.ClientCertificates`
    /// - nginx as a client: `proxy_ssl_certificate` and `proxy_ssl_certificate_key`
    /// - Apache as a client: `SSLProxyMachineCertificateFile`
    /// - HAProxy as a client: `server ... ssl crt client.pem`
    /// - Envoy as a client: `tls_certificates` in the `UpstreamTlsContext` of the cluster
    ///
    /// In the server, if clients may come without one: nginx `ssl_verify_client optional;`, Apache
    /// `SSLVerifyClient optional`, HAProxy `verify optional`, Envoy `require_client_certificate: false`, IIS
    /// "Accept" in place of "Require", Go `tls.VerifyClientCertIfGiven`, Java `setWantClientAuth(true)`, Node
    /// `rejectUnauthorized: false`, Python `verify_mode = ssl.CERT_OPTIONAL`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && tls.handshake.certificates_length == 0
    /// ```
    ///
    /// In TLS 1.3 this needs the keys of the connection. Without them an empty answer still shows by its size: an encrypted record of
    /// 25 bytes, or one of 61 or 77 that holds the Finished too; then this finding is likely, not certain.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --tls-max 1.2 https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.6 and RFC 8446 section 4.4.2: a client without a suitable certificate sends an empty list
    /// - RFC 8446 section 6.2: `certificate_required`
    pub static NO_CLIENT_CERT_CONFIGURED: Error = "no-client-cert-configured", check;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    if let Some(inference) = handshake.inferred.as_deref().filter(|inference| inference.is_empty()) {
        return check_inferred(connection, inference, report);
    }
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let request = handshake.request.seen();
    let authorities = request.map(|request| &*request.authorities).unwrap_or_default();

    let mut evidence: Vec<Evidence> = vec![answer.evidence];
    evidence.extend(request.map(|request| request.evidence));
    let asked = request.map_or_else(
        || "The client was asked for a certificate".to_owned(),
        |request| format!("The server asked for a client certificate{}", Place(request.evidence)),
    );
    let answered = format!("the client answered with none{}", Place(answer.evidence));

    // With no authority named, nothing about the client's issuer can have held it back.
    let is_unknown = request.is_some_and(|request| request.only_named);
    let mut confidence =
        if authorities.is_empty() && !is_unknown { Confidence::Certain } else { Confidence::Likely };
    if matches!(reception, connection::Reception::Untold) {
        confidence = confidence.min(Confidence::Likely);
    }
    let (severity, message, fix) = match reception {
        connection::Reception::Refused(refusal) => {
            evidence.push(refusal.evidence);
            if refusal.sign.may_mean_something_else() {
                confidence = confidence.min(Confidence::Likely);
            }
            let mut fix = "Give the client a certificate and its private key (curl: --cert client.pem --key client.key)".to_owned();
            if !authorities.is_empty() {
                fix.push_str(&format!(
                    ", issued below an authority that the server named: {}",
                    Names(authorities)
                ));
            }
            (Severity::Error, format!("{asked}, {answered}, and the server {refusal}."), fix)
        }
        connection::Reception::Accepted(_) => (
            Severity::Note,
            format!("{asked}, {answered}, and the server went on without it."),
            "Nothing, if this client may stay unknown; else give it a certificate and its private key"
                .to_owned(),
        ),
        connection::Reception::Untold => (
            Severity::Note,
            format!("{asked} and {answered}; how the server took that was not seen."),
            "Give the client a certificate and its private key, if the server requires one".to_owned(),
        ),
    };
    report.find(&NO_CLIENT_CERT_CONFIGURED, severity, confidence, evidence, message, fix);
}

/// The same where nothing can be read, and the sizes of records tell it.
fn check_inferred(connection: &Connection, inference: &Inference, report: &mut Report) {
    let Some(answer) = inference.answer_evidence else { return };
    let mut evidence = vec![answer];
    evidence.extend(inference.request_evidence);
    let asked = "By the sizes of encrypted records, the server asked for a client certificate";
    let answered = format!("the client answered with none{}", Place(answer));
    let fix = "Give the client a certificate and its private key (curl: --cert client.pem --key client.key)";
    let (severity, message) = match (connection.refusal(), inference.reception.known()) {
        (Some(refusal), _) if refusal.by == Side::Server => {
            evidence.push(refusal.evidence);
            (Severity::Error, format!("{asked}, {answered}, and the server {refusal}."))
        }
        (Some(_), _) => return,
        (None, Some(Reception::Accepted { .. })) => (
            Severity::Note,
            format!("{asked}, {answered}, and the server completed the handshake without it."),
        ),
        (None, _) => {
            (Severity::Note, format!("{asked}, and {answered}; how the server took that cannot be told."))
        }
    };
    report.find(&NO_CLIENT_CERT_CONFIGURED, severity, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_refuses_an_empty_answer() {
        let found = fires(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("sent alert 40 (handshake_failure) in frame 4"), "{}", found.message);
    }

    #[test]
    fn fires_when_authorities_were_named_too_but_less_surely() {
        let found = fires(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("answered with none in frame 3"), "{}", found.message);
    }

    #[test]
    fn fires_when_http_says_so() {
        let found = fires(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("answered HTTP 400"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_goes_on_as_a_note() {
        let found = fires(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("went on without it"), "{}", found.message);
    }

    #[test]
    fn fires_when_only_sizes_tell_but_less_surely() {
        let found = fires(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello(1.3 suite=1302), Sealed(23,23), Sealed(23,94), Sealed(23,892), Sealed(23,96), Sealed(23,69)
            C> Sealed(23,25), Sealed(23,69)
            S> Sealed(23,19), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("sent an alert that cannot be read in frame 4"), "{}", found.message);
    }

    #[test]
    fn quiet_when_a_certificate_was_sent() {
        quiet(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_client_refused_the_server() {
        quiet(
            &NO_CLIENT_CERT_CONFIGURED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
