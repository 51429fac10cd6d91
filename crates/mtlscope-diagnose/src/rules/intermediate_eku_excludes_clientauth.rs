//! An authority above the client's certificate may not vouch for clients.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::oid::{ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH};

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// An authority above the client's certificate is not for clients.
    ///
    /// ## What happened
    ///
    /// An authority above the client's certificate carries an extended key usage of its own, and `clientAuth` is not
    /// in it. Most libraries read that as a limit on what it may issue. `unsupported_certificate` (43) from the
    /// OpenSSL family and rustls, `bad_certificate` (42) from Go, HTTP 400 from nginx, a close from Node. Java,
    /// GnuTLS and NSS accept it.
    ///
    /// ## Why it happens
    ///
    /// - The authority is one for servers only. Public authorities are turning into these: see
    ///   `public-ca-dropped-clientauth-eku`.
    ///
    /// ## What to do
    ///
    /// Issue client certificates from an authority without extended key usage, or one with `clientAuth` in it. No
    /// server can be told to look away for one authority.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.keyPurposeIDs
    /// ```
    ///
    /// Of the client's Certificate, the second and the following certificates.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// printf 'basicConstraints=critical,CA:TRUE\nextendedKeyUsage=serverAuth\n' > inter.ext
    /// mtlscope pki init pki
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=Servers only" -keyout inter.key -out inter.csr
    /// openssl x509 -req -in inter.csr -CA pki/ca.pem -CAkey pki/ca.key -CAcreateserial -extfile inter.ext -out inter.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout c.key -out c.csr
    /// openssl x509 -req -in c.csr -CA inter.pem -CAkey inter.key -CAcreateserial -out c.pem
    /// cat inter.pem >> c.pem
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.12; Mozilla and Chrome root programs: technically constrained authorities
    pub static INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH: Error = "intermediate-eku-excludes-clientauth", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let limited =
        shown.chain.links.iter().skip(1).filter(|link| !link.certificate.is_self_issued()).find_map(|link| {
            let purposes = link.certificate.extensions.extended_key_usage.as_ref()?;
            let allows = |wanted: &[u8]| purposes.iter().any(|purpose| *purpose == *wanted);
            (!allows(CLIENT_AUTH) && !allows(ANY_EXTENDED_KEY_USAGE))
                .then_some((&link.certificate.subject, purposes))
        });
    let Some((authority, purposes)) = limited else { return };
    let list: Vec<String> = purposes.iter().map(ToString::to_string).collect();
    let flaw = Flaw {
        clause: format!("stands below {}, which may issue only for: {}", Subject(authority), list.join(", ")),
        fix: "Have the client's certificate issued by an authority whose extendedKeyUsage is absent or holds clientAuth".to_owned(),
        minded: Minded::Most,
        alerts: &[AlertDescription::UNSUPPORTED_CERTIFICATE, AlertDescription::BAD_CERTIFICATE],
    };
    shown.blame(&INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/intermediate-eku-excludes-clientauth), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("may issue only for"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/intermediate-eku-excludes-clientauth), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("may issue only for"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/intermediate-eku-excludes-clientauth), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_good() {
        quiet(
            &INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH,
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
