//! IIS asks only after it has read the request, and this connection gives it no way to.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// IIS did not ask in the handshake, and could not ask later.
    ///
    /// ## What happened
    ///
    /// http.sys asks for a certificate only when the page that needs one is requested, by renegotiation, unless the
    /// binding says otherwise. TLS 1.3 and HTTP/2 have no renegotiation; Go and rustls do not take part in it. IIS
    /// then answers 403.7, in TLS 1.3 500 with 0x80070032 (Server 2025), or resets the connection (Server 2022).
    ///
    /// ## Why it happens
    ///
    /// - "Negotiate Client Certificate" is off for the binding, as it is by default.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `netsh-binding`.
    ///
    /// ## What to do
    ///
    /// - `netsh http update sslcert ipport=0.0.0.0:443 ... clientcertnegotiation=enable`, or "Negotiate Client
    ///   Certificate" in the site binding (Server 2022 and later).
    /// - Or switch TLS 1.3 off for the binding (`disabletls13=enable`), and HTTP/2 (`disablehttp2=enable`).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 || http.server contains "IIS"
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Windows answers so; `openssl s_server` gives the same answer:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// printf 'HTTP/1.1 500 Internal Server Error\r\nServer: Microsoft-IIS/10.0\r\n\r\n' > answer
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -HTTP -tls1_3 &
    /// curl https://localhost:8443/answer --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Microsoft: http.sys `clientcertnegotiation`; RFC 8740
    pub static IIS_LATE_NEGOTIATION: Error = "iis-late-negotiation", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    if !connection.was_not_asked() {
        return;
    }
    let Some(status) = &connection.http_status else { return };
    let is_iis = names_iis(&status.head);
    let cannot =
        status.code == 500 && connection.is_tls13() || status.code == 403 && status.head.contains("403.7");
    let asked_later = connection.handshakes.iter().any(|handshake| handshake.request.is_seen());
    if !is_iis || !cannot || asked_later {
        return;
    }
    let message = format!(
        "IIS did not ask for a certificate in the handshake, and answered HTTP {}{}: it asks late, by renegotiation, which {} not have.",
        status.code,
        Place(status.evidence),
        if connection.is_tls13() { "TLS 1.3 does" } else { "this client may" }
    );
    let fix = "Switch on Negotiate Client Certificate for the binding (netsh http update sslcert ... clientcertnegotiation=enable)";
    report.find(&IIS_LATE_NEGOTIATION, Severity::Error, Confidence::Likely, [status.evidence], message, fix);
}

fn names_iis(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    head.contains("server: microsoft-iis") || head.contains("server: microsoft-httpapi")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_iis_answers_500_in_tls13() {
        let found = fires(
            &IIS_LATE_NEGOTIATION,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 500 Internal Server Error\\r\\nServer: Microsoft-IIS/10.0\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("asks late"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_not_iis() {
        quiet(
            &IIS_LATE_NEGOTIATION,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 500 Internal Server Error\\r\\nServer: nginx\\r\\n\\r\\n)
            ",
        );
    }
}
