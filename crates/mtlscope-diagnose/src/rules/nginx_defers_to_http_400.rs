//! nginx finishes the handshake and tells of a bad or missing certificate by HTTP.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// nginx took the handshake and refused in HTTP; the reason is in its log.
    ///
    /// ## What happened
    ///
    /// nginx never refuses a client's certificate in the handshake, but for a false proof. It answers 400: with `No
    /// required SSL certificate was sent` (its own status 496) or `The SSL certificate error` (495). So clients
    /// report success, and then 400. Why the certificate was refused stands only in its error log, at level `info`;
    /// the number there is that of the last error that OpenSSL met.
    ///
    /// ## Why it happens
    ///
    /// - So nginx is made, with `ssl_verify_client on` and with `optional`.
    ///
    /// ## What to do
    ///
    /// - nginx: `error_log ... info;`, `$ssl_client_verify` in the access log, `error_page 495 496 497 /why.html;`.
    /// - The cause itself is named beside this note.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 400
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --like nginx &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - nginx: ngx_http_ssl_module, error processing
    pub static NGINX_DEFERS_TO_HTTP_400: Note = "nginx-defers-to-http-400", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = &connection.http_status else { return };
    if !matches!(status.code, 400 | 495 | 496) {
        return;
    }
    let handshake = connection.asking();
    let head = status.head.to_ascii_lowercase();
    let says_so = matches!(status.code, 495 | 496)
        || status.code == 400
            && (head.contains("no required ssl certificate") || head.contains("the ssl certificate error"));
    if !says_so || !handshake.request.is_seen() && !connection.initial().resumption.is_seen() {
        return;
    }
    let what = if head.contains("no required ssl certificate") {
        "that no certificate came"
    } else {
        "that the certificate was not taken"
    };
    let message = format!(
        "TLS succeeded; nginx then answered HTTP {}{} and says {what}. Why stands only in its error log, at level info.",
        status.code,
        Place(status.evidence)
    );
    let fix = "Set error_log to info in nginx, and log $ssl_client_verify";
    report.find(
        &NGINX_DEFERS_TO_HTTP_400,
        Severity::Note,
        Confidence::Certain,
        [status.evidence],
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_nginx_misses_a_certificate() {
        let found = fires(
            &NGINX_DEFERS_TO_HTTP_400,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 No required SSL certificate was sent)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("that no certificate came"), "{}", found.message);
    }

    #[test]
    fn fires_when_nginx_does_not_take_it() {
        let found = fires(
            &NGINX_DEFERS_TO_HTTP_400,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("was not taken"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_answer_is_200() {
        quiet(
            &NGINX_DEFERS_TO_HTTP_400,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
