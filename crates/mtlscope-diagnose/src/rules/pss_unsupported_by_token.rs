//! In TLS 1.3 the client gives up right after it is asked: its key may not be able to sign with RSA-PSS.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client's key may not be able to sign with RSA-PSS.
    ///
    /// ## What happened
    ///
    /// TLS 1.3 wants RSA signatures with PSS padding. Keys in smart cards, old Windows providers (CSP) and some
    /// PKCS#11 modules can do only PKCS#1. Such a client gives up once it is asked: it sends `internal_error` (80) or
    /// `handshake_failure` (40) after the server's part, and nothing is wrong with that. The same client works in TLS
    /// 1.2 where the server takes `rsa_pkcs1_sha256`.
    ///
    /// ## Why it happens
    ///
    /// - The card or its driver is older than TLS 1.3.
    ///
    /// ## What to do
    ///
    /// - In the client: TLS 1.2 at most (curl `--tls-max 1.2`), an ECDSA certificate, a newer OpenSC, on Windows a
    ///   CNG key storage provider in place of a CSP.
    /// - In the server: leave TLS 1.2 on with `rsa_pkcs1_sha256` while clients move.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 80 || tls.alert_message.desc == 40
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: it takes a token that knows no RSA-PSS.
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.2.3; https://github.com/OpenSC/OpenSC/issues/1936
    pub static PSS_UNSUPPORTED_BY_TOKEN: Error = "pss-unsupported-by-token", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(request) = initial.request.seen() else { return };
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Client) else { return };
    let gave_up =
        refusal.sign.is_alert(&[AlertDescription::INTERNAL_ERROR, AlertDescription::HANDSHAKE_FAILURE]);
    if !gave_up || !connection.is_tls13() || initial.answer.is_seen() {
        return;
    }
    let message = format!(
        "The server asked for a certificate{}, in TLS 1.3, and the client {refusal} in place of an answer: it may be unable to sign, \
         as tokens are that know no RSA-PSS.",
        Place(request.evidence)
    );
    let fix = "Try the client with TLS 1.2 at most (curl: --tls-max 1.2); if that works, use an ECDSA key or a newer token driver";
    let evidence = vec![refusal.evidence, request.evidence];
    report.find(&PSS_UNSUPPORTED_BY_TOKEN, Severity::Error, Confidence::Possible, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_gives_up() {
        let found = fires(
            &PSS_UNSUPPORTED_BY_TOKEN,
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Alert(fatal, internal_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("in place of an answer"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_does_not_trust_the_server() {
        quiet(
            &PSS_UNSUPPORTED_BY_TOKEN,
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
