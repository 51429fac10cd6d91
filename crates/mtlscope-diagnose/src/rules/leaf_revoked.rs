//! The client's certificate is on a revocation list, or the server says so.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::Certificate;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::credential::RevocationList;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Subject;

rule! {
    /// The client's certificate was revoked.
    ///
    /// ## What happened
    ///
    /// Its authority took the certificate back. With the authority's list at hand (`--crl`), its serial number was
    /// looked up. Without it, the server said so, by `certificate_revoked` (44): OpenSSL, Apache, HAProxy, Envoy,
    /// rustls and NSS do. Java says `certificate_unknown` (46), nginx HTTP 400, IIS 403.13. A refusal that does not
    /// say why, of a certificate in which nothing is wrong, may mean it too; that is told as possible, and `--crl`
    /// settles it. Go does not look at lists.
    ///
    /// ## Why it happens
    ///
    /// - The key was lost, or whoever held it left.
    /// - The certificate was replaced, and its authority revokes what is replaced, while the client still holds the
    ///   old one.
    ///
    /// ## What to do
    ///
    /// - Have a new certificate issued, for a new key if the old one was lost.
    /// - Look it up: `openssl crl -in ca.crl -noout -text`, `mtlscope pki show client.pem ca.crl --cacert ca.pem`.
    /// - In the server, the list is: nginx `ssl_crl`, Apache `SSLCARevocationFile`, HAProxy `crl-file`, Envoy `crl`,
    ///   Java `com.sun.net.ssl.checkRevocation`, Node `crl`, Python `load_verify_locations` with
    ///   VERIFY_CRL_CHECK_LEAF.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 44
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --ca-revocation pki/crl.pem &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/leaf-revoked.pem --key pki/zoo/leaf-revoked.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 5; RFC 8446 section 6.2
    pub static LEAF_REVOKED: Error = "leaf-revoked", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    if context.revocation_lists.is_empty() && connection.refusal().is_none() {
        return;
    }
    let Some(shown) = Shown::of(connection, context) else { return };
    let listed = concerned(&shown, context).find(|(certificate, list)| list.lists(&certificate.serial));
    if let Some((certificate, list)) = listed {
        let flaw = Flaw {
            clause: if *certificate == *shown.certificates.leaf {
                format!("was revoked by {} (serial number {})", list.issuer, certificate.serial)
            } else {
                format!("stands below {}, which {} revoked", Subject(&certificate.subject), list.issuer)
            },
            fix: "Have the authority issue a new certificate, for a new key if the old one was lost"
                .to_owned(),
            minded: Minded::All,
            alerts: &[AlertDescription::CERTIFICATE_REVOKED, AlertDescription::CERTIFICATE_UNKNOWN],
        };
        shown.blame(&LEAF_REVOKED, &flaw, report);
        return;
    }
    let Reception::Refused(refusal) = shown.reception else { return };
    let says_so = refusal.sign.is_alert(&[AlertDescription::CERTIFICATE_REVOKED]);
    // A list that is at hand and does not hold it settles it.
    let is_settled = concerned(&shown, context).next().is_some();
    let is_mute =
        refusal.sign.alert().is_none() || refusal.sign.is_alert(&[AlertDescription::CERTIFICATE_UNKNOWN]);
    let is_trusted = matches!(shown.certificates.lead(context), Some(Lead::Known(_)));
    let is_flawless = is_trusted && !shown.has_a_flaw(context) && !refusal.sign.may_mean_something_else();
    let (confidence, why) = if says_so {
        (Confidence::Likely, "so its authority's list, or the answer of its OCSP responder, names it")
    } else if is_mute && is_flawless && !is_settled {
        (Confidence::Possible, "nothing is wrong with it that can be seen, so it may be on a revocation list")
    } else {
        return;
    };
    // Nothing shows it but that nothing else does.
    let severity = if says_so { Severity::Error } else { Severity::Warning };
    let message = format!("{}: the server {refusal}; {why}.", shown.whose());
    let fix = "Look the certificate up in its authority's list (give it with --crl), and have a new one issued if it is there";
    report.find(&LEAF_REVOKED, severity, confidence, shown.evidence(), message, fix);
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
    use crate::connection::script::{certificate, tell};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_says_so() {
        let found = fires(
            &LEAF_REVOKED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/leaf-revoked), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_revoked), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("names it"), "{}", found.message);
    }

    #[test]
    fn fires_when_nginx_answers_400_and_nothing_is_wrong() {
        let found = fires(
            &LEAF_REVOKED,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 400 Bad Request\\r\\n\\r\\n400 The SSL certificate error)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("may be on a revocation list"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_says_something_else() {
        quiet(
            &LEAF_REVOKED,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_it_was_taken() {
        quiet(
            &LEAF_REVOKED,
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

    #[test]
    fn fires_when_the_list_is_at_hand() {
        let leaf = certificate("zoo/leaf-revoked");
        let list = RevocationList {
            issuer: leaf.issuer.clone(),
            this_update: leaf.not_before,
            next_update: None,
            revoked: vec![leaf.serial.content().to_vec()],
            signer: None,
        };
        let context = Context { revocation_lists: vec![list], ..Context::default() };
        let script = "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/leaf-revoked), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> FIN
        ";
        let mut report = Report::default();
        check(&tell(script), &context, &mut report);
        let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("was revoked by"), "{}", found.message);
    }
}
