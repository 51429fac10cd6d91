//! The server asks for a certificate and names no authority, and the client shows none.

use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server names no authorities, and the client chose none.
    ///
    /// ## What happened
    ///
    /// The request has no list of authorities, so the client cannot tell which of its certificates is wanted. Clients
    /// with one certificate send it; pickers of browsers show all they have; some libraries send none or the wrong
    /// one. It is a hint, and no fault by itself.
    ///
    /// ## Why it happens
    ///
    /// - Python has no call for it; GnuTLS and Go send a list only where one is set; IIS sends none by default; nginx
    ///   sends none with `ssl_trusted_certificate` alone.
    ///
    /// ## What to do
    ///
    /// - Name the authority: nginx `ssl_client_certificate`, Apache `SSLCADNRequestFile`, Go `ClientCAs`, IIS
    ///   `SendTrustedIssuerList=1` with a store of its own, Node `ca`, Java: the trust store.
    /// - Or choose in the client: by alias (Java), thumbprint (.NET), `GetClientCertificate` (Go).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 && tls.handshake.dnames_len == 0
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -verifyCAfile pki/ca.pem -Verify 3 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.2.4
    pub static CA_LIST_EMPTY: Note = "ca-list-empty", check, needs WITHHELD | TURNED_DOWN;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(request) = handshake.request.seen() else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    if request.only_named || !request.authorities.is_empty() || !matches!(reception, Reception::Refused(_)) {
        return;
    }
    let message = format!(
        "The server named no authority in its request{}, so a client with several certificates cannot tell which is wanted; this one \
         sent none.",
        Place(request.evidence)
    );
    let fix = "Have the server name the authorities of its clients (nginx: ssl_client_certificate; Go: ClientCAs), or choose in the client";
    let evidence = vec![request.evidence, answer.evidence];
    report.find(&CA_LIST_EMPTY, Severity::Note, Confidence::Possible, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_none_was_named_and_none_sent() {
        let found = fires(
            &CA_LIST_EMPTY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Possible));
        assert!(found.message.contains("named no authority"), "{}", found.message);
    }

    #[test]
    fn quiet_when_one_was_named() {
        quiet(
            &CA_LIST_EMPTY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
