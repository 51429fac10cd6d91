//! A ClientHello of several packets gets no answer.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The ClientHello needs several packets, and nobody answered it.
    ///
    /// ## What happened
    ///
    /// The ClientHello is larger than one packet, and nothing, or a reset, came back. Some firewalls and load
    /// balancers look only into the first packet. What makes it large: a key share for ML-KEM (1216 bytes), or a
    /// session ticket that holds the client's certificate chain (measured with a chain of two: OpenSSL 1130 bytes, Go
    /// 2767, GnuTLS 2924, Java 4660).
    ///
    /// ## Why it happens
    ///
    /// - The client was updated (Go 1.24, OpenSSL 3.5, browsers), or it resumes a session in which it had shown a
    ///   certificate.
    ///
    /// ## What to do
    ///
    /// - Try without: Go `GODEBUG=tlsmlkem=0`, OpenSSL `Groups = X25519:P-256`, curl `--curves X25519`, Chrome: the
    ///   policy PostQuantumKeyAgreementEnabled.
    /// - Server: sessions kept in place of tickets for hosts that ask for certificates (`ssl_session_tickets off`,
    ///   `SSLSessionTickets off`).
    /// - Update the box in between.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 1 && tls.handshake.length > 1400
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: it takes a box in between that drops the second packet of a ClientHello.
    ///
    /// ## References
    ///
    /// - https://tldr.fail; https://github.com/golang/go/issues/80573
    pub static CLIENTHELLO_TOO_LARGE: Warning = "clienthello-too-large", check, needs UNFINISHED;
}

/// What fits into one packet on an ordinary path.
const ONE_PACKET: u32 = 1400;

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.is_before_server_hello() {
        return;
    }
    let Some((_, evidence)) = connection.client_hello() else { return };
    let has_answered = connection
        .steps
        .iter()
        .any(|step| step.side == Side::Server && !matches!(step.kind, StepKind::TransportEnd(_)));
    if evidence.length <= ONE_PACKET || has_answered {
        return;
    }
    let message = format!(
        "The ClientHello{} has {} bytes, more than one packet holds, and the server sent nothing: a box in between may drop such.",
        Place(evidence),
        evidence.length
    );
    let fix = "Try a smaller ClientHello (without ML-KEM: curl --curves X25519, Go GODEBUG=tlsmlkem=0; without a ticket)";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&CLIENTHELLO_TOO_LARGE, severity, confidence, [evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_large_hello_is_reset() {
        let found = fires(
            &CLIENTHELLO_TOO_LARGE,
            "
            C> ClientHello(sni=a.test session=01ff ticket large)
            S> RST
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("more than one packet"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_hello_is_small() {
        quiet(
            &CLIENTHELLO_TOO_LARGE,
            "
            C> ClientHello
            S> RST
            ",
        );
    }
}
