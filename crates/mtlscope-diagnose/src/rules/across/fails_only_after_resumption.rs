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
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki
    /// ```
    ///
    /// It takes a server whose hosts ask differently and share their sessions.
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
