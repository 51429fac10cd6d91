//! The front of App Service turned the request away.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// Azure App Service turned the request away.
    ///
    /// ## What happened
    ///
    /// App Service asks by renegotiation where the mode is Optional or paths are excluded; clients that do not
    /// renegotiate, TLS 1.3, HTTP/2 and large bodies come to grief. It validates nothing: the application must look
    /// at `X-ARR-ClientCert`. It answers 403.
    ///
    /// ## Why it happens
    ///
    /// - `clientCertMode` Optional or `clientCertExclusionPaths`; API Management without
    ///   `negotiateClientCertificate`.
    ///
    /// ## What to do
    ///
    /// - `clientCertMode=Required` without exclusion paths; Go: `RenegotiateOnceAsClient`.
    /// - Validate the certificate in the header `X-ARR-ClientCert` in code.
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
    /// mtlscope pki init pki --server-name a.azurewebsites.net
    /// printf 'HTTP/1.1 403 Forbidden\r\n\r\n' > answer
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -HTTP &
    /// curl https://a.azurewebsites.net:8443/answer --resolve a.azurewebsites.net:8443:127.0.0.1 --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Microsoft: App Service TLS mutual authentication
    pub static AZURE_APP_SERVICE_CLIENT_CERT: Warning = "azure-app-service-client-cert", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = &connection.http_status else { return };
    let is_azure =
        connection.initial().server_name.seen().is_some_and(|name| name.ends_with(".azurewebsites.net"));
    if status.code != 403 || !is_azure {
        return;
    }
    let message = format!(
        "TLS succeeded, and App Service answered HTTP {}{}: it judges client certificates in HTTP, by rules of its own.",
        status.code,
        Place(status.evidence)
    );
    let fix = "Set clientCertMode=Required without exclusion paths, and validate X-ARR-ClientCert in the application";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&AZURE_APP_SERVICE_CLIENT_CERT, severity, confidence, [status.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_app_service_says_403() {
        let found = fires(
            &AZURE_APP_SERVICE_CLIENT_CERT,
            "
            C> ClientHello(sni=x.azurewebsites.net)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("App Service"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_another_host() {
        quiet(
            &AZURE_APP_SERVICE_CLIENT_CERT,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\n)
            ",
        );
    }
}
