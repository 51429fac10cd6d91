//! The server does not serve the host that the client names.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server does not serve the host that the client names.
    ///
    /// ## What happened
    ///
    /// The server answered the ClientHello by `unrecognized_name` (112), or by `access_denied` (49) before its
    /// ServerHello. nginx does so with `ssl_reject_handshake`, Java where an `SNIMatcher` finds nothing, HAProxy with
    /// `strict-sni`.
    ///
    /// ## Why it happens
    ///
    /// - The name is wrong, or the client connects by another name than the server has (an alias, an address, an
    ///   internal name).
    /// - A proxy sends its own name upstream.
    ///
    /// ## What to do
    ///
    /// - Client: curl `--connect-to`, `--resolve`; OpenSSL `-servername`; nginx `proxy_ssl_name`; Envoy `sni`;
    ///   HAProxy `sni`.
    /// - Server: add the name to the right host, or take `ssl_reject_handshake` or `strict-sni` away.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 112
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// nginx that refuses names it does not know (`mtlscope serve` answers any):
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
    ///   server { listen 8443 ssl default_server; ssl_reject_handshake on; }
    ///   server { listen 8443 ssl; server_name a.test; return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 6066 section 3
    pub static UNRECOGNIZED_SNI: Error = "unrecognized-sni", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.is_before_server_hello() {
        return;
    }
    let (Some((hello, evidence)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else {
        return;
    };
    let says_so = refusal.sign.is_alert(&[AlertDescription::UNRECOGNIZED_NAME]);
    if refusal.by != Side::Server || !(says_so || refusal.sign.is_alert(&[AlertDescription::ACCESS_DENIED])) {
        return;
    }
    let name = match &hello.server_name {
        Some(name) => format!("asks for {}", name.escape_debug()),
        None => "names no host".to_owned(),
    };
    let confidence = if says_so { Confidence::Certain } else { Confidence::Possible };
    let message = format!("The client {name}{}, and the server {refusal}.", Place(evidence));
    let fix = "Use the name that the server has (openssl s_client -servername; curl --connect-to), or have the server serve this one";
    let evidence = vec![refusal.evidence, evidence];
    report.find(&UNRECOGNIZED_SNI, Severity::Error, confidence, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &UNRECOGNIZED_SNI,
            "
            C> ClientHello(sni=a.test)
            S> Alert(fatal, unrecognized_name), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("a.test"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_a_warning_and_all_goes_on() {
        quiet(
            &UNRECOGNIZED_SNI,
            "
            C> ClientHello(sni=a.test)
            S> Alert(warning, unrecognized_name), ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            ",
        );
    }
}
