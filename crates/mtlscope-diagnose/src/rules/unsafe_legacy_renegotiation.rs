//! The server lacks safe renegotiation, and the client refuses it for that.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server does not know safe renegotiation, and the client refused it.
    ///
    /// ## What happened
    ///
    /// The ServerHello has no `renegotiation_info` (RFC 5746), and the client ended the handshake there with
    /// `handshake_failure` (40). OpenSSL 3 does so: `unsafe legacy renegotiation disabled`. Such servers are often
    /// those old ones that ask for the client's certificate by renegotiation.
    ///
    /// ## Why it happens
    ///
    /// - The server, or an appliance before it, is from before 2010.
    ///
    /// ## What to do
    ///
    /// - Update the server.
    /// - As a stopgap in an OpenSSL client: `Options = UnsafeLegacyServerConnect` in openssl.cnf; `openssl s_client
    ///   -legacy_server_connect`; Python `context.options |= ssl.OP_LEGACY_SERVER_CONNECT`; Node `secureOptions:
    ///   crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 2 && !(tls.handshake.extension.type == 65281)
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// GnuTLS can leave the extension out:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// gnutls-serv -p 8443 --priority NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION --x509certfile pki/server.pem \
    ///   --x509keyfile pki/server.key --http &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5746; OpenSSL 3.0 migration guide
    pub static UNSAFE_LEGACY_RENEGOTIATION: Error = "unsafe-legacy-renegotiation", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let (Some((hello, evidence)), Some(refusal)) = (connection.server_hello(), connection.refusal()) else {
        return;
    };
    let is_it = refusal.by == Side::Client && refusal.sign.is_alert(&[AlertDescription::HANDSHAKE_FAILURE]);
    if hello.has_renegotiation_info
        || !is_it
        || connection.is_tls13()
        || connection.initial().client_finished.is_seen()
    {
        return;
    }
    let message = format!(
        "The ServerHello{} has no renegotiation_info, and the client {refusal}: OpenSSL 3 refuses servers without safe renegotiation.",
        Place(evidence)
    );
    let fix = "Update the server; as a stopgap let the client connect all the same (OpenSSL: Options = UnsafeLegacyServerConnect)";
    let evidence = vec![refusal.evidence, evidence];
    report.find(&UNSAFE_LEGACY_RENEGOTIATION, Severity::Error, Confidence::Likely, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_refuses_the_hello() {
        let found = fires(
            &UNSAFE_LEGACY_RENEGOTIATION,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("no renegotiation_info"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_client_refuses_the_certificate() {
        quiet(
            &UNSAFE_LEGACY_RENEGOTIATION,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
