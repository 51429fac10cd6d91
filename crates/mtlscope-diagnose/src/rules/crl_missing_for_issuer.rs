//! The server looks for a revocation list of an authority, and has none.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The server may lack the revocation list of one of the authorities.
    ///
    /// ## What happened
    ///
    /// Where a server looks up every certificate of the chain, it needs a list of every authority in it, the root's
    /// too. If one is missing, all its clients are refused: `unknown_ca` (48) from OpenSSL, rustls and Envoy, HTTP
    /// 400 from nginx. This is told only where lists are given with `--crl`: they are taken for the server's.
    ///
    /// ## Why it happens
    ///
    /// - A list was added for the intermediate, and none for the root.
    ///
    /// ## What to do
    ///
    /// - nginx: `ssl_crl` with the lists of the root and of every intermediate in one file.
    /// - Apache: `SSLCARevocationCheck leaf`; Envoy: `only_verify_leaf_cert_crl: true`; HAProxy: `crl-file` with all;
    ///   Python: VERIFY_CRL_CHECK_LEAF in place of VERIFY_CRL_CHECK_CHAIN.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 48
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// The server has the list of the root, and none of the intermediate; that one is given to the reading:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl crl -in pki/crl.pem -out one.pem
    /// mtlscope serve --pki pki --verify-client require --ca-revocation one.pem --record run.pcapng --count 1 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// mtlscope read run.pcapng --crl one.pem
    /// ```
    ///
    /// ## References
    ///
    /// - openssl verify error 3: unable to get certificate CRL
    pub static CRL_MISSING_FOR_ISSUER: Error = "crl-missing-for-issuer", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    if context.revocation_lists.is_empty() {
        return;
    }
    let lists = &context.revocation_lists;
    let missing = shown.chain.links.iter().map(|link| &link.certificate).find(|certificate| {
        !certificate.is_self_issued() && !lists.iter().any(|list| list.issuer.matches(&certificate.issuer))
    });
    let Some(missing) = missing else { return };
    let flaw = Flaw {
        clause: format!(
            "cannot be looked up whole: none of the {} revocation lists given is of {}",
            lists.len(),
            missing.issuer
        ),
        fix: format!(
            "Give the server the revocation list of {} as well, or have it look up the client's own certificate only",
            missing.issuer
        ),
        minded: Minded::Few,
        alerts: &[AlertDescription::UNKNOWN_CA],
    };
    shown.blame(&CRL_MISSING_FOR_ISSUER, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::{certificate, tell};
    use crate::credential::RevocationList;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::quiet;

    #[test]
    fn quiet_when_no_list_was_given() {
        quiet(
            &CRL_MISSING_FOR_ISSUER,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn fires_when_no_list_is_of_the_issuer() {
        let other = certificate("root");
        let list = RevocationList {
            issuer: other.subject.clone(),
            this_update: other.not_before,
            next_update: None,
            revoked: Vec::new(),
            signer: None,
        };
        let context = Context { revocation_lists: vec![list], ..Context::default() };
        let script = "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
        ";
        let mut report = Report::default();
        check(&tell(script), &context, &mut report);
        let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
    }
}
