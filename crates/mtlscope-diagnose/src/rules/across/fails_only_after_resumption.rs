//! A client that is refused in resumed sessions, and only then.

use crate::history::History;
use crate::rule::{Report, rule};
use crate::rules::across::{Apart, check, find_apart};

rule! {
    /// One client is refused where it resumes a session, and taken where it does not.
    ///
    /// ## What happened
    ///
    /// Of the connections of this client with this server, those that resumed a session were refused and full
    /// handshakes were not.
    ///
    /// ## Why it happens
    ///
    /// - The session was opened without a certificate (`session-resumed-without-client-auth`), or for another host
    ///   (`session-resumption-cross-vhost`).
    ///
    /// ## What to do
    ///
    /// - Begin new sessions: nginx as a client `proxy_ssl_session_reuse off`; curl `--no-sessionid`; in the server
    ///   separate caches and ticket keys.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.extension.type == 41 || tls.handshake.session_id_length > 0
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// An application that wants a certificate, and sessions from before the client had one:
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
    /// openssl s_client -connect localhost:8443 -servername localhost -sess_out before.pem </dev/null
    /// for i in 1 2; do
    ///   curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    ///   get -sess_in before.pem -cert pki/client.pem -cert_chain pki/client.pem -key pki/client.key
    /// done
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 2.2
    pub static FAILS_ONLY_AFTER_RESUMPTION: Warning = "fails-only-after-resumption", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    let apart = Apart {
        suspect: |one| one.is_resumed,
        refused: "where it resumes a session",
        taken: "with a full handshake",
        fix: "Have the client begin new sessions (nginx: proxy_ssl_session_reuse off; curl: --no-sessionid)",
    };
    find_apart(history, &FAILS_ONLY_AFTER_RESUMPTION, &apart, report);
}

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{REFUSED_12, REFUSED_RESUMED, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("fails-only-after-resumption", &[(1, WELL_12), (1, REFUSED_RESUMED)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("only where it resumes a session") && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(findings("fails-only-after-resumption", &[(1, WELL_12), (1, REFUSED_12)]).is_empty());
    }
}
