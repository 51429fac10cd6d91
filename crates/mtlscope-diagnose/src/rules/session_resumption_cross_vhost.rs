//! A session that was made for one host is resumed for another.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{AlertDescription, ExtensionType};

use crate::connection::{Connection, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The client resumed a session that was made for another host.
    ///
    /// ## What happened
    ///
    /// Hosts on one server may ask for different clients. A session made for one must not open another: a patched
    /// nginx (1.26.3, 1.27.4) refuses with `access_denied` (49) in TLS 1.3, and answers 421 in TLS 1.2. Unpatched
    /// servers with shared tickets let it pass, which is a hole (CVE-2025-23419).
    ///
    /// ## Why it happens
    ///
    /// - The client keeps sessions by address, and not by host name.
    /// - A proxy uses one cache for all hosts behind it.
    ///
    /// ## What to do
    ///
    /// - Keep sessions by host name in the client; nginx as a client: `proxy_ssl_session_reuse off`,
    ///   `proxy_ssl_server_name on`.
    /// - In the server: update nginx; separate `ssl_session_cache` and `ssl_session_ticket_key` for each domain of
    ///   trust; or `ssl_session_tickets off`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 49 || http.response.code == 421
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: OpenSSL, and with it nginx and Apache, resumes no session under another name.
    ///
    /// ## References
    ///
    /// - CVE-2025-23419; RFC 8446 section 4.6.1
    pub static SESSION_RESUMPTION_CROSS_VHOST: Error = "session-resumption-cross-vhost", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some((hello, evidence)) = connection.client_hello() else { return };
    let offers =
        hello.offers(ExtensionType::PRE_SHARED_KEY) || hello.has_session_ticket || hello.has_session_id;
    let Some(name) = hello.server_name.as_ref().filter(|_| offers) else { return };
    let Some(refusal) = connection.refusal().filter(|refusal| refusal.by == Side::Server) else { return };
    let initial = connection.initial();
    let confidence = match refusal.sign {
        Sign::Alert(_)
            if refusal.sign.is_alert(&[AlertDescription::ACCESS_DENIED]) && !initial.answer.is_seen() =>
        {
            Confidence::Likely
        }
        Sign::Http(status) if status.code == 421 && initial.resumption.is_seen() => Confidence::Likely,
        _ => return,
    };
    let message = format!(
        "The client offered an older session while it asked for {}{}, and the server {refusal}: that session was probably made for \
         another host.",
        name.escape_debug(),
        Place(evidence)
    );
    let fix = "Have the client keep sessions by host name (nginx: proxy_ssl_session_reuse off), and the server keep the hosts' sessions apart";
    let places = vec![refusal.evidence, evidence];
    report.find(&SESSION_RESUMPTION_CROSS_VHOST, Severity::Error, confidence, places, message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_resumed_session_is_misdirected() {
        let found = fires(
            &SESSION_RESUMPTION_CROSS_VHOST,
            "
            C> ClientHello(session=01ff sni=b.test)
            S> ServerHello(session=01ff), ChangeCipherSpec, Finished
            C> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 421 Misdirected Request\\r\\n\\r\\n)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("b.test"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_handshake_is_full() {
        quiet(
            &SESSION_RESUMPTION_CROSS_VHOST,
            "
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 421 Misdirected Request\\r\\n\\r\\n)
            ",
        );
    }
}
