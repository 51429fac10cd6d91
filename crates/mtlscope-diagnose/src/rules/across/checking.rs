//! Tests: what a rule across connections says of several scripts, told one after the other.

use mtlscope_dissect::event::ConnectionId;

use super::AcrossRule;
use crate::connection::script::tell;
use crate::finding::Finding;
use crate::history::History;
use crate::rule::Report;

/// A script, and the last number of the client's address.
pub(super) type Attempt<'a> = (u8, &'a str);

/// What a rule says of these connections.
pub(super) fn findings(id: &str, attempts: &[Attempt<'_>]) -> Vec<Finding> {
    let mut history = History::default();
    for (place, (client, script)) in attempts.iter().enumerate() {
        let mut connection = tell(script);
        connection.id = ConnectionId(place as u64 + 1);
        connection.client.set_ip([192, 0, 2, *client].into());
        history.remember(&connection);
    }
    let rule: &AcrossRule = super::RULES.iter().find(|across| across.rule.id == id).expect("a rule");
    let mut report = Report::default();
    (rule.check)(&history, &mut report);
    report.findings
}

pub(super) const WELL_12: &str = "
    C> ClientHello(sni=a.test)
    S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
    C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished
    S> ChangeCipherSpec, Finished
    C> Data(GET / HTTP/1.1\\r\\n)
    S> Data(HTTP/1.1 200 OK\\r\\n)
";

pub(super) const REFUSED_12: &str = "
    C> ClientHello(sni=a.test)
    S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
    C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished
    S> Alert(fatal, unknown_ca), FIN
";

pub(super) const REFUSED_13: &str = "
    C> ClientHello(sni=a.test)
    S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(@root), Certificate(server), CertificateVerify, Finished
    C> Certificate(good), CertificateVerify, Finished
    S> Alert(fatal, handshake_failure), FIN
";

pub(super) const REFUSED_NAMELESS: &str = "
    C> ClientHello
    S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
    C> ClientKeyExchange, ChangeCipherSpec, Finished
    S> ChangeCipherSpec, Finished
    C> Data(GET / HTTP/1.1\\r\\n)
    S> Data(HTTP/1.1 403 Forbidden\\r\\n)
";

pub(super) const REFUSED_RESUMED: &str = "
    C> ClientHello(sni=a.test session=01ff)
    S> ServerHello(session=01ff), ChangeCipherSpec, Finished
    C> ChangeCipherSpec, Finished
    C> Data(GET / HTTP/1.1\\r\\n)
    S> Data(HTTP/1.1 403 Forbidden\\r\\n)
";

pub(super) const RESUMED: &str = "
    at 1900000000
    C> ClientHello(sni=a.test session=01ff)
    S> ServerHello(session=01ff), ChangeCipherSpec, Finished
    C> ChangeCipherSpec, Finished
    C> Data(GET / HTTP/1.1\\r\\n)
    S> Data(HTTP/1.1 200 OK\\r\\n)
";

pub(super) const OTHER_CERTIFICATE: &str = "
    C> ClientHello(sni=a.test)
    S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
    C> Certificate(wrongca), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished
    S> Alert(fatal, unknown_ca), FIN
";
