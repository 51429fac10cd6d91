//! The server took long over a certificate that is in order, and then refused it.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::Shown;
use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The server may not have reached the authority's OCSP responder or list.
    ///
    /// ## What happened
    ///
    /// Nothing is wrong with the client's chain, the server took seconds over it, and refused. The certificate names
    /// a place where it can be looked up (OCSP, CRL), and the server probably waited for it in vain.
    /// `certificate_unknown` (46) from Java, `handshake_failure` (40) from Apache, HTTP 400 from nginx, 403.13 from IIS.
    ///
    /// ## Why it happens
    ///
    /// - A firewall keeps the server from the responder.
    /// - nginx looks up names only with a `resolver`.
    ///
    /// ## What to do
    ///
    /// - Let the server reach the address in the certificate (`openssl x509 -noout -ocsp_uri`), or name another:
    ///   nginx `ssl_ocsp_responder`, Apache `SSLOCSPDefaultResponder`.
    /// - IIS: `netsh http update sslcert ... verifyclientcertrevocation=disable` as a stopgap; Java: `ocsp.enable`,
    ///   `com.sun.security.enableCRLDP`; .NET: `X509RevocationMode.NoCheck`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 46 || http.response.code == 400
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Apache asks a responder that takes the connection and never answers (`mtlscope serve` looks nothing up):
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// echo 'authorityInfoAccess=OCSP;URI:http://127.0.0.1:9999/' > ocsp.ext
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout c.key -out c.csr
    /// openssl x509 -req -in c.csr -CA pki/ca.pem -CAkey pki/ca.key -CAcreateserial -extfile ocsp.ext -out c.pem
    /// python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 9999)); time.sleep(60)' &
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
    /// SSLVerifyClient require
    /// SSLOCSPEnable leaf
    /// SSLOCSPResponderTimeout 6
    /// END
    /// apache2 -DFOREGROUND -d "$PWD" -f httpd.conf &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 6960; nginx `ssl_ocsp`; IIS 403.13 with 0x80092013
    pub static OCSP_OR_CRL_UNREACHABLE: Error = "ocsp-or-crl-unreachable", check, needs SHOWN | TURNED_DOWN;
}

/// What an answer takes that did not have to wait for somebody else.
const PROMPT: i64 = 2;

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Reception::Refused(refusal) = shown.reception else { return };
    let Some(Wait { took, place }) = waited(&shown) else { return };
    let may_be = refusal.sign.alert().is_none()
        || refusal.sign.is_alert(&[
            AlertDescription::CERTIFICATE_UNKNOWN,
            AlertDescription::UNKNOWN_CA,
            AlertDescription::BAD_CERTIFICATE,
            AlertDescription::CERTIFICATE_REVOKED,
            AlertDescription::HANDSHAKE_FAILURE,
        ]);
    if !may_be || refusal.sign.may_mean_something_else() || shown.has_a_flaw(context) {
        return;
    }
    let message = format!(
        "{} is in order, and the server took {took} seconds before it refused: it {refusal}. It may have waited for {}.",
        shown.whose(),
        place.escape_debug()
    );
    let fix = "Let the server reach that address, or name another responder (nginx: ssl_ocsp_responder, and a resolver)";
    report.find(
        &OCSP_OR_CRL_UNREACHABLE,
        Severity::Error,
        Confidence::Possible,
        shown.evidence(),
        message,
        fix,
    );
}

/// How long a server took over a certificate that names a place where it can be looked up.
pub(super) struct Wait<'a> {
    /// Seconds.
    took: i64,
    /// The place.
    place: &'a str,
}

/// The wait before the refusal, where it was longer than an answer takes.
pub(super) fn waited<'a>(shown: &'a Shown<'_>) -> Option<Wait<'a>> {
    let Reception::Refused(refusal) = shown.reception else { return None };
    let extensions = &shown.certificates.leaf.extensions;
    let place = extensions.ocsp.first().or(extensions.crl_distribution_points.first())?;
    let took = refusal.evidence.time.seconds().saturating_sub(shown.certificates.shown().time.seconds());
    (took >= PROMPT).then_some(Wait { took, place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_answer_took_long() {
        let found = fires(
            &OCSP_OR_CRL_UNREACHABLE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/looked-up), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            wait 10
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("took 10 seconds"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_answer_came_at_once() {
        quiet(
            &OCSP_OR_CRL_UNREACHABLE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/looked-up), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
    }
}
