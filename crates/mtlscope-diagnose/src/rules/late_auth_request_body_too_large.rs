//! The server could not keep the request's body while it would ask for a certificate.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The request's body may have been too large for a late question.
    ///
    /// ## What happened
    ///
    /// A server that asks late must keep what the client has already sent. If that does not fit, it answers 413:
    /// Apache keeps 128 KiB (`SSLRenegBufferSize`), IIS 48 KiB (`uploadReadAheadSize`). Here the server did not ask
    /// in the handshake and answered 413. It may also just limit uploads.
    ///
    /// ## Why it happens
    ///
    /// - A client posts before it is asked, without `Expect: 100-continue`.
    ///
    /// ## What to do
    ///
    /// - Ask in the handshake; or raise the buffer: Apache `SSLRenegBufferSize`, IIS `uploadReadAheadSize`.
    /// - Have the client wait: `Expect: 100-continue` (curl does for large bodies; .NET `ExpectContinue`, Java
    ///   `expectContinue(true)`), or send a small request first.
    /// - Azure App Service: client certificate mode Required without exclusion paths.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 413
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Apache asks for one location only, by renegotiation, and cannot keep the body meanwhile:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat > httpd.conf <<'END'
    /// LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
    /// LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
    /// LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
    /// LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
    /// ServerName localhost
    /// PidFile httpd.pid
    /// DefaultRuntimeDir .
    /// ErrorLog error.log
    /// User www-data
    /// Listen 8443
    /// SSLEngine on
    /// SSLCertificateFile pki/server.pem
    /// SSLCertificateKeyFile pki/server.key
    /// SSLCACertificateFile pki/ca.pem
    /// SSLVerifyDepth 3
    /// <Location /secure/>
    ///   SSLVerifyClient require
    ///   SSLRenegBufferSize 4096
    /// </Location>
    /// END
    /// apache2 -DFOREGROUND -d "$PWD" -f httpd.conf &
    /// head -c 20000 /dev/zero | curl https://localhost:8443/secure/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key --tls-max 1.2 --http1.1 -H Expect: --data-binary @-
    /// ```
    ///
    /// ## References
    ///
    /// - Apache AH02257, AH10228; IIS `uploadReadAheadSize`
    pub static LATE_AUTH_REQUEST_BODY_TOO_LARGE: Warning = "late-auth-request-body-too-large", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = connection.http_status.as_ref().filter(|status| status.code == 413) else { return };
    let asked = connection.handshakes.iter().any(|handshake| handshake.request.is_seen());
    if !connection.was_not_asked() || asked {
        return;
    }
    let message = format!(
        "The server did not ask for a certificate in the handshake, and answered HTTP 413{}: if it wants one for this address, it could \
         not keep the body while it would ask.",
        Place(status.evidence)
    );
    let fix = "Have the server ask in the handshake, raise its buffer (Apache: SSLRenegBufferSize), or the client send Expect: 100-continue";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&LATE_AUTH_REQUEST_BODY_TOO_LARGE, severity, confidence, [status.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_answer_is_413() {
        let found = fires(
            &LATE_AUTH_REQUEST_BODY_TOO_LARGE,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(POST / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 413 Request Entity Too Large\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("413"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_asked() {
        quiet(
            &LATE_AUTH_REQUEST_BODY_TOO_LARGE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 413 Request Entity Too Large\\r\\n\\r\\n)
            ",
        );
    }
}
