//! The client signs the handshake with another key than that of the certificate it shows.

use crate::blame::Shown;
use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::SignatureCheck;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client's private key is not that of its certificate.
    ///
    /// ## What happened
    ///
    /// The client proves that it holds the certificate's key by signing the handshake (CertificateVerify). That
    /// signature was computed again from the messages of this connection, and the key in the certificate did not make
    /// it.
    ///
    /// `decrypt_error` (51) from every server measured, nginx among them, which otherwise answers such things by HTTP
    /// 400; only Java says `handshake_failure` (40). Servers use 51 also for a wrong signature under the certificate
    /// itself: see `leaf-signature-invalid`.
    ///
    /// ## Why it happens
    ///
    /// - Certificate and key are of two different requests, mostly after a renewal of which only one half was put in
    ///   place.
    /// - curl, OpenSSL and Python compare the two when they load them. Go (where the pair is put together in code),
    ///   gnutls-cli, hardware tokens and key files that hold a wrong public part get as far as the wire.
    ///
    /// ## What to do
    ///
    /// - Compare: `openssl x509 -in client.pem -noout -pubkey` and `openssl pkey -in client.key -pubout`; or
    ///   `mtlscope pki show client.pem client.key`, which signs to make sure.
    /// - Put the right pair in place: curl `--cert`, `--key`; Go `tls.LoadX509KeyPair` compares; Java: build the
    ///   PKCS#12 anew (`openssl pkcs12 -export`); nginx `proxy_ssl_certificate_key`; HAProxy: certificate and key in
    ///   one file; .NET `CopyWithPrivateKey`; Node `cert` and `key`; Envoy `private_key`; Python `load_cert_chain`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 15 || tls.alert_message.desc == 51
    /// ```
    ///
    /// Wireshark shows the signature, and does not check it.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/wrong-private-key.pem --key pki/zoo/wrong-private-key.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.4.3 and RFC 5246 section 7.4.8: CertificateVerify
    pub static WRONG_PRIVATE_KEY: Error = "wrong-private-key", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(proof) = connection.asking().proof.seen() else { return };
    if proof.checked != Some(SignatureCheck::Bad) {
        return;
    }
    let Some(shown) = Shown::of(connection, context) else { return };
    let with = proof.algorithm.map(|scheme| format!(", {scheme}")).unwrap_or_default();
    let message = format!(
        "{} holds another key than the one that signed the handshake (CertificateVerify{}{with}): the signature was checked and \
         does not hold. {}.",
        shown.whose(),
        Place(proof.evidence),
        shown.reception
    );
    let mut evidence = vec![proof.evidence];
    evidence.extend(shown.evidence());
    let fix = "Give the client the private key that belongs to the certificate (compare: openssl x509 -in client.pem -noout -pubkey; \
               openssl pkey -in client.key -pubout)";
    let severity = shown.reception.severity(Severity::Warning);
    report.find(&WRONG_PRIVATE_KEY, severity, Confidence::Certain, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;
    use crate::observed::Observed;
    use crate::rules::checking::quiet;

    #[test]
    fn quiet_when_nothing_was_checked() {
        quiet(
            &WRONG_PRIVATE_KEY,
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

    /// No script can make a real signature, so what came of the check is put in.
    #[test]
    fn fires_when_the_signature_was_checked_and_is_wrong() {
        let script = "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, decrypt_error), FIN
        ";
        let mut connection = tell(script);
        let Observed::Seen(proof) = &mut connection.handshakes[0].proof else { panic!("no proof") };
        proof.checked = Some(SignatureCheck::Bad);
        let mut report = Report::default();
        check(&connection, &Context::default(), &mut report);
        let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("sent alert 51 (decrypt_error) in frame 4"), "{}", found.message);
    }
}
