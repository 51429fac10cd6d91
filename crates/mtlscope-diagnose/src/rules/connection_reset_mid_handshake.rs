//! The connection ended in the middle of the handshake, without a word of TLS.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Means, Party, StepKind, Verdict};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The connection broke off in the handshake, without a reason of TLS.
    ///
    /// ## What happened
    ///
    /// The server's side ended the TCP connection before the handshake was done, and said nothing. Either the server
    /// does not serve this, or a box in between put the end there (then the reset has another TTL than the server's
    /// other packets).
    ///
    /// ## Why it happens
    ///
    /// - A firewall that forbids the host or the protocol; a load balancer without a healthy server behind it; a
    ///   server that is being started; a limit on connections.
    ///
    /// ## What to do
    ///
    /// - Capture at both ends and compare: what the one sent and the other did not see.
    /// - Look into the log of the server and of what stands before it.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tcp.flags.reset == 1 && tls
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A server that reads the hello and resets:
    ///
    /// ```sh
    /// cat > reset.py <<'END'
    /// import socket, struct
    /// client, _ = socket.create_server(("127.0.0.1", 8443)).accept()
    /// client.recv(5000)
    /// client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    /// client.close()
    /// END
    /// python3 reset.py &
    /// curl https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9293 section 3.5.2
    pub static CONNECTION_RESET_MID_HANDSHAKE: Error = "connection-reset-mid-handshake", check, needs UNFINISHED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let outcome = &connection.outcome;
    let is_it = outcome.verdict == Verdict::Incomplete
        && outcome.by == Some(Party::Side(Side::Server))
        && matches!(outcome.means, Some(Means::Fin | Means::Reset));
    // Bytes and no message: another rule has that.
    let has_spoken = connection
        .steps
        .iter()
        .any(|step| step.side == Side::Server && !matches!(step.kind, StepKind::TransportEnd(_)));
    let no_tls = !has_spoken && connection.closed.is_some_and(|closed| closed.bytes[1] > 0);
    if !is_it || !connection.start_seen || connection.initial().client_finished.is_seen() || no_tls {
        return;
    }
    let last = connection.steps.iter().rev().find_map(|step| step.kind.message());
    let Some(last) = last else { return };
    let how = if outcome.means == Some(Means::Reset) { "reset" } else { "closed" };
    let frame = outcome.frame.map(|frame| format!(" in frame {frame}")).unwrap_or_default();
    let message = format!(
        "The server's side {how} the connection{frame}, after the {}'s {}{}, and sent no alert.",
        last.evidence.side,
        last.handshake_type,
        Place(last.evidence)
    );
    let fix = "Capture at the server too: if it did not send this end, something in between did; else its log says why";
    report.find(
        &CONNECTION_RESET_MID_HANDSHAKE,
        Severity::Error,
        Confidence::Likely,
        [last.evidence],
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_hello_is_reset() {
        let found = fires(
            &CONNECTION_RESET_MID_HANDSHAKE,
            "
            C> ClientHello
            S> RST
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("sent no alert"), "{}", found.message);
    }

    #[test]
    fn quiet_when_an_alert_was_sent() {
        quiet(
            &CONNECTION_RESET_MID_HANDSHAKE,
            "
            C> ClientHello
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_all_is_well() {
        quiet(
            &CONNECTION_RESET_MID_HANDSHAKE,
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
