//! The client may hold a certificate, but none below the authorities that the server named, and so it sends none.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::{Names, Place};

rule! {
    /// The client may have withheld its certificate: the server named other authorities.
    ///
    /// ## What happened
    ///
    /// The server's CertificateRequest named the authorities whose certificates it takes, and the client answered with an
    /// empty list. A client that holds a certificate of another authority answers just so. A capture of one connection
    /// cannot tell that from a client that holds none (`no-client-cert-configured`), so this is only ever possible.
    ///
    /// ## Why it happens
    ///
    /// - The list lacks the authority that issued the client's certificate: the server's file of authorities is another
    ///   one than its file of trusted certificates, or was not reloaded after the authority changed.
    /// - The client holds only its own certificate, issued by an intermediate. The server names the root, and the client
    ///   cannot link the two.
    /// - The client holds several certificates and the wrong one is configured.
    ///
    /// Clients differ, which is why "curl works, my program does not". Java, Go, .NET and Windows, NSS and the browsers
    /// heed the list. curl and everything else built on OpenSSL, rustls and gnutls-cli send what they have, and then
    /// the server complains of an unknown authority instead (`unknown-ca`).
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `browser-no-matching-certificate`,
    /// `client-chain-incomplete-withheld`, `wrong-certificate-chosen`.
    ///
    /// ## What to do
    ///
    /// Compare the names in this report with those of the client's certificate and its chain:
    ///
    /// ```sh
    /// openssl x509 -in client.pem -noout -issuer -nameopt RFC2253
    /// ```
    ///
    /// In the server, name the authority, or name none:
    ///
    /// - nginx: add the authority to the file of `ssl_client_certificate`; what stands only in `ssl_trusted_certificate` is
    ///   trusted but not named
    /// - Apache: `SSLCACertificateFile` is named; `SSLCADNRequestFile` names others instead
    /// - HAProxy: `ca-file` is named; `ca-verify-file` is trusted but not named
    /// - IIS: the Client Authentication Issuers store with `SendTrustedIssuerList`
    /// - Envoy: `trusted_ca` of the `validation_context` is named
    /// - Go: `ClientCAs` is named; Node: `ca`; Java: the trust store; a server in Python
    ///   names none
    ///
    /// In the client, add the intermediates behind its certificate, or send it regardless:
    ///
    /// - Java: import the whole chain into the key store entry, or write an `X509ExtendedKeyManager` that does not filter
    /// - Go: `GetClientCertificate` in place of `Certificates`
    /// - .NET: `SslStreamCertificateContext` with the chain
    /// - curl, Node and Python do not filter: give them the chain in one file, leaf first
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 || (tls.handshake.type == 11 && tls.handshake.certificates_length == 0)
    /// ```
    ///
    /// The names are under Certificate Request, Distinguished Names.
    ///
    /// ## How to reproduce
    ///
    /// Java's client heeds the list, and keeps back what is of another authority; curl sends it all the same.
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl pkcs12 -export -in pki/zoo/unknown-ca.pem -inkey pki/zoo/unknown-ca.key -passout pass:mtlscope -out stranger.p12
    /// keytool -importcert -noprompt -file pki/ca.pem -keystore trust.p12 -storepass mtlscope
    /// cat > Client.java <<'END'
    /// class Client {
    ///     public static void main(String[] none) throws Exception {
    ///         new java.net.URL("https://localhost:8443/").openStream();
    ///     }
    /// }
    /// END
    /// mtlscope serve --pki pki --verify-client require &
    /// java -Djavax.net.ssl.keyStore=stranger.p12 -Djavax.net.ssl.keyStorePassword=mtlscope \
    ///   -Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=mtlscope Client.java
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.4: `certificate_authorities`
    /// - RFC 8446 sections 4.2.4 and 4.4.2.3: the extension, and which certificate a client should choose
    pub static CA_LIST_MISMATCH_CLIENT_WITHHELD: Error = "ca-list-mismatch-client-withheld", check, needs WITHHELD;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(request) = handshake.request.seen().filter(|request| !request.authorities.is_empty()) else {
        return;
    };
    let Some(reception) = connection.reception(handshake) else { return };

    let mut evidence = vec![answer.evidence, request.evidence];
    evidence.extend(reception.evidence());
    let count = request.authorities.len();
    let message = format!(
        "The server named {count} {} ({}){}; if the client holds a certificate, it is below none of them and was withheld. \
         The wire does not tell this from a client without one.",
        if count == 1 { "authority" } else { "authorities" },
        Names(&request.authorities),
        Place(request.evidence),
    );
    let fix = "If the client has a certificate, compare its issuer with the names (openssl x509 -in client.pem -noout -issuer) \
               and have the server name that issuer (nginx: ssl_client_certificate)";
    report.find(
        &CA_LIST_MISMATCH_CLIENT_WITHHELD,
        reception.severity(Severity::Note),
        Confidence::Possible,
        evidence,
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_authorities_were_named_and_the_answer_is_empty() {
        let found = fires(
            &CA_LIST_MISMATCH_CLIENT_WITHHELD,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root; @other), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("named 2 authorities"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_goes_on_as_a_note() {
        let found = fires(
            &CA_LIST_MISMATCH_CLIENT_WITHHELD,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Possible));
        assert!(found.message.contains("named 1 authority"), "{}", found.message);
    }

    #[test]
    fn quiet_when_no_authority_was_named() {
        quiet(
            &CA_LIST_MISMATCH_CLIENT_WITHHELD,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_a_certificate_was_sent() {
        quiet(
            &CA_LIST_MISMATCH_CLIENT_WITHHELD,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
