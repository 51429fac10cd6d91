//! The cipher suite has no place for certificates.

use mtlscope_dissect::tls::registry::CipherSuite;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// A cipher suite without certificates was chosen, so no client can be asked.
    ///
    /// ## What happened
    ///
    /// With a suite of pre-shared keys (TLS_PSK_*) or an anonymous one (TLS_*_anon_*) the server shows no
    /// certificate, and then it may not ask for the client's.
    ///
    /// ## Why it happens
    ///
    /// - The server's or the client's list of ciphers is too generous.
    ///
    /// ## What to do
    ///
    /// - Take these suites off the lists: nginx `ssl_ciphers ...:!aNULL:!PSK`, Apache `SSLCipherSuite`, HAProxy
    ///   `ssl-default-bind-ciphers`, OpenSSL the same words, GnuTLS `-ANON-ECDH:-PSK`, Java
    ///   `jdk.tls.disabledAlgorithms` (anon is there by default).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 2 && tls.handshake.ciphersuite
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl s_server -accept 8443 -nocert -psk 0123456789abcdef -tls1_2 -www &
    /// echo | openssl s_client -connect localhost:8443 -psk 0123456789abcdef -tls1_2
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.4; RFC 4279
    pub static PSK_OR_ANONYMOUS_CIPHER_NO_REQUEST: Warning = "psk-or-anonymous-cipher-no-request", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some((hello, evidence)) = connection.server_hello() else { return };
    if !context.suites_without_certificates.once(hello.cipher_suite, has_no_certificates) {
        return;
    }
    let Some(suite) = hello.cipher_suite.name() else { return };
    let message = format!(
        "The server chose {suite}{}, in which it shows no certificate and may not ask for the client's.",
        Place(evidence)
    );
    let fix = "Take suites with PSK and anon off the lists of ciphers (OpenSSL: !PSK:!aNULL), if clients are to show certificates";
    let (severity, confidence) = (Severity::Warning, Confidence::Certain);
    report.find(&PSK_OR_ANONYMOUS_CIPHER_NO_REQUEST, severity, confidence, [evidence], message, fix);
}

/// Whether, by its name, a suite has no place for certificates.
fn has_no_certificates(suite: CipherSuite) -> bool {
    let name = suite.name().unwrap_or_default();
    let is_without = name.contains("PSK_WITH") || name.contains("_anon_");
    is_without && !name.contains("RSA_PSK") && !name.contains("ECDSA_PSK")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_suite_of_pre_shared_keys_is_chosen() {
        let found = fires(
            &PSK_OR_ANONYMOUS_CIPHER_NO_REQUEST,
            "
            C> ClientHello
            S> ServerHello(suite=00a8), ServerHelloDone
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("TLS_PSK_WITH_AES_128_GCM_SHA256"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_suite_has_certificates() {
        quiet(
            &PSK_OR_ANONYMOUS_CIPHER_NO_REQUEST,
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
