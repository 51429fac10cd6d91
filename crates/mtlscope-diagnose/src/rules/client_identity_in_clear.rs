//! Who the client is can be read by everybody on the way.

use mtlscope_dissect::event::Protection;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Subject};

rule! {
    /// The client's certificate crossed the network in clear.
    ///
    /// ## What happened
    ///
    /// Up to TLS 1.2 certificates are not encrypted: everybody on the way reads who the client is, whom it works for,
    /// and where its certificate comes from. TLS 1.3 encrypts them; so does a renegotiation, which is why some
    /// servers ask late.
    ///
    /// ## Why it happens
    ///
    /// - One of the two ends does not speak TLS 1.3, or it is switched off.
    ///
    /// ## What to do
    ///
    /// - Take TLS 1.3 on both ends: nginx `ssl_protocols TLSv1.2 TLSv1.3;` Apache `SSLProtocol`; HAProxy
    ///   `ssl-max-ver`; IIS on Server 2022; Java 11 and later; Go, Node, Python with OpenSSL 1.1.1.
    /// - Keep names of persons out of certificates of clients where that cannot be.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && tls.record.version == 0x0303
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --tls-max 1.2 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 1.2; RFC 7258
    pub static CLIENT_IDENTITY_IN_CLEAR: Note = "client-identity-in-clear", check, needs ANSWERED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(answer) = connection.asking().answer.seen() else { return };
    let Some(leaf) = answer.certificates.first().filter(|_| answer.protection == Protection::Plain) else {
        return;
    };
    let message = format!(
        "The certificate {} went over the network in clear{}, as it does before TLS 1.3.",
        Subject(&leaf.subject),
        Place(answer.evidence)
    );
    let fix = "Have both ends speak TLS 1.3";
    report.find(
        &CLIENT_IDENTITY_IN_CLEAR,
        Severity::Note,
        Confidence::Certain,
        [answer.evidence],
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_version_is_tls12() {
        let found = fires(
            &CLIENT_IDENTITY_IN_CLEAR,
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
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("in clear"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_version_is_tls13() {
        quiet(
            &CLIENT_IDENTITY_IN_CLEAR,
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Certificate(good), CertificateVerify, Finished
            ",
        );
    }
}
