//! The signature under a certificate of the client is not that of the authority of that name.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::SignatureCheck;
use crate::rule::{Report, rule};
use crate::wording::{Place, Subject};

rule! {
    /// The signature under the client's certificate is not that of its issuer.
    ///
    /// ## What happened
    ///
    /// The issuer named in the certificate is one that the server knows, but another key signed it. Where the
    /// issuer's certificate is at hand (sent, or given with `--ca-certificate`) the signature was checked and does
    /// not hold. Else the authority key identifier names another key than that with which the authority of this name
    /// signed the server's certificate.
    ///
    /// `decrypt_error` (51) from the OpenSSL family and rustls, `unknown_ca` (48) from OpenSSL and NSS where the key
    /// identifier gives it away, `certificate_unknown` (46) from Java, `bad_certificate` (42) from Go and NSS,
    /// `access_denied` (49) from gnutls-serv, HTTP 400 from nginx, a close from Node. A false proof of possession
    /// gives 51 as well: see `wrong-private-key`.
    ///
    /// ## Why it happens
    ///
    /// - The authority was made anew under the old name: minikube, cert-manager, a test setup run twice.
    /// - Two environments have authorities of one name.
    /// - The certificate was changed after it was signed.
    ///
    /// ## What to do
    ///
    /// - Compare the keys: `openssl x509 -noout -pubkey` of the server's authority file and of the one that issued
    ///   the client's.
    /// - In the server, replace the old authority's certificate, or keep both while clients move: nginx
    ///   `ssl_client_certificate`, Apache `SSLCACertificateFile`, HAProxy `ca-file`, Envoy `trusted_ca`, Java trust
    ///   store, Go `ClientCAs`, Node `ca`, Python `load_verify_locations`; then reload.
    /// - In the client, have the certificate issued anew by the authority in use.
    /// - In the authority, give it another name with another key, and always write both key identifiers.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11
    /// ```
    ///
    /// Compare `authorityKeyIdentifier` of the client's certificate with that of the server's.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/leaf-signature-invalid.pem --key pki/zoo/leaf-signature-invalid.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 sections 4.2.1.1 (authority key identifier) and 6.1.3
    /// - openssl verify error 7: certificate signature failure
    pub static LEAF_SIGNATURE_INVALID: Error = "leaf-signature-invalid", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let clause = match (shown.chain.first_bad_signature(), shown.certificates.lead(context)) {
        (Some(link), _) => {
            let issuer = &link.certificate.issuer;
            match link.place_in_sent() {
                Some(0) => format!("was not signed by the key of {issuer}, which it names as its issuer"),
                _ => format!(
                    "stands below {}, which was not signed by the key of {issuer}",
                    Subject(&link.certificate.subject)
                ),
            }
        }
        (None, Some(Lead::OtherKey(name))) => {
            format!(
                "is issued by {name}, but by another key than that of the authority the server knows by this name"
            )
        }
        _ => return check_by_alert(connection, report),
    };
    let flaw = Flaw {
        clause,
        fix: "Have the server and the client use the same authority: compare its keys (openssl x509 -noout -pubkey), then replace \
              the old one in the server's file or have the client's certificate issued anew"
            .to_owned(),
        minded: if shown.chain.first_bad_signature().is_some() { Minded::All } else { Minded::Most },
        alerts: ALERTS,
    };
    shown.blame(&LEAF_SIGNATURE_INVALID, &flaw, report);
}

/// The issuer's key is not there to check with. But the client has proved that it holds the key of its certificate, so a server
/// that says that a signature is wrong can only mean the one under the certificate.
fn check_by_alert(connection: &Connection, report: &mut Report) {
    let handshake = connection.asking();
    let Some(Reception::Refused(refusal)) = connection.reception(handshake) else { return };
    let (Some(answer), Some(proof)) = (handshake.answer.seen(), handshake.proof.seen()) else { return };
    let Some(leaf) = answer.certificates.first() else { return };
    if !refusal.sign.is_alert(&[AlertDescription::DECRYPT_ERROR])
        || proof.checked != Some(SignatureCheck::Good)
    {
        return;
    }
    report.find(
        &LEAF_SIGNATURE_INVALID,
        Severity::Error,
        Confidence::Likely,
        [answer.evidence, proof.evidence, refusal.evidence],
        format!(
            "The client proved{} that it holds the key of its certificate {}, and the server {refusal}, which says that a signature \
             is wrong: it can only be that of {} under the certificate.",
            Place(proof.evidence),
            Subject(&leaf.subject),
            leaf.issuer
        ),
        "Have the server and the client use the same authority: compare its keys (openssl x509 -noout -pubkey), then replace \
         the old one in the server's file or have the client's certificate issued anew",
    );
}

const ALERTS: &[AlertDescription] = &[
    AlertDescription::DECRYPT_ERROR,
    AlertDescription::UNKNOWN_CA,
    AlertDescription::CERTIFICATE_UNKNOWN,
    AlertDescription::BAD_CERTIFICATE,
    AlertDescription::ACCESS_DENIED,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_key_identifier_gives_it_away() {
        let found = fires(
            &LEAF_SIGNATURE_INVALID,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(impostor), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("another key"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_issuer_was_sent() {
        let found = fires(
            &LEAF_SIGNATURE_INVALID,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(impostor root), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, decrypt_error), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("was not signed by the key of CN=Lab Root CA"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_answer_was_not_captured() {
        let found = fires(
            &LEAF_SIGNATURE_INVALID,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(impostor root), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            C> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Likely));
        assert!(found.message.contains("was not signed"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_issuer_is_another() {
        quiet(
            &LEAF_SIGNATURE_INVALID,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_all_is_well() {
        quiet(
            &LEAF_SIGNATURE_INVALID,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good root), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
