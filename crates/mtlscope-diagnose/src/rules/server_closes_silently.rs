//! The server hangs up on the client's certificate without an alert.

use mtlscope_dissect::event::TransportEnd;

use crate::blame::Shown;
use crate::connection::{Connection, Reception, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The server closed on the certificate without saying why.
    ///
    /// ## What happened
    ///
    /// The client showed a certificate, and the server closed the TCP connection without an alert. Node does so: it
    /// completes the handshake in its own mind, finds `authorized` false and destroys the socket. The client reads
    /// `socket hang up`, `Empty reply`, `unexpected eof`. The cause itself is named beside this.
    ///
    /// ## Why it happens
    ///
    /// - Node with `rejectUnauthorized: true`; applications that close in a callback; gRPC in part.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `mqtt-client-cert`.
    ///
    /// ## What to do
    ///
    /// - Node: `rejectUnauthorized: false`, then look at `socket.authorized` and `authorizationError`, and answer 401
    ///   or 403 with a reason.
    /// - Others: look into the server's log.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tcp.flags.fin == 1 && !tls.alert_message
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Node closes where others say why:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > server.js <<'END'
    /// const fs = require('fs');
    /// const options = {
    ///   key: fs.readFileSync('pki/server.key'), cert: fs.readFileSync('pki/server.pem'), ca: fs.readFileSync('pki/ca.pem'),
    ///   requestCert: true, rejectUnauthorized: true,
    /// };
    /// require('tls').createServer(options).on('tlsClientError', () => {}).listen(8443);
    /// END
    /// node server.js &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --tls-max 1.2 --cert pki/zoo/leaf-expired.pem --key pki/zoo/leaf-expired.key
    /// ```
    ///
    /// ## References
    ///
    /// - Node: tls `rejectUnauthorized`
    pub static SERVER_CLOSES_SILENTLY: Warning = "server-closes-silently", check, needs SHOWN | TURNED_DOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Reception::Refused(refusal) = shown.reception else { return };
    if !matches!(refusal.sign, Sign::Closed(TransportEnd::Fin)) {
        return;
    }
    let message =
        format!("{} was refused without a word: the server {refusal}, as Node does.", shown.whose());
    let fix = "Look into the server's log; in Node set rejectUnauthorized: false, and answer with socket.authorizationError";
    let (severity, confidence) = (Severity::Note, Confidence::Likely);
    report.find(&SERVER_CLOSES_SILENTLY, severity, confidence, shown.evidence(), message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_closes_on_the_certificate() {
        let found = fires(
            &SERVER_CLOSES_SILENTLY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Likely));
        assert!(found.message.contains("without a word"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_says_why() {
        quiet(
            &SERVER_CLOSES_SILENTLY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }
}
