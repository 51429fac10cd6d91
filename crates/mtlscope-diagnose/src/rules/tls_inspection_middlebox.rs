//! The server's certificate is of a product that opens connections to look inside.

use mtlscope_dissect::x509::Certificate;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// A proxy that looks into TLS stands in between.
    ///
    /// ## What happened
    ///
    /// The issuer of the certificate that the client sees is one of a product that ends TLS, looks inside and makes a
    /// connection of its own to the server. A client certificate cannot pass it: the server asks the proxy, which has
    /// none.
    ///
    /// ## Why it happens
    ///
    /// - The network decrypts all connections, and this one is not excepted.
    ///
    /// ## What to do
    ///
    /// - Except the destination from inspection (Zscaler: SSL bypass; Netskope: steering exception; Palo Alto:
    ///   no-decrypt rule; Fortinet: SSL exemption).
    /// - Compare from outside: `openssl s_client -showcerts`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509sat.uTF8String contains "Zscaler"
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// An authority that bears the name of such a product:
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -subj "/O=Zscaler Inc./CN=Zscaler Root CA" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout s.key -out s.csr
    /// openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out s.pem
    /// openssl s_server -accept 8443 -cert s.pem -key s.key -www &
    /// curl -k https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9325 does not forbid it; vendors' pages on SSL inspection
    pub static TLS_INSPECTION_MIDDLEBOX: Warning = "tls-inspection-middlebox", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(identity) = connection.initial().server_identity.seen() else { return };
    let Some(leaf) = identity.certificates.first() else { return };
    if !context.answers.once(&TLS_INSPECTION_MIDDLEBOX, leaf, is_issued_by_an_inspector) {
        return;
    }
    let issuer = &leaf.issuer;
    let message = format!(
        "The certificate that the client sees{} is issued by {issuer}: a proxy that looks into TLS stands between it and the server, and \
         no client certificate passes it.",
        Place(identity.evidence)
    );
    let fix = "Except this destination from TLS inspection";
    let (severity, confidence) = (Severity::Warning, Confidence::Likely);
    report.find(&TLS_INSPECTION_MIDDLEBOX, severity, confidence, [identity.evidence], message, fix);
}

/// Words in the names of their authorities.
fn is_issued_by_an_inspector(leaf: &Certificate) -> bool {
    let issuer = leaf.issuer.to_string().to_ascii_lowercase();
    INSPECTORS.iter().any(|name| issuer.contains(name))
}

const INSPECTORS: &[&str] = &[
    "zscaler",
    "netskope",
    "fortinet",
    "fortigate",
    "palo alto",
    "blue coat",
    "bluecoat",
    "forcepoint",
    "websense",
    "sophos",
    "mitmproxy",
    "check point",
    "cisco umbrella",
    "mcafee web gateway",
    "skyhigh",
    "kaspersky anti-virus personal root",
    "avast web/mail shield",
    "untangle",
    "barracuda",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_issuer_is_an_inspector() {
        let found = fires(
            &TLS_INSPECTION_MIDDLEBOX,
            "
            C> ClientHello
            S> ServerHello, Certificate(built/inspected), ServerKeyExchange, ServerHelloDone
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("mitmproxy"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_issuer_is_another() {
        quiet(
            &TLS_INSPECTION_MIDDLEBOX,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
