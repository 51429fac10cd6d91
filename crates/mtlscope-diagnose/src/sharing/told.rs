//! A connection as a stranger may be told it: for reports, in which the same may stand that a shared capture may hold.

use std::sync::Arc;

use mtlscope_dissect::event::Protection;

use super::{Policy, words_of_certificates};
use crate::connection::{Connection, HttpRequest, HttpStatus, StepKind};

impl Policy {
    /// The connection without what was said inside: of HTTP the method, the status and a fixed list of words stay; of what
    /// was said before TLS the lines that asked for it; of encrypted messages the bytes of those that may be told; nothing of
    /// what an end says of itself. Names, addresses and certificates stay.
    pub fn told(&self, connection: &Connection) -> Connection {
        let mut told = connection.clone();
        told.said.clear();
        for preamble in &mut told.preambles {
            if !self.keeps_asking(preamble.protocol) {
                preamble.steps.clear();
                preamble.source = None;
                preamble.destination = None;
            }
        }
        for step in &mut told.steps {
            match &mut step.kind {
                StepKind::Message(message) if message.protection != Protection::Plain => {
                    let bytes = message.bytes.take();
                    message.bytes = bytes.filter(|bytes| self.tells_content(message, bytes));
                }
                StepKind::HttpRequest(request) => *request = without_target(request),
                StepKind::HttpStatus(status) => *status = without_head(status),
                _ => {}
            }
        }
        told.http_request = told.http_request.as_ref().map(without_target);
        told.http_status = told.http_status.as_ref().map(without_head);
        told
    }
}

/// `GET … HTTP/1.1`: neither the target nor a field, which may hold what authorises.
fn without_target(request: &HttpRequest) -> HttpRequest {
    let method = request.line.split(' ').next().unwrap_or_default();
    let version =
        request.line.rsplit(' ').next().filter(|word| word.starts_with("HTTP/")).unwrap_or_default();
    HttpRequest { line: format!("{method} … {version}").trim_end().to_owned(), ..request.clone() }
}

/// `HTTP/1.1 400`, and the words of the rest that may be told.
fn without_head(status: &Arc<HttpStatus>) -> Arc<HttpStatus> {
    let version = status.line.split(' ').next().unwrap_or_default();
    Arc::new(HttpStatus {
        line: format!("{version} {}", status.code),
        head: words_of_certificates(&status.line, &status.head),
        ..HttpStatus::clone(status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;

    #[test]
    fn what_was_said_inside_is_not_told_and_the_rest_is() {
        let connection = tell(
            r"
            C> ClientHello(sni=a.test)
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Certificate(empty), Finished
            C> Data(GET /secret?token=1 HTTP/1.1\r\nCookie: secret\r\n\r\n)
            S> Data(HTTP/1.1 400 Secret Words\r\nSet-Cookie: secret\r\n\r\nNo required SSL certificate was sent)
            S> FIN
        ",
        );
        assert!(format!("{connection:?}").contains("ecret"));
        let told = Policy::default().told(&connection);
        assert!(!format!("{told:?}").contains("ecret"), "{told:?}");
        assert_eq!(told.http_request.unwrap().line, "GET … HTTP/1.1");
        let status = told.http_status.unwrap();
        assert_eq!(
            (status.line.as_str(), status.head.as_str()),
            ("HTTP/1.1 400", "No required SSL certificate")
        );
        assert_eq!(told.steps.len(), connection.steps.len());
        assert_eq!(told.outcome, connection.outcome);
    }
}
