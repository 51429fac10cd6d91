//! The ClientHello lacks an extension that TLS 1.3 demands.

use mtlscope_dissect::tls::registry::{AlertDescription, ExtensionType};

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The ClientHello lacks an extension that TLS 1.3 demands.
    ///
    /// ## What happened
    ///
    /// The server sent `missing_extension` (109). A ClientHello for TLS 1.3 must have `signature_algorithms`,
    /// `supported_groups` and `key_share`, unless it only resumes.
    ///
    /// ## Why it happens
    ///
    /// - A client's stack made by hand, a scanner, a proxy that drops extensions.
    ///
    /// ## What to do
    ///
    /// - Update the client's TLS library; or let it speak TLS 1.2.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 109
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: no client at hand leaves one out.
    ///
    /// `mtlscope serve` answers any hello:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 9.2
    pub static MISSING_EXTENSION: Error = "missing-extension", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let (Some((hello, evidence)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else {
        return;
    };
    if !refusal.sign.is_alert(&[AlertDescription::MISSING_EXTENSION]) {
        return;
    }
    let missing: Vec<String> =
        DEMANDED.iter().filter(|wanted| !hello.offers(**wanted)).map(ToString::to_string).collect();
    let what = if missing.is_empty() { String::new() } else { format!(" It lacks {}.", missing.join(", ")) };
    let message = format!("The server {refusal}, in answer to the ClientHello{}.{what}", Place(evidence));
    let fix = "Update the client's TLS library, or have it speak TLS 1.2";
    let evidence = vec![refusal.evidence, evidence];
    let confidence = if what.is_empty() { Confidence::Likely } else { Confidence::Certain };
    report.find(&MISSING_EXTENSION, Severity::Error, confidence, evidence, message, fix);
}

/// What TLS 1.3 demands of a client that does not only resume. RFC 8446 section 9.2.
const DEMANDED: &[ExtensionType] =
    &[ExtensionType::SIGNATURE_ALGORITHMS, ExtensionType::SUPPORTED_GROUPS, ExtensionType::KEY_SHARE];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &MISSING_EXTENSION,
            "
            C> ClientHello(sni=a.test)
            S> Alert(fatal, missing_extension), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("signature_algorithms"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_says_something_else() {
        quiet(
            &MISSING_EXTENSION,
            "
            C> ClientHello
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
