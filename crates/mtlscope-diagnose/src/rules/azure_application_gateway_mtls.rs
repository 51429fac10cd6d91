//! The front of Application Gateway turned the request away.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// Azure Application Gateway turned the request away.
    ///
    /// ## What happened
    ///
    /// Application Gateway completes the handshake and answers 400 where the certificate is missing or not taken; its
    /// access log has `sslClientVerify`. Not verified by us.
    ///
    /// ## Why it happens
    ///
    /// - The SSL profile lacks the whole chain of the client's authority.
    ///
    /// ## What to do
    ///
    /// - Upload the whole chain, root and intermediates, to the SSL profile.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 400
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Only in the cloud; `openssl s_server` gives such an answer:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// printf 'HTTP/1.1 400 Bad Request\r\nServer: Microsoft-Azure-Application-Gateway/v2\r\n\r\n' > answer
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -HTTP &
    /// curl https://localhost:8443/answer --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Microsoft: Application Gateway mutual authentication
    pub static AZURE_APPLICATION_GATEWAY_MTLS: Warning = "azure-application-gateway-mtls", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = &connection.http_status else { return };
    if status.code != 400 || !status.head.to_ascii_lowercase().contains("microsoft-azure-application-gateway")
    {
        return;
    }
    let message = format!(
        "TLS succeeded, and Application Gateway answered HTTP {}{}: it judges client certificates in HTTP, by rules of its own.",
        status.code,
        Place(status.evidence)
    );
    let fix =
        "Look at sslClientVerify in its access log, and upload the whole chain of the client's authority";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&AZURE_APPLICATION_GATEWAY_MTLS, severity, confidence, [status.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_gateway_says_400() {
        let found = fires(
            &AZURE_APPLICATION_GATEWAY_MTLS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n<center>Microsoft-Azure-Application-Gateway/v2</center>)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("Application Gateway"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_another_server() {
        quiet(
            &AZURE_APPLICATION_GATEWAY_MTLS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n<center>nginx</center>)
            ",
        );
    }
}
