//! A client that is refused with TLS 1.3, and only then.

use crate::history::History;
use crate::rule::{Report, rule};
use crate::rules::across::{Apart, check, find_apart};

rule! {
    /// One client is refused with TLS 1.3, and taken with older versions.
    ///
    /// ## What happened
    ///
    /// Of the connections of this client with this server, those with TLS 1.3 were refused and those with an older
    /// version were not.
    ///
    /// ## Why it happens
    ///
    /// - The server asks late, and TLS 1.3 has no renegotiation: `server-asks-late-tls13-pha`.
    /// - The key cannot sign with RSA-PSS, or on a curve of its own: `pss-unsupported-by-token`,
    ///   `sigalg-mismatch-client-withheld`.
    /// - The server's list of signature algorithms has none for TLS 1.3: `server-sigalgs-invalid-for-tls13`.
    ///
    /// ## What to do
    ///
    /// - Read the findings of the connections that failed. As a stopgap, TLS 1.2 for this client (curl `--tls-max
    ///   1.2`) or this host (Apache `SSLProtocol -TLSv1.3`).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.extensions.supported_version == 0x0304
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A client that does not offer to be asked after the handshake:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --protect /secure --record run.pcapng --count 2 &
    /// get() { printf 'GET /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | openssl s_client -connect localhost:8443 -servername localhost -ign_eof -keylogfile keys.log "$@"; }
    /// get -tls1_2 -cert pki/client.pem -cert_chain pki/client.pem -key pki/client.key
    /// get -tls1_3 -cert pki/client.pem -cert_chain pki/client.pem -key pki/client.key
    /// mtlscope read run.pcapng
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 1.2
    pub static FAILS_ONLY_WITH_TLS13: Warning = "fails-only-with-tls13", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    let apart = Apart {
        suspect: |one| one.version.is_some_and(|version| version.is_tls13()),
        refused: "with TLS 1.3",
        taken: "with an older version",
        fix: "Look at the findings of those that were refused; try the client with TLS 1.2 at most",
    };
    find_apart(history, &FAILS_ONLY_WITH_TLS13, &apart, report);
}

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{REFUSED_12, REFUSED_13, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("fails-only-with-tls13", &[(1, WELL_12), (1, REFUSED_13)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("only with TLS 1.3") && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(findings("fails-only-with-tls13", &[(1, REFUSED_12), (1, REFUSED_13)]).is_empty());
    }
}
