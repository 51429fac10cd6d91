//! The client's certificate was issued by an authority that the server does not trust.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{ClientChain, Connection, Lead, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::{Names, Place, Subject};

rule! {
    /// The server does not know the authority that issued the client's certificate.
    ///
    /// ## What happened
    ///
    /// The client sent a certificate. Its chain leads to an authority that is not among those the server trusts, or that
    /// has the name of one and another key. The server refused: `unknown_ca` (48) from OpenSSL, Apache, HAProxy, Python,
    /// Envoy, rustls, NSS and newer Go; `certificate_unknown` (46) from Java; `bad_certificate` (42) from older Go; HTTP 400
    /// from nginx; a close without any alert from Node.
    ///
    /// ## Why it happens
    ///
    /// - The certificate comes from another authority: of the test environment, of another team, a public one.
    /// - The authority was replaced, and the server still holds the old one.
    /// - The authority was made again with the same name and a new key, as test authorities often are.
    /// - The certificate signed itself.
    /// - The server holds only an intermediate where its library wants the root.
    ///
    /// If the client sent only its own certificate and an intermediate issued it, see
    /// `chain-incomplete-intermediate-missing`: a server cannot tell the two apart, and its log says the same.
    ///
    /// ## What to do
    ///
    /// In the server, trust the authority (its root), and reload:
    ///
    /// - nginx: append it to the file of `ssl_client_certificate` or `ssl_trusted_certificate`
    /// - Apache: `SSLCACertificateFile`, or `SSLCACertificatePath` and `openssl rehash`
    /// - HAProxy: `ca-file` of the `bind` line
    /// - IIS: the Trusted Root Certification Authorities store of the computer
    /// - Envoy: `trusted_ca` in the `validation_context`
    /// - Java: `keytool -importcert -alias ca -file ca.pem -keystore trust.p12` (the trust store, not the key store)
    /// - Go: `ClientCAs` (not `RootCAs`)
    /// - Node: `ca`
    /// - .NET: `X509Chain.ChainPolicy.CustomTrustStore`
    /// - Python: `context.load_verify_locations("ca.pem")`
    ///
    /// Or in the client, use the certificate of an authority that the server names: curl `--cert`, Java the key store, and
    /// so on.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 || tls.alert_message.desc == 48
    /// ```
    ///
    /// Compare the issuer of the last certificate the client sent with the names under Certificate Request.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Other CA" -keyout other.key -out other.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// openssl x509 -req -in client.csr -CA other.pem -CAkey other.key -CAcreateserial -days 30 -out client.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 -verify_return_error -www &
    /// curl -k --tls-max 1.2 --cert client.pem --key client.key https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.2.2 and RFC 8446 section 6.2: `unknown_ca`
    /// - RFC 5280 section 6.1: a path ends in a trust anchor
    pub static UNKNOWN_CA: Error = "unknown-ca", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(chain) = ClientChain::of(handshake) else { return };
    let Some(Reception::Refused(refusal)) = connection.reception(handshake) else { return };
    let Some(confidence) = chain.distrust(&refusal, context) else { return };
    let Some(lead) = chain.lead(context) else { return };
    let says_so = refusal.sign.is_alert(&[AlertDescription::UNKNOWN_CA]);

    let (confidence, why, authority) = match &lead {
        Lead::OtherKey(name) => (
            confidence,
            format!("is issued by {name}, but by another key than that of the authority the server knows by this name"),
            name.clone(),
        ),
        Lead::Known(name) if says_so => (
            Confidence::Possible,
            format!(
                "leads to {name}, which the server named and yet does not trust: it may hold another key under \
                 that name, or lack what stands above it"
            ),
            name.clone(),
        ),
        Lead::Known(_) => return,
        Lead::Itself(last) if **last == *chain.leaf => {
            (confidence, "signed itself".to_owned(), last.subject.clone())
        }
        Lead::Itself(root) => (confidence, format!("leads to {}", Subject(&root.subject)), root.subject.clone()),
        Lead::Elsewhere(issuer) if chain.looks_intermediate(issuer, context) => {
            (Confidence::Possible, format!("is issued by {issuer}"), issuer.clone())
        }
        Lead::Elsewhere(issuer) => (confidence, format!("is issued by {issuer}"), issuer.clone()),
    };
    let named = match (&lead, chain.authorities()) {
        (Lead::Known(_) | Lead::OtherKey(_), _) => String::new(),
        (_, []) => "; the server did not say whom it trusts".to_owned(),
        (_, authorities) => format!(", which the server did not name (it named {})", Names(authorities)),
    };
    let mut evidence = chain.evidence();
    evidence.push(refusal.evidence);
    let message = format!(
        "The certificate {} that the client sent{} {why}{named}. The server {refusal}.",
        Subject(&chain.leaf.subject),
        Place(chain.shown()),
    );
    let fix = format!(
        "Have the server trust {} (nginx: ssl_client_certificate), or use a client certificate of an authority it trusts",
        Subject(&authority)
    );
    report.find(&UNKNOWN_CA, Severity::Error, confidence, evidence, message, fix);
}
