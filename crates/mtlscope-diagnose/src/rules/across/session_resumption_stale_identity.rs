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
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// openssl s_client -connect localhost:8443 -cert pki/client.pem -key pki/client.key -sess_out s
    /// openssl s_client -connect localhost:8443 -sess_in s
    /// ```
    ///
    /// It takes a certificate that ends between the two.
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
