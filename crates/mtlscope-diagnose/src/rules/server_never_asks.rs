//! A full handshake without a CertificateRequest: the client was never asked.

use mtlscope_dissect::side::Side;

use crate::connection::{Connection, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::keyless::Reception;
use crate::observed::Observed;
use crate::rule::{Report, rule};

rule! {
    /// The server did not ask for a client certificate.
    ///
    /// ## What happened
    ///
    /// The handshake was a full one, all of the server's part can be read, and there is no CertificateRequest in it. So the
    /// client could not send a certificate, whatever it has configured. On a server that is not meant to ask, that is as it
    /// should be, and this is a note. If the server then answers that a certificate is missing, it is an error.
    ///
    /// ## Why it happens
    ///
    /// - Client authentication is switched on in another place than the one that answered: another virtual host, listener,
    ///   port, or ingress. The name in the ClientHello chooses.
    /// - The setting was not loaded, or stands on a level where it takes effect only later: Apache and IIS ask for a
    ///   directory by renegotiation, after the HTTP request.
    /// - A proxy, load balancer or firewall in front ended the TLS connection, and it does not ask.
    ///
    /// A resumed session has no CertificateRequest either, and that is no fault: this report leaves resumed sessions alone.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `tls-terminating-proxy-between`, `netsh-binding`.
    ///
    /// ## What to do
    ///
    /// In the server, or in what stands in front of it:
    ///
    /// - nginx: `ssl_verify_client on;` and `ssl_client_certificate ca.pem;` in the `server` block that the name selects
    /// - Apache: `SSLVerifyClient require` and `SSLCACertificateFile` in the `VirtualHost`, not only in a `Directory`
    /// - HAProxy: `bind ... ssl crt server.pem verify required ca-file ca.pem`
    /// - IIS: SSL Settings, Require; to ask in the first handshake, `netsh http update sslcert ... clientcertnegotiation=enable`
    /// - Envoy: `require_client_certificate: true` with a `validation_context`
    /// - Java: `setNeedClientAuth(true)`; Tomcat `certificateVerification="required"`; Spring `server.ssl.client-auth=need`
    /// - Go: `ClientAuth: tls.RequireAndVerifyClientCert`
    /// - Node: `requestCert: true`
    /// - .NET: `ClientCertificateMode.RequireCertificate`
    /// - Python: `context.verify_mode = ssl.CERT_REQUIRED`
    ///
    /// In the client, make sure that it sends the right name: `curl --connect-to`, `openssl s_client -servername`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type in {2, 11, 13, 14}
    /// ```
    ///
    /// The server's part of the handshake: there is no 13 among them. In TLS 1.3 this needs the keys of the connection.
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -keyout server.key -out server.pem
    /// openssl s_server -accept 8443 -cert server.pem -key server.key -www &
    /// curl -k --tls-max 1.2 https://localhost:8443/
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5246 section 7.4.4 and RFC 8446 section 4.3.2: CertificateRequest
    pub static SERVER_NEVER_ASKS: Error = "server-never-asks", check;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    check_inferred(connection, report);
    let never = connection.handshakes.iter().all(|handshake| handshake.request.is_not_sent());
    if !never || !initial.resumption.is_not_sent() || !initial.server_finished.is_seen() {
        return;
    }
    // Without a certificate of its own (a pre-shared key, an anonymous suite) a server may not ask for the other's.
    let Some(identity) = initial.server_identity.seen() else { return };

    let mut evidence = vec![identity.evidence];
    let mut message = format!(
        "The server {} completed a full handshake without a CertificateRequest, so the client was never asked for a certificate.",
        connection.server
    );
    let (severity, confidence) = match connection.refusal() {
        Some(refusal) if refusal.by == Side::Client => return,
        // Another rule has the question that could not be asked late.
        Some(refusal) if says_it_cannot_ask(&refusal.sign) => (Severity::Note, Confidence::Certain),
        Some(refusal) if matches!(refusal.sign, Sign::Http(status) if status.code != 401) => {
            evidence.push(refusal.evidence);
            if refusal.sign.may_mean_something_else() {
                message.push_str(&format!(" It {refusal}, perhaps for want of one."));
                (Severity::Warning, Confidence::Possible)
            } else {
                message.push_str(&format!(" It {refusal}, and speaks of a certificate."));
                (Severity::Error, Confidence::Likely)
            }
        }
        _ => (Severity::Note, Confidence::Certain),
    };
    let place = match &initial.server_name {
        Observed::Seen(name) => format!("the virtual host that answers for {}", name.escape_debug()),
        Observed::NotSent => "the default virtual host, since the client sent no server name".to_owned(),
        Observed::Hidden(_) => "the virtual host that answers".to_owned(),
    };
    let fix = format!(
        "If this server should ask, switch it on in {place} (nginx: ssl_verify_client on; Apache: SSLVerifyClient require)"
    );
    report.find(&SERVER_NEVER_ASKS, severity, confidence, evidence, message, fix);
}

/// The same where nothing can be read, and the sizes of records tell it.
fn check_inferred(connection: &Connection, report: &mut Report) {
    let never = connection.handshakes.iter().all(|handshake| {
        let inferred = handshake.inferred.as_ref().and_then(|inference| inference.is_asked());
        handshake.request.is_not_sent() || inferred == Some(false)
    });
    let initial = connection.initial();
    let Some(inference) = initial.inferred.as_deref() else { return };
    let is_accepted = matches!(inference.reception.known(), Some(Reception::Accepted { .. }));
    let Some(evidence) = inference.answer_evidence else { return };
    if !never || !is_accepted || inference.is_asked() != Some(false) || !initial.resumption.is_not_sent() {
        return;
    }
    let message = format!(
        "By the sizes of encrypted records, the server {} completed a full handshake without a CertificateRequest, so the client \
         was never asked for a certificate.",
        connection.server
    );
    let fix = "If this server should ask, switch it on in the virtual host that answers (nginx: ssl_verify_client on; Apache: \
               SSLVerifyClient require)";
    report.find(&SERVER_NEVER_ASKS, Severity::Note, Confidence::Likely, [evidence], message, fix);
}

fn says_it_cannot_ask(sign: &Sign<'_>) -> bool {
    matches!(sign, Sign::Http(status) if status.head.to_ascii_lowercase().contains("post-handshake auth"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_full_handshake_has_no_request_as_a_note() {
        let found = fires(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("without a CertificateRequest"), "{}", found.message);
    }

    #[test]
    fn fires_when_only_sizes_tell_but_less_surely() {
        let found = fires(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello
            S> ServerHello(1.3 suite=1302), Sealed(23,23), Sealed(23,892), Sealed(23,96), Sealed(23,69)
            C> Sealed(23,69)
            S> Sealed(23,250), Sealed(23,250)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Likely));
    }

    #[test]
    fn fires_when_the_server_then_forbids_as_a_warning() {
        let found = fires(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("answered HTTP 403 in frame 6"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_server_then_misses_a_certificate() {
        let found = fires(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\nClient certificate required)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("speaks of a certificate"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_asked() {
        quiet(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    #[test]
    fn quiet_when_the_client_refused_the_server() {
        quiet(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Alert(fatal, unknown_ca), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_session_was_resumed() {
        quiet(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello(session=01ff)
            S> ServerHello(session=01ff), ChangeCipherSpec, Finished
            C> ChangeCipherSpec, Finished
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    #[test]
    fn quiet_when_the_handshake_is_encrypted_and_its_sizes_fit_nothing() {
        quiet(
            &SERVER_NEVER_ASKS,
            "
            C> ClientHello
            S> ServerHello(1.3), Sealed(23,1000)
            C> Sealed(23,83)
            ",
        );
    }
}
