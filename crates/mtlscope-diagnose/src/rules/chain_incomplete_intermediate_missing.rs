//! The client sends its certificate without the intermediate that issued it, and the server knows only the root.

use crate::connection::{ClientChain, Connection, Lead};
use crate::context::Context;
use crate::finding::Confidence;
use crate::rule::{Report, rule};
use crate::wording::{Names, Place, Subject};

rule! {
    /// The client sent its certificate without the intermediate that issued it.
    ///
    /// ## What happened
    ///
    /// The client's certificate was issued by an authority that is neither among the certificates it sent nor among those
    /// that the server named. The server could not build a path to an authority it trusts, and refused: with
    /// `unknown_ca` (48), `certificate_unknown` (46), `bad_certificate` (42), HTTP 400 or a close, as for any unknown issuer.
    ///
    /// A server that knows only the root depends on the client to send everything in between. Whether the issuer is such
    /// an intermediate, or an authority the server would not trust in any case (`unknown-ca`), the wire does not say. This
    /// report calls it likely where the issuer's name or the certificate hints at it.
    ///
    /// ## Why it happens
    ///
    /// - The file the client sends holds only its own certificate.
    /// - The key store was made from the certificate alone: `openssl pkcs12 -export` without `-certfile`, `keytool` with only
    ///   the reply.
    /// - Windows builds the chain from its own stores and drops the intermediates that stand only in the PFX.
    /// - A program built on OpenSSL quietly completes the chain from its trust store. So "it works with curl" can prove
    ///   nothing: `--cacert` with the intermediate inside is enough.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `windows-omits-intermediates`.
    ///
    /// ## What to do
    ///
    /// In the client, send the whole chain, its own certificate first, the root left out:
    ///
    /// - make the file: `cat client.pem intermediate.pem > chain.pem`
    /// - curl: `--cert chain.pem --key client.key`
    /// - OpenSSL: `openssl s_client -cert client.pem -key client.key -cert_chain intermediate.pem`
    /// - Java: `openssl pkcs12 -export -in client.pem -inkey client.key -certfile intermediate.pem -out client.p12`
    /// - Go: `tls.LoadX509KeyPair("chain.pem", "client.key")`
    /// - Node: `cert: fs.readFileSync("chain.pem")`; Python: `load_cert_chain("chain.pem", "client.key")`
    /// - .NET and Windows: import the intermediate into the Intermediate Certification Authorities store, or
    ///   `SslStreamCertificateContext.Create(certificate, intermediates)`
    /// - nginx as a client: the chain in `proxy_ssl_certificate`
    /// - Envoy as a client: the chain in `certificate_chain`
    ///
    /// Or in the server, add the intermediate to what it trusts: nginx `ssl_trusted_certificate`, Apache
    /// `SSLCACertificateFile`, HAProxy `ca-file`, IIS the computer's Intermediate Certification Authorities store.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && tls.handshake.certificates_length > 0
    /// ```
    ///
    /// Of those, the Certificate that the client sent: one certificate, whose issuer is not its subject.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=Issuing CA" -keyout issuing.key -out issuing.csr
    /// echo "basicConstraints=critical,CA:TRUE" > ca.ext
    /// openssl x509 -req -in issuing.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ca.ext -out issuing.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// openssl x509 -req -in client.csr -CA issuing.pem -CAkey issuing.key -CAcreateserial -days 30 -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 3 -verify_return_error -www &
    /// curl -k --tls-max 1.2 --cert client.pem --key client.key https://localhost:8443/
    /// cat client.pem issuing.pem > chain.pem
    /// curl -k --tls-max 1.2 --cert chain.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.2 and RFC 8446 section 4.4.2: each certificate certifies the one before it; the root may be
    ///   left out
    /// - RFC 5280 section 6.1: certification path validation
    pub static CHAIN_INCOMPLETE_INTERMEDIATE_MISSING: Error = "chain-incomplete-intermediate-missing", check, needs SHOWN | NOT_TAKEN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(chain) = ClientChain::of(handshake) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let Some((severity, confidence)) = chain.distrusted(&reception, context) else { return };
    let Some(Lead::Elsewhere(issuer)) = chain.lead(context) else { return };
    let confidence =
        if chain.looks_intermediate(&issuer, context) { confidence } else { Confidence::Possible };

    let named = match chain.authorities() {
        [] => "the server named no authorities".to_owned(),
        authorities => format!("the server named only {}", Names(authorities)),
    };
    let sent = match chain.sent() {
        1 => "only its own certificate".to_owned(),
        count => format!("{count} certificates"),
    };
    let message = format!(
        "The client sent {sent}{}, {}; the issuer {issuer} was not sent, and {named}. {reception}.",
        Place(chain.shown()),
        Subject(&chain.leaf.subject),
    );
    let fix = format!(
        "Append the certificate of {issuer} to the file the client sends, behind its own (curl: cat client.pem \
         intermediate.pem > chain.pem, then --cert chain.pem)"
    );
    let mut evidence = chain.evidence();
    evidence.extend(reception.evidence());
    report.find(&CHAIN_INCOMPLETE_INTERMEDIATE_MISSING, severity, confidence, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_an_intermediate_was_not_sent() {
        let found = fires(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(intleaf), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("only its own certificate in frame 3"), "{}", found.message);
    }

    #[test]
    fn fires_when_nobody_was_named() {
        let found = fires(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(intleaf), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("named no authorities"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_issuer_looks_like_a_stranger_less_surely() {
        let found = fires(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("CN=Other Root CA"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_intermediate_was_sent() {
        quiet(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(intleaf inter), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_intermediate_is_named() {
        quiet(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@inter), ServerHelloDone
            C> Certificate(intleaf), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_certificate_signed_itself() {
        quiet(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_server_went_on() {
        quiet(
            &CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(intleaf), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
