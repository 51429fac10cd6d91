//! The request is for another host than the session was made for.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The request is for another host than the TLS session (421).
    ///
    /// ## What happened
    ///
    /// 421 Misdirected Request: the Host header (in HTTP/2 `:authority`) names a host whose rules for certificates
    /// differ from those of the host in the ClientHello. nginx says so where one of the two asks for certificates,
    /// Apache logs AH02032 or AH02033.
    ///
    /// ## Why it happens
    ///
    /// - A proxy sends a name of its own in TLS, or none, and passes the Host header on.
    /// - A browser uses one HTTP/2 connection for several names of one certificate.
    ///
    /// ## What to do
    ///
    /// - nginx as a client: `proxy_ssl_server_name on; proxy_ssl_name $host; proxy_ssl_session_reuse off;` HAProxy:
    ///   `sni req.hdr(host)`; Envoy: `auto_sni: true`.
    /// - Apache: make the TLS settings of the hosts the same, or `SSLVHostSNIPolicy` (2.4.65 and later).
    /// - Do not share one certificate between names that ask and names that do not, on one address.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 421
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// nginx with two hosts of which one asks:
    ///
    /// ```sh
    /// mtlscope pki init pki --server-name a.test --server-name b.test
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3;
    ///   server { listen 8443 ssl default_server; server_name b.test; return 200; }
    ///   server { listen 8443 ssl; server_name a.test; ssl_verify_client on; return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl https://b.test:8443/ --resolve b.test:8443:127.0.0.1 -H 'Host: a.test' --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9110 section 15.5.20; CVE-2025-23048
    pub static SNI_HOST_MISMATCH_421: Error = "sni-host-mismatch-421", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = connection.http_status.as_ref().filter(|status| status.code == 421) else { return };
    let name = match connection.initial().server_name.seen() {
        Some(name) => format!("was made for {}", name.escape_debug()),
        None => "was made for no name".to_owned(),
    };
    let message = format!(
        "The TLS session {name}, and the server answered HTTP 421{}: the request is for another host, whose rules for certificates differ.",
        Place(status.evidence)
    );
    let fix = "Have the client send in TLS the name that it sends as Host (nginx: proxy_ssl_server_name on; proxy_ssl_name $host)";
    let mut evidence = vec![status.evidence];
    evidence.extend(connection.client_hello().map(|(_, hello)| hello));
    report.find(&SNI_HOST_MISMATCH_421, Severity::Error, Confidence::Certain, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_answer_is_421() {
        let found = fires(
            &SNI_HOST_MISMATCH_421,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 421 Misdirected Request\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("a.test"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_answer_is_403() {
        quiet(
            &SNI_HOST_MISMATCH_421,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\n)
            ",
        );
    }
}
