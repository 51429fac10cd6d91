//! The server sent an alert and reset the connection, so that the client may not see the alert.

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The server's alert may have been lost to the client.
    ///
    /// ## What happened
    ///
    /// The server sent an alert, and then reset the TCP connection, since it still had data of the client unread. A
    /// reset throws away what the client has not read: so the program reports `connection reset`, `broken pipe` or an
    /// unexpected end, and not the alert. The alert is in the capture all the same.
    ///
    /// ## Why it happens
    ///
    /// - The client sends its request, mostly a large one, while the server refuses: usual in TLS 1.3, where the
    ///   refusal comes after the client's Finished.
    ///
    /// ## What to do
    ///
    /// - Client: read before writing much, `Expect: 100-continue`.
    /// - Server: nginx `lingering_close always`; Go, Node, Java: read out before closing.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message && tcp.flags.reset == 1
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A server that closes on much that it has not read:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > server.py <<'END'
    /// import socket, ssl
    /// context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile="pki/ca.pem")
    /// context.load_cert_chain("pki/server.pem", "pki/server.key")
    /// context.verify_mode = ssl.CERT_REQUIRED
    /// client, _ = socket.create_server(("127.0.0.1", 8443)).accept()
    /// incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    /// tls = context.wrap_bio(incoming, outgoing, server_side=True)
    /// for wanted in 1, 20000:
    ///     while len(client.recv(wanted, socket.MSG_PEEK)) < wanted:
    ///         pass
    ///     incoming.write(client.recv(5000))
    ///     try:
    ///         tls.do_handshake()
    ///     except ssl.SSLError as error:
    ///         print(error)
    ///     client.sendall(outgoing.read())
    /// client.close()
    /// END
    /// python3 server.py &
    /// head -c 2000000 /dev/zero | curl https://localhost:8443/ --cacert pki/ca.pem --tlsv1.3 --data-binary @- -H Expect:
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 6.1; RFC 9293 section 3.5.2
    pub static ALERT_LOST_RESET: Warning = "alert-lost-reset", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Sign::Alert(_) = refusal.sign else { return };
    let reset = connection.steps.iter().find(|step| {
        step.side == Side::Server && matches!(step.kind, StepKind::TransportEnd(TransportEnd::Reset))
    });
    let Some(reset) = reset.filter(|reset| reset.frame >= refusal.evidence.frame) else { return };
    // What the client has not read is lost only where it had more to say itself.
    let had_more = connection.steps.iter().any(|step| {
        step.side == Side::Client
            && matches!(step.kind, StepKind::HttpRequest(_) | StepKind::ApplicationData(..))
    });
    if !had_more {
        return;
    }
    let place = reset.frame.map(|frame| format!(" in frame {frame}")).unwrap_or_default();
    let message = format!(
        "The server {refusal} and then reset the connection{place}: the client's program may report a reset and not the alert."
    );
    let fix =
        "Go by the alert in this capture; have the client read before it writes much (Expect: 100-continue)";
    report.find(&ALERT_LOST_RESET, Severity::Note, Confidence::Certain, [refusal.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_reset_follows_the_alert() {
        let found = fires(
            &ALERT_LOST_RESET,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(@root), Certificate(server), CertificateVerify, Finished
            C> Certificate(selfsigned), CertificateVerify, Finished
            C> Data(POST / HTTP/1.1\\r\\n)
            S> Alert(fatal, unknown_ca)
            S> RST
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("then reset"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_connection_is_closed_in_order() {
        quiet(
            &ALERT_LOST_RESET,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
