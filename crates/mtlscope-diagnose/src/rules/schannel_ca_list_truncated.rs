//! The list of authorities ends near 16 KiB, where Windows cuts it.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The list of authorities may have been cut off.
    ///
    /// ## What happened
    ///
    /// Windows servers cut the list of trusted authorities at 16 KiB. The list here ends just below that, and the
    /// client found none of its own in it and answered with no certificate.
    ///
    /// ## Why it happens
    ///
    /// - The machine's root store holds hundreds of authorities, and the server sends them all
    ///   (`SendTrustedIssuerList=1`).
    ///
    /// ## What to do
    ///
    /// - IIS: `SendTrustedIssuerList=0`, the default since Server 2012; or take authorities out of
    ///   LocalMachine\\Root; or a store of its own for this binding (`netsh http add sslcert ...
    ///   sslctlstorename=ClientAuthIssuer`).
    /// - The event log says so: Schannel event 36885.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13 && tls.handshake.dnames_len > 15000
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Windows cuts its list at 16 KiB; a list of that length, named by OpenSSL:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// awk '/BEGIN/ { n++ } n <= 120' pki/many-authorities.pem > many.pem
    /// mtlscope serve --pki pki --verify-client require --ca-dn-request many.pem &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Microsoft: Schannel event 36885
    pub static SCHANNEL_CA_LIST_TRUNCATED: Warning = "schannel-ca-list-truncated", check, needs WITHHELD;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(request) = handshake.request.seen() else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let bytes: usize = request.authorities.iter().map(|name| name.der().len() + 2).sum();
    if !(15_000..=16_384).contains(&bytes) {
        return;
    }
    let message = format!(
        "The server named {} authorities{}, {bytes} bytes in all, just below the 16384 at which Windows cuts the list; the client \
         answered with no certificate.",
        request.authorities.len(),
        Place(request.evidence)
    );
    let fix = "If the server is Windows: SendTrustedIssuerList=0, or a shorter root store (Schannel event 36885 says whether it was cut)";
    let severity = reception.severity(Severity::Note).min(Severity::Warning);
    let evidence = vec![request.evidence, answer.evidence];
    report.find(&SCHANNEL_CA_LIST_TRUNCATED, severity, Confidence::Possible, evidence, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_list_ends_near_16_kib() {
        let found = fires(
            &SCHANNEL_CA_LIST_TRUNCATED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root; @root), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("just below the 16384"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_list_is_short() {
        quiet(
            &SCHANNEL_CA_LIST_TRUNCATED,
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
