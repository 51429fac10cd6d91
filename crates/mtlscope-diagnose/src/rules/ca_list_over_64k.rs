//! The server gives up where its request would come: its list of authorities may be too long to be sent.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server may have more authorities than a request can name.
    ///
    /// ## What happened
    ///
    /// The list of authorities in a CertificateRequest ends at 65535 bytes. OpenSSL servers with more give up with
    /// `internal_error` (80) in its place: in TLS 1.2 after the ServerKeyExchange, in TLS 1.3 after the
    /// EncryptedExtensions, on every connection. The same alert has another cause in TLS 1.3: see
    /// `server-sigalgs-invalid-for-tls13`.
    ///
    /// ## Why it happens
    ///
    /// - The file of authorities to name is the system's bundle, or one that grew.
    ///
    /// ## What to do
    ///
    /// - Name fewer: nginx `ssl_trusted_certificate` in place of `ssl_client_certificate`, Apache
    ///   `SSLCADNRequestFile`, HAProxy `ca-verify-file`.
    /// - The server's log has `construct_ca_names:internal error`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 80
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Fifty authorities with long names:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// long=$(printf '/OU=%060d' $(seq 20))
    /// for i in $(seq 50); do
    ///   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout any.key -subj "/CN=$i$long"
    /// done > too-many.pem
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -CAfile too-many.pem -Verify 3 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.4: certificate_authorities<0..2^16-1>
    pub static CA_LIST_OVER_64K: Error = "ca-list-over-64k", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let Some((_, hello)) = connection.server_hello() else { return };
    let is_in_its_place =
        initial.request.is_not_sent() || !initial.request.is_seen() && !initial.server_finished.is_seen();
    let has_answered = initial.client_finished.is_seen() || initial.answer.is_seen();
    if !refusal.sign.is_alert(&[AlertDescription::INTERNAL_ERROR]) || !is_in_its_place || has_answered {
        return;
    }
    let message = format!(
        "The server {refusal}, in the place of its CertificateRequest, after its ServerHello{}: its list of authorities may have more than 65535 bytes.",
        Place(hello)
    );
    let fix = "Have the server name fewer authorities (nginx: ssl_trusted_certificate; Apache: SSLCADNRequestFile), and look for construct_ca_names in its log";
    let evidence = vec![refusal.evidence, hello];
    report.find(&CA_LIST_OVER_64K, Severity::Error, Confidence::Possible, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_gives_up_in_tls12() {
        let found = fires(
            &CA_LIST_OVER_64K,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, Alert(fatal, internal_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("65535"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_request_was_sent() {
        quiet(
            &CA_LIST_OVER_64K,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, internal_error), FIN
            ",
        );
    }
}
