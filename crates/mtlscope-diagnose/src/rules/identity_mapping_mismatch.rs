//! A certificate in which nothing is wrong is turned away by the application.

use mtlscope_dissect::side::Side;

use crate::blame::Shown;
use crate::connection::{Connection, Lead, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Subject};

rule! {
    /// The certificate is in order, and does not belong to whom the application lets in.
    ///
    /// ## What happened
    ///
    /// The chain leads to an authority that the server named, nothing is wrong with it, the handshake was completed,
    /// and the application answered 401 or 403. So the name in the certificate is not one that it knows, or may not
    /// do this.
    ///
    /// ## Why it happens
    ///
    /// - The application maps the subject, an alternative name or a fingerprint to a user, and the form differs: the
    ///   order of the parts, spaces, a renewed certificate.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `ssloptions-stdenvvars-missing`,
    /// `identity-header-not-forwarded`, `k8s-api-client-cert`, `mongodb-x509`.
    ///
    /// ## What to do
    ///
    /// - PostgreSQL: `pg_ident.conf`, `clientname=DN`; MongoDB: the user in `$external` with the exact RFC 2253
    ///   subject; Kafka: `ssl.principal.mapping.rules`; Kubernetes: CN is the user, O the group; Apache
    ///   `SSLUserName`, `Require expr`; IIS: certificate mapping; Spring: `subjectPrincipalRegex`; mosquitto
    ///   `use_identity_as_username`.
    /// - The forms of the name: `openssl x509 -noout -subject -nameopt RFC2253`.
    /// - `mtlscope explain hints`: headers and variables that do not reach the application look the same.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 403 || http.response.code == 401
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// An application that knows nobody, behind nginx:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3;
    ///   server { listen 8443 ssl; ssl_verify_client on; return 403; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 4514; PostgreSQL: certificate authentication
    pub static IDENTITY_MAPPING_MISMATCH: Error = "identity-mapping-mismatch", check, needs REFUSED | STATUS;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let handshake = connection.asking();
    if !handshake.request.is_seen() || !handshake.client_finished.is_seen() {
        return;
    }
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Sign::Http(status) = refusal.sign else { return };
    if !matches!(status.code, 401 | 403) {
        return;
    }
    let flawless = Shown::of(connection, context).is_some_and(|shown| {
        matches!(shown.certificates.lead(context), Some(Lead::Known(_))) && !shown.has_a_flaw(context)
    });
    let Some(answer) = handshake.answer.seen().filter(|_| flawless) else { return };
    let Some(leaf) = answer.certificates.first() else { return };
    let message = format!(
        "The certificate {}{} is in order and was accepted in TLS, and then the server {refusal}: the application may not know that name, \
         or not let it do this.",
        Subject(&leaf.subject),
        Place(answer.evidence)
    );
    let fix =
        "Compare the subject and the alternative names with what the application expects, form and order too";
    let evidence = vec![refusal.evidence, answer.evidence];
    report.find(&IDENTITY_MAPPING_MISMATCH, Severity::Error, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_good_certificate_gets_403() {
        let found = fires(
            &IDENTITY_MAPPING_MISMATCH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("is in order"), "{}", found.message);
    }

    #[test]
    fn quiet_when_there_was_no_certificate() {
        quiet(
            &IDENTITY_MAPPING_MISMATCH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\n)
            ",
        );
    }
}
