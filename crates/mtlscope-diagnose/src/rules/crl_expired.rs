//! The server's revocation list has run out, and it refuses every client of that authority.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::{Certificate, Time};

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::credential::RevocationList;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The server's revocation list has run out.
    ///
    /// ## What happened
    ///
    /// A revocation list holds until its `nextUpdate`. After that OpenSSL refuses every certificate of its issuer,
    /// with the alert `certificate_expired` (45), as if the certificate had expired; nginx says HTTP 400, rustls
    /// `unknown_ca` (48) if it is told to look. With the list at hand (`--crl`) its date was checked; without it, an
    /// alert 45 about a chain in which all is in date makes it possible. A wrong clock of the server does the same:
    /// see `leaf-not-yet-valid-clock-skew`.
    ///
    /// ## Why it happens
    ///
    /// - The job that fetches the list no longer runs, or the server was not reloaded afterwards.
    ///
    /// ## What to do
    ///
    /// - Fetch the current list, put it in place and reload: nginx `ssl_crl`, Apache `SSLCARevocationFile`, HAProxy
    ///   `crl-file` (or `set ssl crl-file`), Envoy `crl`, Node `crl`, Python `load_verify_locations`.
    /// - Watch `nextUpdate`: `openssl crl -in ca.crl -noout -nextupdate`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 45
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --ca-revocation pki/expired-crl.pem &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/crl-expired.pem --key pki/zoo/crl-expired.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 5.1.2.5; openssl verify error 12
    pub static CRL_EXPIRED: Error = "crl-expired", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    if context.revocation_lists.is_empty() && connection.refusal().is_none() {
        return;
    }
    let Some(shown) = Shown::of(connection, context) else { return };
    let Some(at) = shown.certificates.shown_at() else { return };
    let now = Time::from_seconds(at.seconds());
    let over = concerned(&shown, context)
        .find_map(|(_, list)| Some((list, list.next_update.filter(|until| *until < now)?)));
    if let Some((list, until)) = over {
        let flaw = Flaw {
            clause: format!(
                "can be looked up only in the revocation list of {}, which ran out on {until}",
                list.issuer
            ),
            fix: format!("Give the server the current revocation list of {}", list.issuer),
            minded: Minded::Most,
            alerts: &[
                AlertDescription::CERTIFICATE_EXPIRED,
                AlertDescription::UNKNOWN_CA,
                AlertDescription::CERTIFICATE_UNKNOWN,
            ],
        };
        shown.blame(&CRL_EXPIRED, &flaw, report);
        return;
    }
    let Reception::Refused(refusal) = shown.reception else { return };
    let says_so = refusal.sign.is_alert(&[AlertDescription::CERTIFICATE_EXPIRED]);
    if !says_so || !shown.certificates.is_in_date() {
        return;
    }
    let message = format!(
        "{} is in date, and so is all above it that was sent; the server {refusal}. Its revocation list may have run out, which \
         OpenSSL reports by the same alert.",
        shown.whose()
    );
    let fix = "Look at the nextUpdate of the server's revocation list (openssl crl -noout -nextupdate), and at the server's clock";
    report.find(&CRL_EXPIRED, Severity::Error, Confidence::Possible, shown.evidence(), message, fix);
}

fn concerned<'a>(
    shown: &'a Shown<'_>,
    context: &'a Context,
) -> impl Iterator<Item = (&'a Certificate, &'a RevocationList)> {
    shown.chain.links.iter().flat_map(move |link| {
        let lists = context.revocation_lists.iter();
        lists
            .filter(|list| list.issuer.matches(&link.certificate.issuer))
            .map(move |list| (&*link.certificate, list))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_expired_and_all_is_in_date() {
        let found = fires(
            &CRL_EXPIRED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Possible));
        assert!(found.message.contains("is in date"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_certificate_expired() {
        quiet(
            &CRL_EXPIRED,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(expired), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_expired), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_it_was_taken() {
        quiet(
            &CRL_EXPIRED,
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
