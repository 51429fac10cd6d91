//! The front of Cloudflare turned the request away.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// Cloudflare turned the request away.
    ///
    /// ## What happened
    ///
    /// Cloudflare asks for a certificate only on host names that are associated with an authority, never refuses in
    /// the handshake, and enforces by a rule (WAF) or by Access: 403, or its error page 1020.
    ///
    /// ## Why it happens
    ///
    /// - The host name is not associated, the rule wants `cf.tls_client_auth.cert_verified`, or the authority is not
    ///   the one uploaded.
    ///
    /// ## What to do
    ///
    /// - Associate the host name with the authority; the rule: `not cf.tls_client_auth.cert_verified` blocks.
    /// - What Cloudflare shows to the origin is another certificate: trust its origin-pull authority there.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 403
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Only in the cloud; `openssl s_server` gives such an answer:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// printf 'HTTP/1.1 403 Forbidden\r\nServer: cloudflare\r\n\r\nerror code: 1020' > answer
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -HTTP &
    /// curl https://localhost:8443/answer --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Cloudflare: mTLS, cf.tls_client_auth fields
    pub static CLOUDFLARE_MTLS: Warning = "cloudflare-mtls", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = &connection.http_status else { return };
    if status.code != 403 || !status.head.to_ascii_lowercase().contains("server: cloudflare") {
        return;
    }
    let message = format!(
        "TLS succeeded, and Cloudflare answered HTTP {}{}: it judges client certificates in HTTP, by rules of its own.",
        status.code,
        Place(status.evidence)
    );
    let fix = "Look at the host's mTLS rule (cf.tls_client_auth.cert_verified), and whether the host name is associated with the authority";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&CLOUDFLARE_MTLS, severity, confidence, [status.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_cloudflare_says_403() {
        let found = fires(
            &CLOUDFLARE_MTLS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\nServer: cloudflare\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("Cloudflare"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_another_server() {
        quiet(
            &CLOUDFLARE_MTLS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\nServer: nginx\\r\\n\\r\\n)
            ",
        );
    }
}
