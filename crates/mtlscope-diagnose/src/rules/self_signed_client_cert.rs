//! The client shows a certificate that is signed with its own key, and the server does not trust that.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate is signed by itself, and nobody vouches for it.
    ///
    /// ## What happened
    ///
    /// The issuer of the client's certificate is its own subject, so no authority stands behind it, and the server
    /// does not trust this very certificate. `unknown_ca` (48) from OpenSSL, Apache, HAProxy, Python, Envoy, rustls
    /// and newer Go; `certificate_unknown` (46) from Java; `bad_certificate` (42) from NSS and older Go;
    /// `access_denied` (49) from gnutls-serv; HTTP 400 from nginx; a close without an alert from Node.
    ///
    /// ## Why it happens
    ///
    /// - Somebody made it with `openssl req -x509`, `keytool -genkeypair` or `New-SelfSignedCertificate`, and meant
    ///   to have it signed.
    /// - It is meant to be pinned, and the server was not given it.
    ///
    /// ## What to do
    ///
    /// Have an authority that the server trusts sign a request for it. Or have the server trust this very
    /// certificate: nginx `ssl_client_certificate`, Apache `SSLCACertificateFile`, HAProxy `ca-file`, Envoy
    /// `trusted_ca`, Java `keytool -importcert` into the trust store, Go `ClientCAs`, Node `ca`, Python
    /// `load_verify_locations`. rustls takes it only if it is no authority (CA:FALSE). IIS: into LocalMachine\Root.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11
    /// ```
    ///
    /// In the client's Certificate, `issuer` and `subject` are the same.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/self-signed-client-cert.pem --key pki/zoo/self-signed-client-cert.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 3.2: self-signed certificates
    /// - openssl verify errors 18 (self-signed certificate) and 19 (in the chain)
    pub static SELF_SIGNED_CLIENT_CERT: Error = "self-signed-client-cert", check, needs SHOWN | NOT_TAKEN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Some(Lead::Itself(last)) = shown.certificates.lead(context) else { return };
    if *last != *shown.certificates.leaf {
        return;
    }
    // Where it is taken, it is pinned: the simplest trust there is.
    if matches!(shown.reception, Reception::Accepted(_)) {
        return;
    }
    let flaw = Flaw {
        clause: "is signed by itself, and the server named no such authority".to_owned(),
        fix: "Have an authority that the server trusts issue the certificate, or have the server trust this very one".to_owned(),
        minded: Minded::All,
        alerts: ALERTS,
    };
    shown.blame(&SELF_SIGNED_CLIENT_CERT, &flaw, report);
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
    fn fires_when_the_server_says_unknown_ca() {
        let found = fires(
            &SELF_SIGNED_CLIENT_CERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("signed by itself"), "{}", found.message);
    }

    #[test]
    fn fires_when_node_closes() {
        let found = fires(
            &SELF_SIGNED_CLIENT_CERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("without an alert"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &SELF_SIGNED_CLIENT_CERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("signed by itself"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_taken() {
        quiet(
            &SELF_SIGNED_CLIENT_CERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    #[test]
    fn quiet_when_an_authority_signed_it() {
        quiet(
            &SELF_SIGNED_CLIENT_CERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
