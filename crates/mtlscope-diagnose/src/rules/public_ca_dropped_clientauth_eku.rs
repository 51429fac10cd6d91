//! The client's certificate is of a public authority, and those stop vouching for clients.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::Certificate;
use mtlscope_dissect::x509::oid::{ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH, SERVER_AUTH};

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The client's certificate is of a public authority, and no longer for clients.
    ///
    /// ## What happened
    ///
    /// The client's certificate was issued by an authority that browsers trust. Root programs now demand that such
    /// authorities vouch for servers only, so a renewed certificate lacks `clientAuth`, and servers refuse it as in
    /// `eku-missing-clientauth`: 43 from the OpenSSL family, 46 from Java, 42 from Go, HTTP 400 from nginx. Where the
    /// certificate still has `clientAuth` this is a note: the next renewal will not.
    ///
    /// ## Why it happens
    ///
    /// - Chrome's root program asks that authorities be for server authentication only; public authorities have
    ///   dropped `clientAuth` since late 2025 (the last dates that sources give: 15 June 2026 or 15 March 2027).
    /// - A server's public certificate is used for the client too, as mail servers and federated services do.
    ///
    /// ## What to do
    ///
    /// - Use a private authority for clients, and have the server trust that: nginx `ssl_client_certificate`, Apache
    ///   `SSLCACertificateFile`, HAProxy `ca-file`, Envoy `trusted_ca`, Java trust store, Go `ClientCAs`, Node `ca`,
    ///   Python `load_verify_locations`, IIS: the client authentication issuers store.
    /// - Until then keep the certificate that still has `clientAuth`, and ask the authority for a hierarchy of its
    ///   own for clients.
    /// - A server that sees other servers as clients may have to check names in place of the purpose.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.keyPurposeIDs
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// An authority that only bears the name of a public one:
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -subj "/O=Let's Encrypt/CN=No such authority" -keyout ca.key -out ca.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client.example" -keyout c.key -out c.csr
    /// echo "extendedKeyUsage=serverAuth" > eku.ext
    /// openssl x509 -req -in c.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile eku.ext -out c.pem
    /// mtlscope pki init pki
    /// mtlscope serve --cert pki/server.pem --key pki/server.key --verify-client require --ca-certificate ca.pem &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - Chrome Root Program Policy 1.6 to 1.8
    /// - RFC 5280 section 4.2.1.12
    pub static PUBLIC_CA_DROPPED_CLIENTAUTH_EKU: Error = "public-ca-dropped-clientauth-eku", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let leaf = shown.certificates.leaf;
    let is_public = |leaf: &Certificate| authority_of(leaf).is_some();
    if !context.answers.once(&PUBLIC_CA_DROPPED_CLIENTAUTH_EKU, leaf, is_public) {
        return;
    }
    let Some(authority) = authority_of(leaf) else { return };
    let Some(purposes) = &leaf.extensions.extended_key_usage else { return };
    let has = |wanted: &[u8]| purposes.iter().any(|purpose| *purpose == *wanted);
    if has(CLIENT_AUTH) && has(SERVER_AUTH) {
        let message = format!(
            "{} comes from the public authority {authority}; it is still for clients, and its renewal will not be.",
            shown.whose()
        );
        let fix = "Plan for a private authority for clients before this certificate runs out";
        let (severity, confidence) = (Severity::Note, Confidence::Likely);
        report.find(
            &PUBLIC_CA_DROPPED_CLIENTAUTH_EKU,
            severity,
            confidence,
            shown.certificates.evidence(),
            message,
            fix,
        );
    } else if has(SERVER_AUTH) && !has(ANY_EXTENDED_KEY_USAGE) {
        let flaw = Flaw {
            clause: format!("comes from the public authority {authority}, since {}, and is for servers only", leaf.not_before),
            fix: "Use a certificate of a private authority for the client: public ones no longer vouch for clients".to_owned(),
            minded: Minded::Most,
            alerts: &[AlertDescription::UNSUPPORTED_CERTIFICATE, AlertDescription::BAD_CERTIFICATE, AlertDescription::CERTIFICATE_UNKNOWN],
        };
        shown.blame(&PUBLIC_CA_DROPPED_CLIENTAUTH_EKU, &flaw, report);
    }
}

/// What stands as organisation in the issuers of public authorities.
const PUBLIC: &[&str] = &[
    "Let's Encrypt",
    "Internet Security Research Group",
    "DigiCert Inc",
    "DigiCert, Inc.",
    "Sectigo Limited",
    "GlobalSign nv-sa",
    "Google Trust Services",
    "Google Trust Services LLC",
    "GoDaddy.com, Inc.",
    "Entrust, Inc.",
    "Amazon",
    "IdenTrust",
    "SSL Corporation",
    "ZeroSSL",
    "Asseco Data Systems S.A.",
    "Actalis S.p.A.",
    "Buypass AS-983163327",
    "HARICA",
    "Microsoft Corporation",
    "Starfield Technologies, Inc.",
];

/// The public authority that issued it.
fn authority_of(leaf: &Certificate) -> Option<&'static str> {
    let is_named = |name: &&&str| {
        leaf.issuer
            .attributes()
            .any(|attribute| attribute.short_name() == Some("O") && attribute.value() == **name)
    };
    PUBLIC.iter().find(is_named).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_refuses_a_public_certificate() {
        let found = fires(
            &PUBLIC_CA_DROPPED_CLIENTAUTH_EKU,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/public), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("comes from the public authority"), "{}", found.message);
    }

    #[test]
    fn fires_when_a_public_certificate_is_still_for_clients() {
        let found = fires(
            &PUBLIC_CA_DROPPED_CLIENTAUTH_EKU,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@built/root), ServerHelloDone
            C> Certificate(built/public-both), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Likely));
        assert!(found.message.contains("its renewal will not be"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_authority_is_private() {
        quiet(
            &PUBLIC_CA_DROPPED_CLIENTAUTH_EKU,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/eku-any-not-enough), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
    }
}
