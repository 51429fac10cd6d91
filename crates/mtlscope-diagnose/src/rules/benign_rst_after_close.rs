//! A reset after the goodbye that is no failure.

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{Connection, StepKind, Verdict};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The reset came after the goodbye, and is no failure.
    ///
    /// ## What happened
    ///
    /// One side had said `close_notify`, or the answer was complete, and then a side reset the TCP connection in
    /// place of closing it. That happens where the other's own goodbye arrives at a socket that is already closed.
    ///
    /// ## Why it happens
    ///
    /// - The kernel answers data for a closed socket by a reset: s_client, curl and nginx do so all the time.
    ///
    /// ## What to do
    ///
    /// - Nothing.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tcp.flags.reset == 1
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9293 section 3.5.2; RFC 8446 section 6.1
    pub static BENIGN_RST_AFTER_CLOSE: Note = "benign-rst-after-close", check, needs ALERTED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if connection.outcome.verdict != Verdict::Accepted {
        return;
    }
    let goodbye = connection.steps.iter().find_map(|step| match &step.kind {
        StepKind::Alert(alert, evidence, _) if alert.description == AlertDescription::CLOSE_NOTIFY => {
            Some(*evidence)
        }
        _ => None,
    });
    let reset =
        connection.steps.iter().find(|step| matches!(step.kind, StepKind::TransportEnd(TransportEnd::Reset)));
    let (Some(goodbye), Some(reset)) = (goodbye, reset) else { return };
    if reset.frame < goodbye.frame {
        return;
    }
    let place = reset.frame.map(|frame| format!(" in frame {frame}")).unwrap_or_default();
    let message = format!(
        "The {} reset the connection{place}, after the {} had said close_notify{}: a closed socket was written to, and nothing failed.",
        reset.side,
        goodbye.side,
        Place(goodbye)
    );
    report.find(&BENIGN_RST_AFTER_CLOSE, Severity::Note, Confidence::Certain, [goodbye], message, "Nothing");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_reset_follows_the_goodbye() {
        let found = fires(
            &BENIGN_RST_AFTER_CLOSE,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            S> Alert(warning, close_notify), FIN
            C> Alert(warning, close_notify)
            S> RST
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("nothing failed"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_reset_comes_first() {
        quiet(
            &BENIGN_RST_AFTER_CLOSE,
            "
            C> ClientHello
            S> RST
            ",
        );
    }
}
