//! The server names an authority that is nearly, and not quite, the one that issued the client's certificate.

use mtlscope_dissect::x509::Name;

use crate::blame::Shown;
use crate::connection::{Connection, Lead, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::names::{find_named, nearest_below};
use crate::rule::{Report, rule};

rule! {
    /// The client's authority looks like a newer or older one of the server's.
    ///
    /// ## What happened
    ///
    /// No authority that the server named issued the client's certificate, but one has nearly the same name: another
    /// year, another number. So the authority was probably changed on one end only. The alerts are those of
    /// `unknown-ca`.
    ///
    /// ## Why it happens
    ///
    /// - The authority was renewed under a new name, clients have certificates of the new one, and the server still
    ///   trusts only the old one; or the other way round.
    /// - Test and production have authorities of similar names.
    ///
    /// ## What to do
    ///
    /// - Change in this order: first have every server trust both, then issue new certificates to clients, then drop
    ///   the old authority.
    /// - nginx, HAProxy, Apache: both in one file of `ssl_client_certificate`, `ca-file`, `SSLCACertificateFile`,
    ///   then reload. Java: both in the trust store, then restart. Envoy: `trusted_ca` with both, by SDS. Go: both in
    ///   `ClientCAs`, which is read when the process starts. Node, Python: both in `ca`, `load_verify_locations`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 || tls.handshake.type == 11
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -subj "/O=Example/CN=Example Client CA 2025" -keyout old.key -out old.pem
    /// openssl req -x509 -newkey rsa:2048 -nodes -subj "/O=Example/CN=Example Client CA 2026" -keyout new.key -out new.pem
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout client.key -out client.csr
    /// openssl x509 -req -in client.csr -CA new.pem -CAkey new.key -CAcreateserial -out client.pem
    /// mtlscope pki init pki
    /// mtlscope serve --cert pki/server.pem --key pki/server.key --verify-client require --ca-certificate old.pem &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert client.pem --key client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.2.4: certificate_authorities
    pub static CA_ROTATED_SERVER_NOT_UPDATED: Warning = "ca-rotated-server-not-updated", check, needs SHOWN | NOT_TAKEN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Some(Lead::Elsewhere(_) | Lead::Itself(_)) = shown.certificates.lead(context) else { return };
    if matches!(shown.reception, Reception::Accepted(_)) {
        return;
    }
    let certificates = shown.certificates.certificates();
    let authorities = shown.certificates.authorities();
    if find_named(certificates, authorities).is_some() {
        return;
    }
    // A fifth of the name: a year, a number, a word in front.
    let few = |asked: &Name| asked.to_string().chars().count() / 5;
    let most = authorities.iter().map(few).max().unwrap_or_default();
    let Some(nearest) = nearest_below(certificates, authorities, most + 1) else { return };
    if nearest.distance > few(nearest.asked) {
        return;
    }
    let message = format!(
        "{} comes from {}, and the server named {}, which differs by {} characters: the authority may have been changed on one \
         end only. {}.",
        shown.whose(),
        nearest.ours,
        nearest.asked,
        nearest.distance,
        shown.reception
    );
    let fix = "Compare the two authorities (openssl x509 -noout -subject -dates -fingerprint), and have the server trust both while \
               clients move";
    let (severity, confidence) = (Severity::Warning, Confidence::Possible);
    report.find(&CA_ROTATED_SERVER_NOT_UPDATED, severity, confidence, shown.evidence(), message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_names_differ_by_a_year() {
        let found = fires(
            &CA_ROTATED_SERVER_NOT_UPDATED,
            "
            wait 0
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(C=IT,O=Lab,CN=Lab Root CA2), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("differs by 1 characters"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_names_have_nothing_in_common() {
        quiet(
            &CA_ROTATED_SERVER_NOT_UPDATED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_it_was_taken() {
        quiet(
            &CA_ROTATED_SERVER_NOT_UPDATED,
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
