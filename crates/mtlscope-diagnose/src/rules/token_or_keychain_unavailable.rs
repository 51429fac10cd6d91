//! The client ends the connection in the place where it should sign.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, StepKind, Verdict};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client gave up where it should have signed.
    ///
    /// ## What happened
    ///
    /// The client was asked for a certificate and ended the connection without an alert: after seconds of silence
    /// (somebody looked for a PIN), or after it had shown a certificate and before the proof. So it has a
    /// certificate, and its key could not be used: a smart card that is not there, a locked keychain, a key that the
    /// program may not use.
    ///
    /// ## Why it happens
    ///
    /// - The card or token was taken out, or its PIN was not entered in time.
    /// - macOS asks whether the program may use the key, and nobody answers; Windows services have no right to the
    ///   key.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `windows-private-key-inaccessible`,
    /// `dotnet-ephemeral-key`.
    ///
    /// ## What to do
    ///
    /// - Chrome and Firefox: put the token in, `p11-kit list-tokens`; Firefox needs the module loaded.
    /// - macOS: "Always Allow" for the key in Keychain Access, or an identity preference.
    /// - Windows: certlm.msc, All Tasks, Manage Private Keys, for the account of the service.
    /// - OpenSSL, curl: the PKCS#11 URI and the provider or engine; Java: `keytool -list -keystore NONE -storetype
    ///   PKCS11`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 || tcp.flags.fin == 1 || tcp.flags.reset == 1
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: it takes a client whose key is on a token or in a key chain that is locked or gone (softhsm2, with
    /// the token removed).
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.4.2
    pub static TOKEN_OR_KEYCHAIN_UNAVAILABLE: Warning = "token-or-keychain-unavailable", check, needs UNFINISHED;
}

/// Longer than any program thinks by itself.
const PAUSE: i64 = 3;

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(request) = initial.request.seen() else { return };
    let closed = connection
        .steps
        .iter()
        .find(|step| step.side == Side::Client && matches!(step.kind, StepKind::TransportEnd(_)));
    let Some(closed) = closed else { return };
    let waited = closed.time.seconds().saturating_sub(request.evidence.time.seconds());
    let shown = initial.answer.seen().filter(|answer| !answer.is_empty());
    let said = connection
        .steps
        .iter()
        .any(|step| step.side == Side::Client && matches!(step.kind, StepKind::Alert(..)));
    let before_proof = shown.is_some() && !initial.proof.is_seen() && !initial.client_finished.is_seen();
    let after_a_pause = shown.is_none()
        && !initial.answer.is_seen()
        && waited >= PAUSE
        && connection.outcome.verdict != Verdict::Accepted;
    if said || initial.client_finished.is_seen() || !(before_proof || after_a_pause) {
        return;
    }
    let what = match shown {
        Some(answer) => format!("showed a certificate{} and then no proof", Place(answer.evidence)),
        None => format!("was silent for {waited} seconds"),
    };
    let message = format!(
        "The server asked for a certificate{}; the client {what}, and ended the connection. Its key may not be at hand: a token, a \
         keychain, a PIN.",
        Place(request.evidence)
    );
    let fix = "Look in the client's log, and try its key alone (p11-kit list-tokens; Keychain Access; Manage Private Keys)";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&TOKEN_OR_KEYCHAIN_UNAVAILABLE, severity, confidence, [request.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_is_silent_and_leaves() {
        let found = fires(
            &TOKEN_OR_KEYCHAIN_UNAVAILABLE,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            wait 20
            C> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("silent for 20 seconds"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_answers() {
        quiet(
            &TOKEN_OR_KEYCHAIN_UNAVAILABLE,
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

    #[test]
    fn quiet_when_it_leaves_at_once() {
        quiet(
            &TOKEN_OR_KEYCHAIN_UNAVAILABLE,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> FIN
            ",
        );
    }
}
