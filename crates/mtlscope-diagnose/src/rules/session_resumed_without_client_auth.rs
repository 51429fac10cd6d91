//! A session without a certificate was resumed, and the server misses one.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Resumption, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client resumed a session in which it had shown no certificate.
    ///
    /// ## What happened
    ///
    /// A resumed session has no CertificateRequest: whoever opened it is taken to be known. This one was opened
    /// without a certificate, by another part of the program or before the certificate was configured, and the server
    /// now misses it: nginx answers 400 `No required SSL certificate was sent`, others 403.
    ///
    /// ## Why it happens
    ///
    /// - A proxy or client keeps one cache of sessions for connections with and without a certificate (nginx
    ///   `proxy_ssl_session_reuse`).
    /// - The certificate was set up while old sessions lived on.
    ///
    /// ## What to do
    ///
    /// - nginx as a client: `proxy_ssl_session_reuse off`, or separate `upstream` blocks. Java: a new `SSLContext`;
    ///   Go: another `ClientSessionCache`; Node: a new `https.Agent`; .NET: another handler; curl: `--no-sessionid`.
    /// - In the server, keep session ids and ticket keys of sites apart: `ssl_session_cache`, `SSLSessionCache`,
    ///   `tls-ticket-keys`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.extension.type == 41 || tls.handshake.session_id_length > 0
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A session from before the client had a certificate, and an application that wants one:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3; ssl_protocols TLSv1.2; ssl_session_cache shared:s:1m;
    ///   server { listen 8443 ssl; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403 "No client certificate"; } return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// get() { printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | openssl s_client -connect localhost:8443 -servername localhost -ign_eof -keylogfile keys.log "$@"; }
    /// get -sess_out before.pem
    /// get -sess_in before.pem -cert pki/client.pem -cert_chain pki/client.pem -key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 2.2, RFC 5077
    pub static SESSION_RESUMED_WITHOUT_CLIENT_AUTH: Error = "session-resumed-without-client-auth", check, needs REFUSED | STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(how) = initial.resumption.seen() else { return };
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Sign::Http(status) = refusal.sign else { return };
    // 421 has a rule of its own.
    if refusal.sign.may_mean_something_else() || status.code == 421 {
        return;
    }
    let how = match how {
        Resumption::SessionId => "by its session id",
        Resumption::Ticket => "with a ticket",
        Resumption::PreSharedKey => "with a pre-shared key",
    };
    let message = format!(
        "The session was resumed {how}, so the server did not ask, and it answered HTTP {}{} for want of a certificate: the first \
         connection of this session had none.",
        status.code,
        Place(status.evidence)
    );
    let fix = "Have the client begin a new session once it has a certificate (nginx: proxy_ssl_session_reuse off; curl: --no-sessionid)";
    let mut evidence = vec![status.evidence];
    evidence.extend(initial.server_hello.seen());
    report.find(
        &SESSION_RESUMED_WITHOUT_CLIENT_AUTH,
        Severity::Error,
        Confidence::Likely,
        evidence,
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_resumed_session_is_refused_for_want_of_one() {
        let found = fires(
            &SESSION_RESUMED_WITHOUT_CLIENT_AUTH,
            "
            C> ClientHello(session=01ff)
            S> ServerHello(session=01ff), ChangeCipherSpec, Finished
            C> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("by its session id"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_handshake_is_full() {
        quiet(
            &SESSION_RESUMED_WITHOUT_CLIENT_AUTH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
    }

    #[test]
    fn quiet_when_the_resumed_session_does() {
        quiet(
            &SESSION_RESUMED_WITHOUT_CLIENT_AUTH,
            "
            C> ClientHello(session=01ff)
            S> ServerHello(session=01ff), ChangeCipherSpec, Finished
            C> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            ",
        );
    }
}
