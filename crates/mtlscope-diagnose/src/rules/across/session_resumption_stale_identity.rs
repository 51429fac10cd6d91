//! A session that goes on though the certificate it was opened with no longer holds.

use crate::finding::{Confidence, Severity};
use crate::history::{CameOut, History};
use crate::rule::{Report, rule};
use crate::rules::across::{check, evidence, numbers};
use crate::wording::Subject;

rule! {
    /// A resumed session outlives the client's certificate.
    ///
    /// ## What happened
    ///
    /// The client opened a session with a certificate, and resumed it after that certificate had ended. The server
    /// let it in: on resumption it looks at no certificate. The same happens after a revocation, or after an
    /// authority was taken off the list, which no capture shows.
    ///
    /// ## Why it happens
    ///
    /// - Sessions and tickets live longer than what they vouch for, or outlive a change of the server's trust (Go
    ///   before 1.24.13 and 1.25.7).
    ///
    /// ## What to do
    ///
    /// - Short lives: nginx `ssl_session_timeout`, Apache `SSLSessionCacheTimeout`, HAProxy `tune.ssl.lifetime`; new
    ///   ticket keys whenever the list of authorities or of revocations changes; or no tickets on hosts that ask.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.extension.type == 41 || tls.handshake.session_id_length > 0
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A certificate that ends between the two:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=short" -keyout c.key -out c.csr
    /// printf '%s\n' [ca] default_ca=d [d] database=db serial=serial new_certs_dir=. policy=p default_md=sha256 [p] \
    ///   commonName=supplied > ca.cnf
    /// : > db; echo 01 > serial
    /// openssl ca -batch -config ca.cnf -cert pki/ca.pem -keyfile pki/ca.key -in c.csr -out c.pem \
    ///   -startdate $(date -u -d -1day +%Y%m%d%H%M%SZ) -enddate $(date -u -d +4seconds +%Y%m%d%H%M%SZ)
    /// cat > nginx.conf <<'END'
    /// daemon off; master_process off; pid nginx.pid; error_log error.log info;
    /// events {}
    /// http {
    ///   access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    ///   ssl_certificate pki/server.pem; ssl_certificate_key pki/server.key; ssl_client_certificate pki/ca.pem;
    ///   ssl_verify_depth 3; ssl_protocols TLSv1.2; ssl_session_cache shared:s:1m;
    ///   server { listen 8443 ssl; ssl_verify_client on; return 200; }
    /// }
    /// END
    /// nginx -p . -c nginx.conf &
    /// get() { printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | openssl s_client -connect localhost:8443 -servername localhost -ign_eof -keylogfile keys.log "$@"; }
    /// get -cert c.pem -key c.key -sess_out session.pem
    /// sleep 5
    /// get -sess_in session.pem
    /// ```
    ///
    /// ## References
    ///
    /// - https://github.com/golang/go/issues/77217
    pub static SESSION_RESUMPTION_STALE_IDENTITY: Warning = "session-resumption-stale-identity", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    for pair in history.pairs() {
        let Some((shown, leaf)) = pair.connections.iter().find_map(|one| Some((one, one.leaf.as_ref()?)))
        else {
            continue;
        };
        let stale = pair.connections.iter().find(|one| {
            one.is_resumed
                && one.came_out == Some(CameOut::Well)
                && one.start > shown.start
                && one.start.seconds() > leaf.not_after.seconds()
                && one.server_name == shown.server_name
        });
        let Some(stale) = stale else { continue };
        let message = format!(
            "The client {} showed {} the certificate {} in {}, which ended on {}; in {} it resumed a session and was let in.",
            pair.client,
            pair.server,
            Subject(&leaf.subject),
            numbers(&[shown]),
            leaf.not_after,
            numbers(&[stale])
        );
        let fix = "Have the server keep sessions for a shorter time (nginx: ssl_session_timeout), and renew its ticket keys";
        let (severity, confidence) = (Severity::Warning, Confidence::Likely);
        report.find(
            &SESSION_RESUMPTION_STALE_IDENTITY,
            severity,
            confidence,
            evidence(&[stale], &[shown]),
            message,
            fix,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{REFUSED_RESUMED, RESUMED, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("session-resumption-stale-identity", &[(1, WELL_12), (1, RESUMED)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("resumed a session and was let in") && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(
            findings("session-resumption-stale-identity", &[(1, WELL_12), (1, REFUSED_RESUMED)]).is_empty()
        );
    }
}
