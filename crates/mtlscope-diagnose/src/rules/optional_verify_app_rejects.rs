//! TLS let the client in, and the application turned it away.

use mtlscope_dissect::side::Side;

use crate::blame::Shown;
use crate::connection::{Connection, Lead, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The handshake was accepted, and the application turned the client away.
    ///
    /// ## What happened
    ///
    /// The server asked for a certificate, completed the handshake, and the application answered 401 or 403: the
    /// server is set to ask and not to insist, and leaves the judgement to what stands behind it.
    ///
    /// ## Why it happens
    ///
    /// - nginx `optional`, `optional_no_ca`; Apache `optional`; HAProxy `verify optional`; Go `RequestClientCert`;
    ///   Node `rejectUnauthorized: false`; Kubernetes API servers.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `ssloptions-stdenvvars-missing`,
    /// `identity-header-not-forwarded`.
    ///
    /// ## What to do
    ///
    /// - Look at what the application was told: nginx `$ssl_client_verify` (NONE, FAILED:reason), Apache
    ///   `SSL_CLIENT_VERIFY` (with `SSLOptions +StdEnvVars`), HAProxy `ssl_c_verify`, `ssl_c_err`, Node
    ///   `socket.authorizationError`, Envoy `x-forwarded-client-cert`.
    /// - nginx `optional` still turns a bad certificate into 400; `optional_no_ca` forgives an unknown issuer only.
    /// - `mtlscope explain hints` has what no capture shows: variables and headers that do not reach the application.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 403 || http.response.code == 401
    /// ```
    ///
    /// ## How to reproduce
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
    ///   server { listen 8443 ssl; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - nginx `$ssl_client_verify`; Apache `SSLOptions`
    pub static OPTIONAL_VERIFY_APP_REJECTS: Warning = "optional-verify-app-rejects", check, needs REFUSED | STATUS;
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
    if flawless {
        return;
    }
    let Some(answer) = handshake.answer.seen() else { return };
    let shown = if answer.is_empty() { "no certificate" } else { "a certificate" };
    let message = format!(
        "The server asked for a certificate, got {shown}{}, completed the handshake, and then {refusal}: what turned the client away \
         stands behind TLS.",
        Place(answer.evidence)
    );
    let fix = "Look at what the application was told of the certificate (nginx: $ssl_client_verify; Apache: SSL_CLIENT_VERIFY; HAProxy: \
               ssl_c_verify)";
    let evidence = vec![refusal.evidence, answer.evidence];
    report.find(&OPTIONAL_VERIFY_APP_REJECTS, Severity::Warning, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_application_says_403() {
        let found = fires(
            &OPTIONAL_VERIFY_APP_REJECTS,
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
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("no certificate"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_says_200() {
        quiet(
            &OPTIONAL_VERIFY_APP_REJECTS,
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
