//! A client that is refused where it sends no server name, and only then.

use crate::history::History;
use crate::rule::{Report, rule};
use crate::rules::across::{Apart, check, find_apart};

rule! {
    /// One client is refused where it sends no server name, and taken where it does.
    ///
    /// ## What happened
    ///
    /// Of the connections of this client with this server, those whose ClientHello has no server name were refused
    /// and those with one were not. The name chooses the virtual host, and that decides whether a certificate is
    /// asked for.
    ///
    /// ## Why it happens
    ///
    /// - See `sni-missing-default-vhost`.
    ///
    /// ## What to do
    ///
    /// - Have the client send the name always: connect by name and not by address; nginx `proxy_ssl_server_name on`.
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
    /// for i in 1 2; do
    ///   curl https://a.test:8443/ --resolve a.test:8443:127.0.0.1 --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    ///   curl -k https://127.0.0.1:8443/ --cert pki/client.pem --key pki/client.key
    /// done
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 6066 section 3
    pub static FAILS_ONLY_WITHOUT_SNI: Warning = "fails-only-without-sni", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    let apart = Apart {
        suspect: |one| one.is_nameless,
        refused: "where it sends no server name",
        taken: "with a name",
        fix: "Have the client send the server name in every connection (nginx: proxy_ssl_server_name on)",
    };
    find_apart(history, &FAILS_ONLY_WITHOUT_SNI, &apart, report);
}

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{REFUSED_12, REFUSED_NAMELESS, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("fails-only-without-sni", &[(1, REFUSED_NAMELESS), (1, WELL_12)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("only where it sends no server name") && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(
            findings("fails-only-without-sni", &[(1, REFUSED_NAMELESS), (1, REFUSED_12), (1, WELL_12)])
                .is_empty()
        );
    }
}
