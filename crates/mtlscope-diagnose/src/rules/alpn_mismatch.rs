//! The two ends have no application protocol in common.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client and the server have no application protocol (ALPN) in common.
    ///
    /// ## What happened
    ///
    /// The server sent `no_application_protocol` (120) in answer to the ClientHello. Go, Node and nginx do; Apache
    /// and others go on without a protocol. No certificate was asked for yet.
    ///
    /// ## Why it happens
    ///
    /// - A client of MQTT, gRPC, or a proxy offers a protocol of its own, and the server speaks another. AWS IoT on
    ///   port 443 wants `x-amzn-mqtt-ca`.
    ///
    /// ## What to do
    ///
    /// - Offer what the server has: curl `--http1.1`, `--no-alpn`; OpenSSL `-alpn`; Go `NextProtos`; Node
    ///   `ALPNProtocols`; Python `set_alpn_protocols`; Java `setApplicationProtocols`; .NET `ApplicationProtocols`;
    ///   Envoy `alpn_protocols`; HAProxy `alpn`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 120
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > server.js <<'END'
    /// const fs = require('fs');
    /// const options = { key: fs.readFileSync('pki/server.key'), cert: fs.readFileSync('pki/server.pem'), ALPNProtocols: ['h2'] };
    /// require('tls').createServer(options).on('tlsClientError', () => {}).listen(8443);
    /// END
    /// node server.js &
    /// openssl s_client -connect localhost:8443 -alpn foo </dev/null
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 7301 section 3.2
    pub static ALPN_MISMATCH: Error = "alpn-mismatch", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let (Some((hello, evidence)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else {
        return;
    };
    if !refusal.sign.is_alert(&[AlertDescription::NO_APPLICATION_PROTOCOL]) {
        return;
    }
    let offered: Vec<String> =
        hello.alpn_protocols.iter().map(|name| name.0.escape_ascii().to_string()).collect();
    let message = format!(
        "The client offers the application protocols {}{}, and the server {refusal}.",
        offered.join(", "),
        Place(evidence)
    );
    let fix =
        "Have the client offer a protocol that the server speaks (curl: --http1.1; openssl s_client -alpn)";
    let evidence = vec![refusal.evidence, evidence];
    report.find(&ALPN_MISMATCH, Severity::Error, Confidence::Certain, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &ALPN_MISMATCH,
            "
            C> ClientHello(alpn=foo)
            S> Alert(fatal, no_application_protocol), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("foo"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_says_something_else() {
        quiet(
            &ALPN_MISMATCH,
            "
            C> ClientHello(alpn=foo)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
