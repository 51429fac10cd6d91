//! A goodbye of Java that looks like a failure.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{Connection, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The alert user_canceled before the goodbye is how Java closes, and no failure.
    ///
    /// ## What happened
    ///
    /// In TLS 1.3, Java ends a connection with the warning `user_canceled` (90) and then `close_notify` (0). Nobody
    /// cancelled anything.
    ///
    /// ## Why it happens
    ///
    /// - JDK 11 and later close their sending side so.
    ///
    /// ## What to do
    ///
    /// - Nothing.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 90
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Any request to a Java server over TLS 1.3:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > Server.java <<'END'
    /// import java.io.File; import java.net.Socket; import java.security.KeyStore; import javax.net.ssl.*;
    /// class Server {
    ///     public static void main(String[] none) throws Exception {
    ///         char[] passphrase = "mtlscope".toCharArray();
    ///         KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    ///         keys.init(KeyStore.getInstance(new File("pki/server.p12"), passphrase), passphrase);
    ///         SSLContext context = SSLContext.getInstance("TLS");
    ///         context.init(keys.getKeyManagers(), null, null);
    ///         try (Socket client = context.getServerSocketFactory().createServerSocket(8443).accept()) {
    ///             client.getInputStream().read();
    ///             client.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n".getBytes());
    ///         }
    ///     }
    /// }
    /// END
    /// java Server.java &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 6.1
    pub static BENIGN_USER_CANCELED: Note = "benign-user-canceled", check, needs ALERTED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let alerts = |wanted: AlertDescription| {
        connection.steps.iter().enumerate().filter_map(move |(place, step)| match &step.kind {
            StepKind::Alert(alert, evidence, _) if alert.description == wanted => Some((place, *evidence)),
            _ => None,
        })
    };
    let goodbye = alerts(AlertDescription::USER_CANCELED).find(|(place, canceled)| {
        alerts(AlertDescription::CLOSE_NOTIFY)
            .any(|(later, close)| later > *place && close.side == canceled.side)
    });
    let Some((_, evidence)) = goodbye else { return };
    if !connection.initial().client_finished.is_seen() {
        return;
    }
    let message = format!(
        "The {} sent user_canceled (90){} and then close_notify: so Java says goodbye, and nothing failed.",
        evidence.side,
        Place(evidence)
    );
    report.find(&BENIGN_USER_CANCELED, Severity::Note, Confidence::Certain, [evidence], message, "Nothing");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_java_says_goodbye() {
        let found = fires(
            &BENIGN_USER_CANCELED,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            S> Alert(warning, user_canceled), Alert(warning, close_notify), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("says goodbye"), "{}", found.message);
    }

    #[test]
    fn quiet_when_there_is_only_a_goodbye() {
        quiet(
            &BENIGN_USER_CANCELED,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            S> Alert(warning, close_notify), FIN
            ",
        );
    }
}
