//! The client shows the certificate of an authority as its own.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::pki::{Unfit, purpose};
use crate::rule::{Report, rule};

rule! {
    /// The client shows an authority's certificate as its own.
    ///
    /// ## What happened
    ///
    /// The client's own certificate is marked as that of an authority (CA:TRUE). rustls refuses that with
    /// `certificate_unknown` (46) (`CaUsedAsEndEntity`), and Google's load balancer does; every other server measured
    /// accepts it where it is trusted.
    ///
    /// ## Why it happens
    ///
    /// - `openssl req -x509` marks what it makes as an authority.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `gcp-lb-mtls`.
    ///
    /// ## What to do
    ///
    /// Have the client's certificate issued with `basicConstraints = critical, CA:FALSE`. With `openssl req -x509`
    /// add `-addext basicConstraints=critical,CA:FALSE`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.cA == 1
    /// ```
    ///
    /// Of the client's Certificate, the first certificate.
    ///
    /// ## How to reproduce
    ///
    /// `mtlscope serve` is built on OpenSSL, and accepts it; the note is shown all the same:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/ca-used-as-end-entity.pem --key pki/zoo/ca-used-as-end-entity.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.9; rustls-webpki: `CaUsedAsEndEntity`
    pub static CA_USED_AS_END_ENTITY: Error = "ca-used-as-end-entity", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let unfit = purpose::check(shown.certificates.leaf, Side::Client);
    let Some(unfit) = unfit.iter().find(|unfit| matches!(unfit, Unfit::IsAuthority)) else { return };
    // One that nobody trusts is refused for that.
    if matches!(shown.certificates.lead(context), Some(Lead::Itself(_)))
        && matches!(shown.reception, Reception::Refused(_))
    {
        return;
    }
    let flaw = Flaw {
        clause: unfit.to_string(),
        fix: "Issue a certificate for the client with basicConstraints = critical, CA:FALSE".to_owned(),
        minded: Minded::Few,
        alerts: &[AlertDescription::CERTIFICATE_UNKNOWN],
    };
    shown.blame(&CA_USED_AS_END_ENTITY, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_rustls_says_certificate_unknown() {
        let found = fires(
            &CA_USED_AS_END_ENTITY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/ca-used-as-end-entity), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("certificate authority"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on() {
        let found = fires(
            &CA_USED_AS_END_ENTITY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/ca-used-as-end-entity), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_is_good() {
        quiet(
            &CA_USED_AS_END_ENTITY,
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
