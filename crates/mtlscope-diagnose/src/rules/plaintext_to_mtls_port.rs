//! One end speaks TLS, and the other something else.

use mtlscope_dissect::notice::NoticeKind;
use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// One end speaks TLS, and the other does not.
    ///
    /// ## What happened
    ///
    /// The client sent a ClientHello, and what came back is no TLS: the port speaks another protocol in clear (HTTP,
    /// or one that wants STARTTLS first). Or the other way round: the client speaks HTTP in clear, and the port
    /// speaks TLS. nginx answers that with 400 `The plain HTTP request was sent to HTTPS port`, Apache with 400
    /// `You're speaking plain HTTP to an SSL-enabled server port`, Go with 400 `Client sent an HTTP request to an
    /// HTTPS server`, Tomcat with 400 `This combination of host and port requires TLS`, others with a TLS alert: each
    /// of these is told. HAProxy, Node and `openssl s_server` close, Istio in STRICT mode resets: such a
    /// connection has no word of TLS, and is not told.
    ///
    /// ## Why it happens
    ///
    /// - `https://` in place of `http://` or the reverse, a wrong port, a health check that does not speak TLS, a sidecar that is
    ///   missing.
    ///
    /// ## What to do
    ///
    /// - In the client, the scheme and the port: curl and Go `https://`, nginx `proxy_pass https://`, Envoy a
    ///   `transport_socket` with `UpstreamTlsContext`, HAProxy `server ... ssl`, Java and .NET `https://` in the address.
    /// - In the server, lead such clients on: nginx `error_page 497 =301 https://$host:$server_port$request_uri;`, HAProxy
    ///   `redirect scheme https` on the port in clear, Envoy `require_tls: ALL`, Apache `Redirect` on the port in clear.
    /// - Protocols with STARTTLS: `openssl s_client -starttls`, `mtlscope connect
    ///   --starttls`.
    /// - Istio: inject the sidecar, or `PeerAuthentication` PERMISSIVE for that port; probes:
    ///   `rewriteAppHTTPProbers`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 1 || http
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// TLS to a port that speaks HTTP, and HTTP to a port that speaks TLS:
    ///
    /// ```sh
    /// python3 -m http.server 8080 &
    /// curl https://localhost:8080/
    /// mtlscope pki init pki
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3;
    ///   server { listen 8443 ssl; return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl http://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - nginx status 497; https://github.com/istio/istio/issues/53786
    pub static PLAINTEXT_TO_MTLS_PORT: Error = "plaintext-to-mtls-port", check, needs UNFINISHED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if connection.is_without_tls() {
        return check_without_tls(connection, report);
    }
    if connection.server_hello().is_some() || !connection.start_seen {
        return;
    }
    let Some((_, evidence)) = connection.client_hello() else { return };
    let has_spoken_tls = connection
        .steps
        .iter()
        .any(|step| step.side == Side::Server && !matches!(step.kind, StepKind::TransportEnd(_)));
    let bytes = connection.closed.map_or(0, |closed| closed.bytes[1]);
    if has_spoken_tls || bytes == 0 || connection.has_holes() {
        return;
    }
    let status = connection.notices.iter().find_map(|notice| match notice.kind {
        NoticeKind::HttpInsteadOfTls { status } => Some(status),
        _ => None,
    });
    let speaks = match status {
        Some(status) => format!("HTTP in clear, and answered with status {status}"),
        None => "something else".to_owned(),
    };
    let message = format!(
        "The client sent a ClientHello{}, and the {bytes} bytes that the server sent are no TLS: the port speaks {speaks}.",
        Place(evidence)
    );
    let fix =
        "Use the port and the scheme on which the server speaks TLS, or STARTTLS if the protocol wants that";
    report.find(&PLAINTEXT_TO_MTLS_PORT, Severity::Error, Confidence::Likely, [evidence], message, fix);
}

/// The client spoke in clear, and the server says that it wants TLS.
fn check_without_tls(connection: &Connection, report: &mut Report) {
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let confidence = match refusal.sign {
        Sign::Http(_) => Confidence::Certain,
        _ => Confidence::Likely,
    };
    let message = match refusal.sign {
        Sign::Log => {
            "The client does not speak TLS to a port that does: so the server's log says.".to_owned()
        }
        _ => format!(
            "The client speaks in clear to a port that speaks TLS: the server {} {refusal}, in clear, to bytes that are no TLS.",
            connection.server
        ),
    };
    let fix = "Use https:// in place of http://, or the port on which the server speaks HTTP in clear";
    report.find(&PLAINTEXT_TO_MTLS_PORT, Severity::Error, confidence, [refusal.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_answers_something_else() {
        let found = fires(
            &PLAINTEXT_TO_MTLS_PORT,
            "
            C> ClientHello
            S> NotARecord(100), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("are no TLS"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_client_speaks_in_clear_to_a_tls_port() {
        let found = fires(
            &PLAINTEXT_TO_MTLS_PORT,
            "
            S> InsteadOfTls, Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\nThe plain HTTP request was sent to HTTPS port), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("in clear to a port that speaks TLS"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_speaks_tls() {
        quiet(
            &PLAINTEXT_TO_MTLS_PORT,
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
