//! The client refuses the server's certificate: not a matter of client authentication at all.

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{AlertDescription, ContentType};
use mtlscope_dissect::x509::{Certificate, GeneralName};

use crate::connection::{Connection, ServerIdentity, Sign, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::host_names::names_host;
use crate::pki::validity::{self, Validity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Span, Subject};

rule! {
    /// The client refused the server's certificate.
    ///
    /// ## What happened
    ///
    /// The alert came from the client, after the server had shown its certificate. So the client does not trust the server;
    /// what the server thinks of the client was never reached. The numbers are those that servers use about clients
    /// (`bad_certificate` 42, `certificate_expired` 45, `certificate_unknown` 46, `unknown_ca` 48), and the server's log
    /// repeats them (`remote error: tls: bad certificate`, `tlsv1 alert unknown ca`), so that it reads as if the client's
    /// certificate were at fault. It is not.
    ///
    /// In TLS 1.3, clients built on OpenSSL send this alert in clear. Servers in Go, Java and GnuTLS cannot read it there, and
    /// log a failed decryption (`bad record MAC`) instead.
    ///
    /// A client that closes the connection right after the server's certificate, without a word, may mean the same. curl looks at
    /// the name only after the handshake, and where it does not fit says goodbye (`close_notify`) instead of sending its request.
    ///
    /// ## Why it happens
    ///
    /// - The client does not know the authority that issued the server's certificate.
    /// - The server sends only its own certificate, without the intermediate.
    /// - The certificate has expired, or the client's clock is wrong.
    /// - The name the client wanted is not among the names in `subjectAltName`; the common name no longer counts.
    /// - A proxy or firewall in between shows a certificate of its own.
    ///
    /// ## What to do
    ///
    /// In the client, trust the authority:
    ///
    /// - curl: `--cacert ca.pem`; OpenSSL: `-CAfile ca.pem`
    /// - Java: `keytool -importcert -alias ca -file ca.pem -keystore trust.p12`, `-Djavax.net.ssl.trustStore=trust.p12`
    /// - Go: `RootCAs`; Node: `ca` or `NODE_EXTRA_CA_CERTS=ca.pem`; Python: `load_verify_locations("ca.pem")`
    /// - .NET: the machine's root store, or `X509ChainPolicy.CustomTrustStore`
    /// - nginx as a client: `proxy_ssl_trusted_certificate`; Envoy: `trusted_ca` of the cluster; HAProxy: `ca-file` of the
    ///   `server` line
    ///
    /// In the server, send the whole chain and the right names: nginx `ssl_certificate` with the chain, leaf first; Apache
    /// `SSLCertificateFile` with the chain; HAProxy `crt`; IIS imports the intermediate into the computer's store; Envoy
    /// `certificate_chain`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc >= 42 && tls.alert_message.desc <= 51
    /// ```
    ///
    /// Look at the direction: the sender is the end that sent the ClientHello.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -www &
    /// curl --tls-max 1.2 https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.2.2 and RFC 8446 section 6.2: the alerts about certificates, the same for both sides
    /// - RFC 9525: how names are compared
    pub static SERVER_CERT_REJECTED_BY_CLIENT: Error = "server-cert-rejected-by-client", check;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Client) else {
        return name_not_found(connection, report);
    };
    if initial.server_hello.is_not_sent() || initial.server_identity.is_not_sent() {
        return;
    }
    let identity = initial.server_identity.seen();
    let (severity, confidence) = match refusal.sign {
        Sign::Alert(alert) if SURELY.contains(&alert.description) => {
            (Severity::Error, if identity.is_some() { Confidence::Certain } else { Confidence::Likely })
        }
        Sign::Alert(alert) if PERHAPS.contains(&alert.description) => (Severity::Error, Confidence::Likely),
        // Scanners and people who change their mind close there too.
        Sign::Closed(_) => (Severity::Warning, Confidence::Possible),
        // In place of its Finished: it cannot have anything else to complain of, but its reason cannot be read.
        Sign::SealedAlert if connection.outcome.inferred => (Severity::Error, Confidence::Possible),
        Sign::Alert(_) | Sign::SealedAlert | Sign::Http(_) | Sign::Http2(_) | Sign::Log => return,
    };
    let mut evidence = vec![refusal.evidence];
    let shown = match identity {
        Some(identity) => {
            evidence.insert(1, identity.evidence);
            match identity.certificates.first() {
                Some(leaf) => format!(
                    "The server showed the certificate {} issued by {}{}",
                    Subject(&leaf.subject),
                    Subject(&leaf.issuer),
                    Place(identity.evidence)
                ),
                None => {
                    format!("The server showed a certificate that cannot be read{}", Place(identity.evidence))
                }
            }
        }
        None => "The server showed its certificate, encrypted".to_owned(),
    };
    let (why, fix) = reason(identity, refusal.sign.alert());
    let message =
        format!("{shown}, and the client {refusal}: {why}. This is not about the client's certificate.");
    report.find(&SERVER_CERT_REJECTED_BY_CLIENT, severity, confidence, evidence, message, fix);
}

