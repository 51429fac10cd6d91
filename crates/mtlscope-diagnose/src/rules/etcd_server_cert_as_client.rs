//! The client shows the very certificate of the server, and that is not for clients.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::blame::{Flaw, Minded, Shown};
use crate::connection::{ClientChain, Connection};
use crate::context::Context;
use crate::pki::{Unfit, purpose};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client shows the server's own certificate, which is not for clients.
    ///
    /// ## What happened
    ///
    /// The certificate that the client sent is the one that the server shows, and its extended key usage lacks
    /// `clientAuth`. So a server calls itself, or its peers, with its server certificate. etcd and other Go programs
    /// refuse it with `bad_certificate` (42), the OpenSSL family with `unsupported_certificate` (43), Java with 46.
    ///
    /// ## Why it happens
    ///
    /// - The gRPC gateway inside etcd dials etcd with `--cert-file`; members of Kafka, MongoDB and RabbitMQ do alike.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `kafka-client-auth`.
    ///
    /// ## What to do
    ///
    /// - Issue the certificates of such servers with both purposes: `extendedKeyUsage = serverAuth, clientAuth`.
    /// - etcd: `--client-cert-allowed-hostname` also holds for the call from itself.
    /// - Kafka: broker certificates need both purposes as well; so do the member certificates of MongoDB.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509ce.keyPurposeIDs
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/server.pem --key pki/server.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.2.1.12
    /// - https://github.com/etcd-io/etcd/issues/9785
    pub static ETCD_SERVER_CERT_AS_CLIENT: Error = "etcd-server-cert-as-client", check, needs SHOWN;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(identity) = connection.initial().server_identity.seen() else { return };
    let Some(own) = ClientChain::of(connection.asking()) else { return };
    if identity.certificates.first().is_none_or(|server| **server != *own.leaf) {
        return;
    }
    let Some(shown) = Shown::of(connection, context) else { return };
    let unfit = purpose::check(shown.certificates.leaf, Side::Client);
    let Some(unfit) = unfit.iter().find(|unfit| matches!(unfit, Unfit::NotForThisPurpose { .. })) else {
        return;
    };
    let flaw = Flaw {
        clause: format!("is the very one that the server shows{}, and {unfit}", Place(identity.evidence)),
        fix: "Issue the server's certificate with extendedKeyUsage = serverAuth, clientAuth, since it is shown by both ends".to_owned(),
        minded: Minded::All,
        alerts: &[AlertDescription::UNSUPPORTED_CERTIFICATE, AlertDescription::BAD_CERTIFICATE, AlertDescription::CERTIFICATE_UNKNOWN],
    };
    shown.blame(&ETCD_SERVER_CERT_AS_CLIENT, &flaw, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_server_refuses_its_own() {
        let found = fires(
            &ETCD_SERVER_CERT_AS_CLIENT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/server), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, bad_certificate), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(found.message.contains("is the very one that the server shows"), "{}", found.message);
    }

    #[test]
    fn fires_when_it_is_taken() {
        let found = fires(
            &ETCD_SERVER_CERT_AS_CLIENT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/server), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Certain));
        assert!(found.message.contains("all the same"), "{}", found.message);
    }

    #[test]
    fn quiet_when_it_is_another() {
        quiet(
            &ETCD_SERVER_CERT_AS_CLIENT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(srveku), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unsupported_certificate), FIN
            ",
        );
    }
}
