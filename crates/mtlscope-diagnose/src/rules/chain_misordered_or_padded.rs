//! The client's certificates come in the wrong order, or with others between.

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::Connection;
use crate::context::Context;
use crate::rule::{Report, rule};

rule! {
    /// The client's certificates are out of order, or some do not belong there.
    ///
    /// ## What happened
    ///
    /// Behind the client's own certificate, each should have issued the one before. TLS 1.2 demands it, TLS 1.3
    /// allows any order and more than needed. All servers measured accept it, so that this is seldom the trouble;
    /// embedded stacks and old appliances are strict.
    ///
    /// ## Why it happens
    ///
    /// - Files were joined in the wrong order, or a whole bundle was appended.
    ///
    /// ## What to do
    ///
    /// In the client's file: its own certificate first, then issuer by issuer; leave the root out. `mtlscope pki
    /// show` says what stands where.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && tls.handshake.certificates_length
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// cat pki/client.pem pki/wrong-ca.pem > padded.pem
    /// mtlscope serve --pki pki --verify-client require &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert padded.pem --key pki/client.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.2, RFC 8446 section 4.4.2
    pub static CHAIN_MISORDERED_OR_PADDED: Warning = "chain-misordered-or-padded", check, needs SHOWN, of the chain;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(shown) = Shown::of(connection, context) else { return };
    let chain = &shown.chain;
    let foreign = chain.extra.len() + chain.duplicates.len();
    let clause = match (chain.out_of_order, foreign) {
        (false, 0) => return,
        (true, 0) => "came with its issuers in the wrong order".to_owned(),
        (true, _) => format!(
            "came with its issuers in the wrong order, and {foreign} more that do not belong to its chain"
        ),
        (false, _) => format!("came with {foreign} more that do not belong to its chain"),
    };
    let flaw = Flaw {
        clause,
        fix: "Put in the client's file its own certificate first, each issuer behind what it issued, and nothing else".to_owned(),
        minded: Minded::Few,
        alerts: &[],
    };
    shown.blame(&CHAIN_MISORDERED_OR_PADDED, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_another_certificate_is_among_them() {
        let found = fires(
            &CHAIN_MISORDERED_OR_PADDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client root), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("1 more that do not belong"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_order_is_wrong() {
        let found = fires(
            &CHAIN_MISORDERED_OR_PADDED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(intleaf root inter), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("wrong order"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_order_is_right() {
        quiet(
            &CHAIN_MISORDERED_OR_PADDED,
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