/// curl and others look at the name only once the handshake is done, and then say goodbye as if nothing was wrong.
fn name_not_found(connection: &Connection, report: &mut Report) {
    let initial = connection.initial();
    let (Some(name), Some(identity)) = (initial.server_name.seen(), initial.server_identity.seen()) else {
        return;
    };
    let Some(leaf) = identity.certificates.first() else { return };
    if connection.handshakes.len() > 1 || names_host(leaf, name) {
        return;
    }
    let Some(goodbye) = left_without_a_word(connection) else { return };
    let message = format!(
        "The client asked for the name {name}, and the server showed the certificate {}{}, which is for {}. The client completed \
         the handshake and left without a request{}. This is not about the client's certificate.",
        Subject(&leaf.subject),
        Place(identity.evidence),
        hosts(leaf),
        Place(goodbye)
    );
    let fix = format!(
        "Have the server show a certificate with {name} in subjectAltName, or the client ask for a name that is in it"
    );
    let evidence = vec![goodbye, identity.evidence];
    report.find(&SERVER_CERT_REJECTED_BY_CLIENT, Severity::Error, Confidence::Likely, evidence, message, fix);
}

/// Where the client said goodbye, if that was the first it said after its Finished, and the server had sent no data.
fn left_without_a_word(connection: &Connection) -> Option<Evidence> {
    let finished = *connection.initial().client_finished.seen()?;
    let mut goodbye = None;
    for step in connection.steps.iter().filter(|step| step.frame > finished.frame) {
        match &step.kind {
            StepKind::Alert(alert, evidence, _)
                if step.side == Side::Client && alert.description == AlertDescription::CLOSE_NOTIFY =>
            {
                goodbye = Some(*evidence);
            }
            StepKind::Sealed(record)
                if step.side == Side::Client && record.content_type == ContentType::ALERT =>
            {
                goodbye = Some(record.evidence);
            }
            // The end of the server's handshake, its tickets, and its own goodbye.
            StepKind::Message(_) | StepKind::MessageHead(_) | StepKind::ChangeCipherSpec(..) => {}
            StepKind::TransportEnd(_) => break,
            StepKind::Sealed(record)
                if step.side == Side::Server && record.content_type == ContentType::HANDSHAKE => {}
            _ => return None,
        }
        if goodbye.is_some() {
            break;
        }
    }
    goodbye
}

/// The hosts a certificate is for, in words.
fn hosts(leaf: &Certificate) -> String {
    let hosts = leaf.extensions.subject_alternative_names.iter().filter_map(|name| match name {
        GeneralName::Dns(host) => Some(host.as_str()),
        _ => None,
    });
    // Some certificates name hundreds.
    let first: Vec<&str> = hosts.clone().take(3).collect();
    match hosts.count() {
        0 => "no host in subjectAltName".to_owned(),
        all if all > first.len() => format!("{} and {} more", first.join(", "), all - first.len()),
        _ => first.join(", "),
    }
}

