//! The server wants the certificate after the handshake, and the client did not offer that.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server may ask only after the handshake, and the client cannot be asked then.
    ///
    /// ## What happened
    ///
    /// TLS 1.3 has no renegotiation. A server that wants the certificate for some addresses only can ask after the
    /// handshake, if the client said `post_handshake_auth` in its ClientHello; this one did not. Apache answers 403
    /// and logs AH10158 (`Cannot perform Post-Handshake Authentication`), IIS answers 500 (0x80070032) or resets,
    /// others close.
    ///
    /// ## Why it happens
    ///
    /// - curl (with OpenSSL) and requests offer it; Java, Go, Node, rustls, browsers, urllib and `openssl s_client`
    ///   as it comes do not.
    /// - Apache: `SSLVerifyClient` in a `Directory` or `Location`.
    ///
    /// ## What to do
    ///
    /// - Ask in the handshake: Apache `SSLVerifyClient` in the `VirtualHost`; IIS `clientcertnegotiation=enable`. Or
    ///   no TLS 1.3 on that host: `SSLProtocol -TLSv1.3`.
    /// - Python: `context.post_handshake_auth = True`; OpenSSL: `s_client -enable_pha`,
    ///   SSL_CTX_set_post_handshake_auth; GnuTLS: GNUTLS_POST_HANDSHAKE_AUTH.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 1 && !(tls.handshake.extension.type == 49)
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --protect /secure &
    /// printf 'GET /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    ///   openssl s_client -connect localhost:8443 -ign_eof
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 sections 4.2.6 and 4.6.2; Apache AH10129, AH10158
    pub static SERVER_ASKS_LATE_TLS13_PHA: Error = "server-asks-late-tls13-pha", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.is_tls13() || !connection.was_not_asked() || connection.may_be_asked_late() {
        return;
    }
    let (Some((_, hello)), Some(refusal)) = (connection.client_hello(), connection.refusal()) else { return };
    if refusal.by == Side::Client {
        return;
    }
    let (severity, confidence) = match refusal.sign {
        Sign::Http(status) if status.head.to_ascii_lowercase().contains("post-handshake auth") => {
            (Severity::Error, Confidence::Certain)
        }
        Sign::Http(_) if !refusal.sign.may_mean_something_else() => (Severity::Error, Confidence::Possible),
        Sign::Http(status) if status.code == 403 => (Severity::Warning, Confidence::Possible),
        // It read the request, and closed in place of an answer.
        Sign::Closed(_) if connection.http_request.is_some() => (Severity::Error, Confidence::Possible),
        _ => return,
    };
    let message = format!(
        "The server did not ask for a certificate in the handshake, and {refusal}. It may want one for this address; TLS 1.3 lets it ask \
         then only if the client offers post_handshake_auth, and this ClientHello{} does not.",
        Place(hello)
    );
    let fix = "Have the server ask in the handshake (Apache: SSLVerifyClient in the VirtualHost), or the client offer it (Python: \
               post_handshake_auth = True; openssl s_client -enable_pha)";
    let evidence = vec![refusal.evidence, hello];
    report.find(&SERVER_ASKS_LATE_TLS13_PHA, severity, confidence, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_apache_says_so() {
        let found = fires(
            &SERVER_ASKS_LATE_TLS13_PHA,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\nReason: Cannot perform Post-Handshake Authentication.)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("does not"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_closes_on_the_request() {
        let found = fires(
            &SERVER_ASKS_LATE_TLS13_PHA,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> FIN
            C> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("closed the connection"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_client_offers_it() {
        quiet(
            &SERVER_ASKS_LATE_TLS13_PHA,
            "
            C> ClientHello(sni=a.test pha)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\nReason: Cannot perform Post-Handshake Authentication.)
            ",
        );
    }

    #[test]
    fn quiet_when_all_is_well() {
        quiet(
            &SERVER_ASKS_LATE_TLS13_PHA,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            ",
        );
    }
}
