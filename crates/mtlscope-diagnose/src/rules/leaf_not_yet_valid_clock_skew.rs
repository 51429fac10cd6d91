//! The client's certificate is not valid yet, or the server's clock says so.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{ClientChain, Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::validity::{self, Validity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Span, Subject};

rule! {
    /// The client's certificate is not valid yet, or a clock is wrong.
    ///
    /// ## What happened
    ///
    /// The client sent a certificate whose `notBefore` lies after the moment of the capture. Most servers refuse it:
    /// `bad_certificate` (42) from OpenSSL, Apache, HAProxy, Python and older Go; `certificate_expired` (45) from Envoy,
    /// rustls and NSS, which have one alert for both ends of the validity; `certificate_unknown` (46) from Java; HTTP 400
    /// from nginx; a close without any alert from Node.
    ///
    /// The report also calls it possible where the server says `certificate_expired` of certificates that are all in date by
    /// the capture's clock. Then the server's clock may be wrong, or its revocation list may have expired.
    ///
    /// ## Why it happens
    ///
    /// - The certificate was issued a moment ago, by a machine whose clock is ahead.
    /// - The server's clock is behind: a virtual machine that slept, a device without a battery for its clock, no NTP.
    /// - The certificate was meant for later.
    /// - The clock of the machine that captured is wrong: the report judges by the capture's time.
    ///
    /// ## What to do
    ///
    /// Set the clocks, on the server first: `chronyc tracking`, `timedatectl`, on Windows `w32tm /resync`. That holds for
    /// every server (nginx, Apache, IIS, Envoy, HAProxy, Java, Go, Node, .NET, Python): none has a setting for it, and all
    /// read the system's clock. HAProxy could look away for a time (`crt-ignore-err 9`).
    ///
    /// Where certificates are issued, let `notBefore` lie some minutes in the past: `openssl x509 -not_before` (3.4 and
    /// later), Vault `not_before_duration`, step-ca `--backdate`.
    ///
    /// In the client (curl `--cert`, a Java key store, and so on) nothing helps but a certificate that is valid now.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.notBefore
    /// ```
    ///
    /// Of those, the Certificate that the client sent; open Certificate, validity, notBefore.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// printf "%s\n" "[ca]" "default_ca=d" "[d]" "database=db" "serial=serial" "new_certs_dir=." "policy=p" \
    ///   "default_md=sha256" "[p]" "commonName=supplied" > ca.cnf
    /// : > db; echo 01 > serial
    /// openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -startdate 20400101000000Z \
    ///   -enddate 20410101000000Z -in client.csr -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --tls-max 1.2 --cert client.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.1.2.5: validity
    /// - RFC 5246 section 7.2.2 and RFC 8446 section 6.2: `certificate_expired`, "has expired or is not currently valid"
    pub static LEAF_NOT_YET_VALID_CLOCK_SKEW: Error = "leaf-not-yet-valid-clock-skew", check, needs SHOWN;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(chain) = ClientChain::of(handshake) else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let Some(shown) = chain.shown_at() else { return };
    let leaf = Subject(&chain.leaf.subject);
    let mut evidence = chain.evidence();
    evidence.extend(reception.evidence());
    if let Validity::NotYetValid { by } = validity::check(chain.leaf, shown) {
        let confidence = match reception.sign() {
            Some(sign) if sign.is_alert(FOR_OTHER_CAUSES) => Confidence::Likely,
            None if matches!(reception, Reception::Untold) => Confidence::Likely,
            _ => Confidence::Certain,
        };
        let message = format!(
            "The certificate {leaf} that the client sent{} is valid only from {}, {} later by the capture's clock. \
             {reception}.",
            Place(chain.shown()),
            chain.leaf.not_before,
            Span(by),
        );
        let severity = reception.severity(Severity::Warning);
        let fix = "Set the clocks of the server and of the machine that issues certificates (NTP), or use a certificate \
                   that is valid now";
        report.find(&LEAF_NOT_YET_VALID_CLOCK_SKEW, severity, confidence, evidence, message, fix);
    } else if reception.sign().is_some_and(|sign| sign.is_alert(&[AlertDescription::CERTIFICATE_EXPIRED]))
        && chain.is_in_date()
    {
        let message = format!(
            "{reception}, but the certificate {leaf} that the client sent{} is valid from {} to {} by the capture's \
             clock: the server's clock may be wrong, or its revocation list may have expired.",
            Place(chain.shown()),
            chain.leaf.not_before,
            chain.leaf.not_after,
        );
        let fix =
            "Compare the server's clock with the capture's, and renew its revocation list if it has one";
        let confidence = Confidence::Possible;
        report.find(&LEAF_NOT_YET_VALID_CLOCK_SKEW, Severity::Error, confidence, evidence, message, fix);
    }
}

/// Alerts by which a server does not say that it minds the dates. Other numbers are used for them by one stack or another.
const FOR_OTHER_CAUSES: &[AlertDescription] = &[
    AlertDescription::UNSUPPORTED_CERTIFICATE,
    AlertDescription::CERTIFICATE_REVOKED,
    AlertDescription::DECRYPT_ERROR,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_bad_certificate() {
        let found = fires(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(notyet), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("valid only from 2040-01-01T00:00:00Z"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_says_certificate_expired() {
        let found = fires(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(notyet), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("valid only from 2040-01-01T00:00:00Z"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_says_certificate_unknown() {
        let found = fires(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(notyet), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("valid only from 2040-01-01T00:00:00Z"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_went_on_as_a_warning() {
        let found = fires(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(notyet), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn fires_when_a_certificate_in_date_is_called_expired() {
        let found = fires(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("clock may be wrong"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_has_expired() {
        quiet(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_all_is_well() {
        quiet(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    #[test]
    fn quiet_when_the_clock_of_the_capture_is_wrong() {
        quiet(
            &LEAF_NOT_YET_VALID_CLOCK_SKEW,
            "
            at 0
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
    }
}
