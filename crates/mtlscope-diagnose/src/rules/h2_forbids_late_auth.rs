//! The server asks late, and HTTP/2 has no place for that.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// HTTP/2 was agreed on, and the server asks only later.
    ///
    /// ## What happened
    ///
    /// In HTTP/2 neither renegotiation (TLS 1.2) nor authentication after the handshake (TLS 1.3) is allowed. A
    /// server that wants a certificate for some addresses only refuses the request: by status, or by resetting the
    /// stream with HTTP_1_1_REQUIRED (0xd), after which curl comes back with HTTP/1.1. Most other clients do not.
    ///
    /// ## Why it happens
    ///
    /// - Apache: `SSLVerifyClient` in a `Location` of a host that offers h2. IIS: late negotiation with HTTP/2 on.
    ///
    /// ## What to do
    ///
    /// - Ask in the handshake, or offer only HTTP/1.1 on that host: Apache `Protocols http/1.1`, IIS
    ///   `disablehttp2=enable` for the binding, Envoy and nginx: ask in the handshake anyway.
    /// - In the client: curl `--http1.1`, Go `GODEBUG=http2client=0`, .NET `Version = 1.1`, Node `https` in place of
    ///   `http2`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.extensions_alpn_str == "h2" || http2.rst_stream.error == 0xd
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Apache resets the stream, and curl comes back with HTTP/1.1. (`mtlscope serve --protect` offers no HTTP/2, for this
    /// reason.)
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
    /// Protocols h2 http/1.1
    /// <Location /secure/>
    ///   SSLVerifyClient require
    /// </Location>
    /// END
    /// apache2 -DFOREGROUND -d "$PWD" -f httpd.conf &
    /// curl https://localhost:8443/secure/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key --http2
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 9113 section 9.2.1; RFC 8740
    pub static H2_FORBIDS_LATE_AUTH: Error = "h2-forbids-late-auth", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    // A frame of HTTP/2 needs no other witness; a printout may not say what was agreed on.
    let is_h2 = matches!(refusal.sign, Sign::Http2(_))
        || connection.initial().alpn.seen().is_some_and(|alpn| alpn == "h2");
    if !is_h2 || !connection.was_not_asked() || refusal.sign.may_mean_something_else() {
        return;
    }
    let message = match refusal.sign {
        Sign::Http(status) => format!(
            "The two agreed on HTTP/2, the server did not ask in the handshake, and it answered HTTP {}{} for want of a certificate: in \
             HTTP/2 it cannot ask any more.",
            status.code,
            Place(refusal.evidence)
        ),
        Sign::Http2(ending) => format!(
            "The two speak HTTP/2, the server did not ask in the handshake, and it sent {ending}{}: it answers this request in \
             HTTP/1.1 only, where it can ask for a certificate late, which HTTP/2 forbids. A server that wants NTLM there, or other \
             ciphers, says the same.",
            Place(refusal.evidence)
        ),
        _ => return,
    };
    let fix =
        "Have the server ask in the handshake, or offer only HTTP/1.1 there (Apache: Protocols http/1.1)";
    report.find(&H2_FORBIDS_LATE_AUTH, Severity::Error, Confidence::Likely, [refusal.evidence], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_http2_is_refused_for_want_of_a_certificate() {
        let found = fires(
            &H2_FORBIDS_LATE_AUTH,
            "
            C> ClientHello(sni=a.test alpn=h2)
            S> ServerHello(alpn=h2), Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/2)
            S> Data(HTTP/2 403\\r\\n\\r\\nclient certificate required)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("HTTP/2"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_stream_is_reset_for_http1() {
        let found = fires(
            &H2_FORBIDS_LATE_AUTH,
            "
            C> ClientHello(sni=a.test alpn=h2)
            S> ServerHello(1.3), EncryptedExtensions(alpn=h2), Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET /secure HTTP/2)
            S> Reset(13)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("RST_STREAM HTTP_1_1_REQUIRED (13)"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_stream_is_reset_for_another_reason() {
        quiet(
            &H2_FORBIDS_LATE_AUTH,
            "
            C> ClientHello(sni=a.test alpn=h2)
            S> ServerHello(1.3), EncryptedExtensions(alpn=h2), Certificate(zoo/server), CertificateVerify, Finished
            C> Finished
            C> Data(GET /secure HTTP/2)
            S> Reset(2)
            ",
        );
    }

    #[test]
    fn quiet_when_it_is_http1() {
        quiet(
            &H2_FORBIDS_LATE_AUTH,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\nclient certificate required)
            ",
        );
    }
}
