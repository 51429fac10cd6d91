//! The server refuses a certificate in which nothing is wrong: it may want another name in it.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::Shown;
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::rules::ocsp_or_crl_unreachable;

rule! {
    /// The server may want another name in the client's certificate.
    ///
    /// ## What happened
    ///
    /// The chain is in order and leads to an authority that the server named, and it was refused all the same, by an
    /// alert that stacks use for a veto of their own: `certificate_unknown` (46) from Envoy
    /// (`match_typed_subject_alt_names`, certificate hashes), `access_denied` (49) from rustls, `handshake_failure`
    /// (40) from a callback in OpenSSL, `bad_certificate` (42) from one in Go.
    ///
    /// ## Why it happens
    ///
    /// - The server lets in only certain names (SPIFFE ids, hosts) or fingerprints, and this is none of them: another
    ///   namespace, another service account, a renewed certificate.
    ///
    /// ## What to do
    ///
    /// - Compare the names in the certificate with the server's list: Envoy `match_typed_subject_alt_names`,
    ///   `verify_certificate_hash`; Istio `AuthorizationPolicy` (which answers 403 `RBAC: access denied`); etcd
    ///   `--client-cert-allowed-cn`, `--client-cert-allowed-hostname`; Go `VerifyPeerCertificate`,
    ///   `VerifyConnection`; Node `checkServerIdentity` has no part in it.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.uniformResourceIdentifier
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A server in Java that lets in one SPIFFE id only:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// echo 'subjectAltName=URI:spiffe://test.example/staging/web' > san.ext
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=web" -keyout c.key -out c.csr
    /// openssl x509 -req -in c.csr -CA pki/ca.pem -CAkey pki/ca.key -CAcreateserial -extfile san.ext -out c.pem
    /// cat > Server.java <<'END'
    /// import java.io.*; import java.security.KeyStore; import java.security.cert.*; import javax.net.ssl.*;
    /// class Server implements X509TrustManager {
    ///     X509Certificate authority;
    ///     public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[] { authority }; }
    ///     public void checkServerTrusted(X509Certificate[] chain, String type) {}
    ///     public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ///         if (!chain[0].getSubjectAlternativeNames().toString().contains("spiffe://test.example/production/"))
    ///             throw new CertificateException("this SPIFFE id is not let in");
    ///     }
    ///     public static void main(String[] none) throws Exception {
    ///         Server trust = new Server();
    ///         trust.authority = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream("pki/ca.pem"));
    ///         char[] passphrase = "mtlscope".toCharArray();
    ///         KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    ///         keys.init(KeyStore.getInstance(new File("pki/server.p12"), passphrase), passphrase);
    ///         SSLContext context = SSLContext.getInstance("TLS");
    ///         context.init(keys.getKeyManagers(), new TrustManager[] { trust }, null);
    ///         SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(8443);
    ///         server.setNeedClientAuth(true);
    ///         try (SSLSocket client = (SSLSocket) server.accept()) { client.startHandshake(); }
    ///     }
    /// }
    /// END
    /// java Server.java &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --tls-max 1.2 --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - Envoy: CertificateValidationContext; SPIFFE X.509-SVID
    pub static SAN_OR_SPIFFE_AUTHORIZATION: Error = "san-or-spiffe-authorization", check, needs SHOWN | TURNED_DOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Reception::Refused(refusal) = shown.reception else { return };
    let is_veto = refusal.sign.is_alert(&[
        AlertDescription::CERTIFICATE_UNKNOWN,
        AlertDescription::ACCESS_DENIED,
        AlertDescription::HANDSHAKE_FAILURE,
        AlertDescription::BAD_CERTIFICATE,
    ]);
    let is_trusted = matches!(shown.certificates.lead(context), Some(Lead::Known(_)));
    // Names are compared at once: who took long was looking something up.
    let was_waiting = ocsp_or_crl_unreachable::waited(&shown).is_some();
    if !is_veto || !is_trusted || was_waiting || shown.has_a_flaw(context) {
        return;
    }
    let names = &shown.certificates.leaf.extensions.subject_alternative_names;
    let is_spiffe = names.iter().any(|name| name.to_string().contains("spiffe://"));
    let list: Vec<String> = names.iter().take(3).map(ToString::to_string).collect();
    let list = if list.is_empty() {
        "no alternative names".to_owned()
    } else {
        format!("the names {}", list.join(", "))
    };
    let confidence = if is_spiffe { Confidence::Likely } else { Confidence::Possible };
    let message = format!(
        "{} shows no flaw and leads to an authority that the server named; the server {refusal}. It may let in other names only: this \
         one has {list}.",
        shown.whose()
    );
    let fix = "Compare the names in the certificate with those that the server lets in (Envoy: match_typed_subject_alt_names)";
    report.find(&SAN_OR_SPIFFE_AUTHORIZATION, Severity::Error, confidence, shown.evidence(), message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_envoy_says_certificate_unknown() {
        let found = fires(
            &SAN_OR_SPIFFE_AUTHORIZATION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("It may let in other names only"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_alert_is_about_the_authority() {
        quiet(
            &SAN_OR_SPIFFE_AUTHORIZATION,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_it_was_taken() {
        quiet(
            &SAN_OR_SPIFFE_AUTHORIZATION,
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
