//! The front of API Gateway turned the request away.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// AWS API Gateway turned the request away.
    ///
    /// ## What happened
    ///
    /// API Gateway completes the handshake and answers 403 `Forbidden`. Its log has the reason: `Access denied.
    /// Reason: Could not find issuer for certificate`, `Client cert using an insecure Signature Algorithm`, `self
    /// signed certificate`.
    ///
    /// ## Why it happens
    ///
    /// - The trust store in S3 lacks part of the chain, or its new version was not set in the custom domain.
    /// - The request went to the `execute-api` endpoint, which asks for no certificate.
    ///
    /// ## What to do
    ///
    /// - Put the whole chain into `truststore.pem`, upload it and set the new version.
    /// - Disable the `execute-api` endpoint.
    /// - For load balancers (ALB): `mtlscope explain hints`.
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
    /// printf 'HTTP/1.1 403 Forbidden\r\nx-amz-apigw-id: a\r\n\r\n{"message":"Forbidden"}' > answer
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -HTTP &
    /// curl https://localhost:8443/answer --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - AWS: API Gateway mutual TLS
    pub static AWS_APIGATEWAY_MTLS: Warning = "aws-apigateway-mtls", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = &connection.http_status else { return };
    if status.code != 403 {
        return;
    }
    let head = status.head.to_ascii_lowercase();
    if !(head.contains("x-amz-apigw-id") || head.contains("x-amzn-requestid")) {
        return;
    }
    let message = format!(
        "TLS succeeded, and API Gateway answered HTTP {}{}: it judges client certificates in HTTP, by rules of its own.",
        status.code,
        Place(status.evidence)
    );
    let fix = "Look in its access log for the reason (Access denied. Reason: ...), and put the whole chain of the client into the trust store";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&AWS_APIGATEWAY_MTLS, severity, confidence, [status.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_gateway_says_403() {
        let found = fires(
            &AWS_APIGATEWAY_MTLS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\nx-amz-apigw-id: abc\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("API Gateway"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_another_server() {
        quiet(
            &AWS_APIGATEWAY_MTLS,
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
