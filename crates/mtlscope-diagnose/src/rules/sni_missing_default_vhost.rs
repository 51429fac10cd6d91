//! The client named no host, and the default one answered without asking.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client sent no server name, so the default host answered.
    ///
    /// ## What happened
    ///
    /// Which virtual host answers, and with it whether a certificate is asked for, is decided by the server name in
    /// the ClientHello (SNI). This one has none: the default host answered without asking, and the site then missed
    /// the certificate. nginx answers 400 `No required SSL certificate was sent`, Apache 403 or 421.
    ///
    /// ## Why it happens
    ///
    /// - The client connected by IP address, or sets the name only in the Host header.
    /// - A proxy sends none: nginx `proxy_ssl_server_name` is off by default.
    ///
    /// ## What to do
    ///
    /// - nginx as a client: `proxy_ssl_server_name on; proxy_ssl_name $host;` HAProxy: `sni str(...)` on the `server`
    ///   line; Envoy: `sni`; Java: connect by name; Go: `ServerName`; Node: `servername`; curl: `--connect-to` in
    ///   place of an address; OpenSSL: `-servername`.
    /// - In the server: have the default host ask too, or refuse names it does not know (nginx `ssl_reject_handshake
    ///   on`).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 1 && !tls.handshake.extensions_server_name
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// nginx whose default host does not ask:
    ///
    /// ```sh
    /// mtlscope pki init pki --server-name a.test
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3;
    ///   server { listen 8443 ssl default_server; return 403 "client certificate required"; }
    ///   server { listen 8443 ssl; server_name a.test; ssl_verify_client on; return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl -k https://127.0.0.1:8443/ -H 'Host: a.test' --cert pki/client.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 6066 section 3
    pub static SNI_MISSING_DEFAULT_VHOST: Error = "sni-missing-default-vhost", check, needs REFUSED | STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Sign::Http(status) = refusal.sign else { return };
    if !initial.server_name.is_not_sent()
        || !connection.was_not_asked()
        || refusal.sign.may_mean_something_else()
    {
        return;
    }
    // Apache asks there, and says that it cannot: the name is not what is missing.
    if status.head.to_ascii_lowercase().contains("post-handshake auth") {
        return;
    }
    let Some((_, hello)) = connection.client_hello() else { return };
    let message = format!(
        "The ClientHello{} names no host, so the default one answered and did not ask; then the server answered HTTP {}{} for want of a \
         certificate.",
        Place(hello),
        status.code,
        Place(status.evidence)
    );
    let fix = "Have the client send the host's name (nginx: proxy_ssl_server_name on; openssl s_client -servername; curl --connect-to)";
    let evidence = vec![status.evidence, hello];
    report.find(&SNI_MISSING_DEFAULT_VHOST, Severity::Error, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_no_name_was_sent_and_a_certificate_is_missed() {
        let found = fires(
            &SNI_MISSING_DEFAULT_VHOST,
            "
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("names no host"), "{}", found.message);
    }

    #[test]
    fn quiet_when_a_name_was_sent() {
        quiet(
            &SNI_MISSING_DEFAULT_VHOST,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
    }
}
