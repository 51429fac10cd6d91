//! The two ends have no version of TLS in common.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::hellos::versions;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client and the server have no version of TLS in common.
    ///
    /// ## What happened
    ///
    /// One end sent `protocol_version` (70): the server in answer to the ClientHello, or the client to the version
    /// that the server chose. Some servers say `handshake_failure` (40), some close. No certificate was asked for
    /// yet.
    ///
    /// ## Why it happens
    ///
    /// - The server takes TLS 1.3 only, or 1.2 and up, and the client is older: Java 8 before 8u261, .NET Framework
    ///   before 4.7, OpenSSL 1.0.1, Windows 7.
    /// - The system's policy forbids old versions: Debian and Ubuntu TLS 1.2 (`MinProtocol`), Red Hat
    ///   crypto-policies, Java `jdk.tls.disabledAlgorithms`.
    ///
    /// ## What to do
    ///
    /// - In the server: nginx `ssl_protocols TLSv1.2 TLSv1.3;` Apache `SSLProtocol`; HAProxy `ssl-min-ver`; Envoy
    ///   `tls_minimum_protocol_version`; IIS: Schannel in the registry; Go `MinVersion`; Node `minVersion`; Java
    ///   `setEnabledProtocols`; Python `minimum_version`.
    /// - In the client: update it; curl `--tlsv1.2`, `--tls-max`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 70
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --tls-min 1.3 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --tls-max 1.2
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 sections 4.2.1 and 6.2
    pub static TLS_VERSION_MISMATCH: Error = "tls-version-mismatch", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let (Some((hello, evidence)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else {
        return;
    };
    if !refusal.sign.is_alert(&[AlertDescription::PROTOCOL_VERSION])
        || connection.initial().server_finished.is_seen()
    {
        return;
    }
    let message = match refusal.by {
        Side::Server => format!(
            "The client offers {}{}, and the server {refusal}: it takes none of them.",
            versions(hello),
            Place(evidence)
        ),
        Side::Client => format!(
            "The client offers {}{}; the server chose another, and the client {refusal}.",
            versions(hello),
            Place(evidence)
        ),
    };
    let fix = "Let the two have a version in common: update the older end, or widen the other (nginx: ssl_protocols; curl: --tls-max, --tlsv1.2)";
    let evidence = vec![refusal.evidence, evidence];
    report.find(&TLS_VERSION_MISMATCH, Severity::Error, Confidence::Certain, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_protocol_version() {
        let found = fires(
            &TLS_VERSION_MISMATCH,
            "
            C> ClientHello
            S> Alert(fatal, protocol_version), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("it takes none of them"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_says_something_else() {
        quiet(
            &TLS_VERSION_MISMATCH,
            "
            C> ClientHello
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