/// Alerts that a client can only mean for the server's certificate.
const SURELY: &[AlertDescription] = &[
    AlertDescription::BAD_CERTIFICATE,
    AlertDescription::UNSUPPORTED_CERTIFICATE,
    AlertDescription::CERTIFICATE_REVOKED,
    AlertDescription::CERTIFICATE_EXPIRED,
    AlertDescription::CERTIFICATE_UNKNOWN,
    AlertDescription::UNKNOWN_CA,
    AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
];

/// Alerts that a client may mean for it.
const PERHAPS: &[AlertDescription] = &[AlertDescription::ACCESS_DENIED, AlertDescription::DECRYPT_ERROR];

/// Why the client refused, as far as the certificate and the alert tell, and what would change it.
fn reason(identity: Option<&ServerIdentity>, alert: Option<AlertDescription>) -> (String, String) {
    let leaf = identity.and_then(|identity| Some((identity.certificates.first()?, identity)));
    if let Some((leaf, identity)) = leaf
        && let Validity::Expired { by } = validity::check(leaf, identity.evidence.time)
    {
        return (
            format!("the certificate expired on {}, {} before", leaf.not_after, Span(by)),
            "Renew the server's certificate".to_owned(),
        );
    }
    match (alert, leaf) {
        (Some(AlertDescription::UNKNOWN_CA), Some((leaf, identity)))
            if identity.certificates.len() == 1 && !leaf.is_self_issued() =>
        {
            (
                "it knows no authority that issued it, and the server sent no intermediate".to_owned(),
                format!(
                    "Have the client trust {} (curl: --cacert), or the server send it with its own certificate",
                    leaf.issuer
                ),
            )
        }
        (Some(AlertDescription::UNKNOWN_CA), _) => (
            "it knows no authority that issued it".to_owned(),
            "Have the client trust the authority of the server's certificate (curl: --cacert ca.pem)".to_owned(),
        ),
        (Some(AlertDescription::CERTIFICATE_EXPIRED), Some(_)) => (
            "it holds the certificate for expired, though by the capture's clock it is not".to_owned(),
            "Set the client's clock".to_owned(),
        ),
        (Some(AlertDescription::CERTIFICATE_EXPIRED), None) => {
            ("it holds the certificate for expired".to_owned(), "Renew the server's certificate".to_owned())
        }
        (Some(AlertDescription::CERTIFICATE_REVOKED), _) => {
            ("it holds the certificate for revoked".to_owned(), "Replace the server's certificate".to_owned())
        }
        (Some(_), _) => (
            "it does not accept the certificate".to_owned(),
            "Look in the client's log for the reason: mostly the authority is not in its trust store, or the name is not in \
             subjectAltName"
                .to_owned(),
        ),
        (None, _) => (
            "it may not accept the certificate".to_owned(),
            "Look in the client's log why it closed".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_client_sends_an_alert() {
        let found = fires(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            found.message.contains("the client sent alert 48 (unknown_ca) in frame 3"),
            "{}",
            found.message
        );
    }

    #[test]
    fn fires_when_the_alert_is_in_clear_and_the_rest_is_not() {
        let found = fires(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello(1.3), Sealed(23,1000)
            C> PlainAlert(fatal, unknown_ca), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("The server showed its certificate, encrypted"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_client_closes_without_a_word() {
        let found = fires(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("without an alert"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_name_does_not_fit_and_the_client_leaves() {
        let found = fires(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello(sni=wrong.lab.test)
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Alert(warning, close_notify), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("which is for server.lab.test"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_name_does_not_fit_and_the_client_goes_on() {
        quiet(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello(sni=wrong.lab.test)
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n)
            C> Alert(warning, close_notify), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_server_refused_the_client() {
        quiet(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_client_speaks_of_something_else() {
        quiet(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Alert(fatal, unexpected_message), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_all_is_well() {
        quiet(
            &SERVER_CERT_REJECTED_BY_CLIENT,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
