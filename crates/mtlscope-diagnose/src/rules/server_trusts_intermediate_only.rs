//! The server names an intermediate and not its root, and its library wants the root.

use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::Name;

use crate::blame::Shown;
use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};

rule! {
    /// The server seems to know only the intermediate, and wants the root.
    ///
    /// ## What happened
    ///
    /// The authority named by the server is an intermediate, the client's chain leads to it, and the server refused.
    /// OpenSSL ends a chain only in a certificate that signed itself: `unknown_ca` (48) from s_server, Apache,
    /// HAProxy and Python, HTTP 400 from nginx, a close from Node. Go, rustls, Java and GnuTLS take any certificate
    /// of their file as an end.
    ///
    /// ## Why it happens
    ///
    /// - The file of authorities holds the issuing intermediate, since that is what issued the clients.
    ///
    /// ## What to do
    ///
    /// - nginx, Apache, HAProxy: add the root to `ssl_client_certificate`, `SSLCACertificateFile`, `ca-file`.
    /// - OpenSSL: `-partial_chain`, X509_V_FLAG_PARTIAL_CHAIN; Python: `context.verify_flags |=
    ///   ssl.VERIFY_X509_PARTIAL_CHAIN`; Node 22.9 and later: `allowPartialTrustChain`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 13
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --cert pki/server.pem --key pki/server.key --verify-client require --ca-certificate pki/intermediate.pem &
    /// mtlscope connect https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - openssl verify errors 2 and 20; X509_VERIFY_PARAM_set_flags(3)
    pub static SERVER_TRUSTS_INTERMEDIATE_ONLY: Error = "server-trusts-intermediate-only", check, needs SHOWN | TURNED_DOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let Reception::Refused(refusal) = shown.reception else { return };
    let says_so = refusal.sign.is_alert(&[AlertDescription::UNKNOWN_CA]);
    if refusal.sign.alert().is_some() && !says_so
        || refusal.sign.may_mean_something_else()
        || shown.has_a_flaw(context)
    {
        return;
    }
    let is_intermediate = |name: &Name| {
        let known = shown.certificates.certificates().iter().skip(1).chain(&context.trust_anchors);
        known.into_iter().any(|one| one.subject.matches(name) && !one.is_self_issued())
    };
    let named = shown.certificates.authorities();
    let anchors = &context.trust_anchors;
    let named_one = named.iter().find(|name| is_intermediate(name));
    let all = !named.is_empty() && named.iter().all(is_intermediate);
    let given = !anchors.is_empty() && anchors.iter().all(|anchor| !anchor.is_self_issued());
    let Some(authority) =
        named_one.or_else(|| anchors.first().map(|anchor| &anchor.subject)).filter(|_| all || given)
    else {
        return;
    };
    let message = format!(
        "{} leads to {authority}, which is an intermediate and all that the server knows, as it seems; the server {refusal}. OpenSSL \
         wants the root as well.",
        shown.whose()
    );
    let fix =
        "Add the root to the server's file of authorities, or set partial chains (OpenSSL: -partial_chain)";
    let confidence = if says_so { Confidence::Likely } else { Confidence::Possible };
    report.find(
        &SERVER_TRUSTS_INTERMEDIATE_ONLY,
        Severity::Error,
        confidence,
        shown.evidence(),
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_named_the_intermediate_and_refused() {
        let found = fires(
            &SERVER_TRUSTS_INTERMEDIATE_ONLY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/intermediate), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("which is an intermediate"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_named_the_root() {
        quiet(
            &SERVER_TRUSTS_INTERMEDIATE_ONLY,
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
    fn quiet_when_it_was_taken() {
        quiet(
            &SERVER_TRUSTS_INTERMEDIATE_ONLY,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/intermediate), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
