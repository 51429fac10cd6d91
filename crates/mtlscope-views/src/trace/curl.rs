//! The handshake as `curl -v` prints it while it goes on, with sizes and times behind what curl prints.
//!
//! ```text
//! * TLSv1.3 (OUT), TLS handshake, Client hello (1): [512 bytes, 0.0 ms]
//! * TLSv1.3 (IN), TLS handshake, Request CERT (13): [104 bytes, 3.1 ms]
//! ```
//!
//! The lines, their order and their words are those of curl 7.88 with OpenSSL 3.0. Two things are as odd there: the server's
//! ChangeCipherSpec has no line, since OpenSSL does not tell of it; and the version is the one in force *before* the
//! message, so that a ServerHello that chooses TLS 1.2 stands behind the highest version offered. What differs has its
//! reason: curl prints a message when OpenSSL reads it, and OpenSSL reads no further once it refuses; here a message is
//! printed when it has arrived. Curl's lines of numbers (`{ [5 bytes data]`) are left out, as curl does on a terminal.

use std::io::{self, Write};
use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::{ApplicationData, Event, EventKind};
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::extension::ProtocolName;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{CipherSuite, ContentType, HandshakeType, ProtocolVersion};
use mtlscope_dissect::x509::Certificate;

use super::openssl_names;
use super::version_in_force::{self, Connections, VersionInForce};
use crate::View;
use crate::terminal::{Ink, Line, Settings};
use crate::wording;

/// Prints each handshake message, alert and first head of HTTP in curl's form, as soon as it is seen.
#[derive(Debug)]
pub struct Curl {
    settings: Settings,
    /// The end that curl would be.
    own: Side,
    connections: Connections<Progress>,
}

impl Curl {
    /// As the client sees it. Of the settings, colour and ASCII count; no line is cut.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Settings { width: None, ..settings },
            own: Side::Client,
            connections: Connections::new(),
        }
    }

    /// Writes a line of the client's own, in curl's form: `* Connected to ...`. For what happens before there is a
    /// connection to hear of.
    pub fn text(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        info(text, "", &self.settings, out)
    }

    /// Writes what the client's stack says of the server's chain: OpenSSL's number, 0 for good, and its words.
    pub fn server_chain(&mut self, code: i32, words: &str, out: &mut dyn Write) -> io::Result<()> {
        match code {
            0 => self.text(" SSL certificate verify ok.", out),
            _ => {
                let text = format!(" SSL certificate verify result: {words} ({code}), continuing anyway.");
                self.text(&text, out)
            }
        }
    }

    /// Writes the head of a request or a response, a line each: `> GET / HTTP/2`. For what cannot be read from the
    /// connection, such as the fields of HTTP/2.
    pub fn head<'a>(
        &mut self,
        sender: Side,
        lines: impl Iterator<Item = &'a str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write_head(if sender == self.own { ">" } else { "<" }, lines, &self.settings, out)
    }
}

impl View for Curl {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        let Some(progress) = version_in_force::of(&mut self.connections, event) else { return Ok(()) };
        let mut telling = Telling { progress, own: self.own, settings: &self.settings, out };
        telling.tell(&event.kind)?;
        // Whoever watches may wait for it.
        out.flush()
    }

    fn connection(&mut self, _: &Connection, _: &[Finding], _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// How far a connection has come.
#[derive(Debug, Default)]
struct Progress {
    start: Timestamp,
    version: VersionInForce,
    negotiated: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    alpn_offered: bool,
    alpn: Option<ProtocolName>,
    server_certificate: Option<Arc<Certificate>>,
    finished: [bool; 2],
    established: bool,
}

/// One event on its way to a line.
struct Telling<'a> {
    progress: &'a mut Progress,
    own: Side,
    settings: &'a Settings,
    out: &'a mut dyn Write,
}

impl Telling<'_> {
    fn tell(&mut self, kind: &EventKind) -> io::Result<()> {
        match kind {
            EventKind::Opened(opened) => {
                self.progress.start = opened.start;
                Ok(())
            }
            EventKind::Message(message) => self.message(message),
            // OpenSSL tells of its own ChangeCipherSpec only.
            EventKind::ChangeCipherSpec { evidence, .. } if evidence.side == self.own => {
                let what = "TLS change cipher, Change cipher spec (1)";
                self.line(evidence.side, what, &self.measures(1, evidence.time))
            }
            EventKind::Alert { alert, evidence, .. } => self.alert(alert, evidence.side, evidence.time),
            EventKind::Sealed(record) if record.content_type != ContentType::APPLICATION_DATA => {
                let what = match record.content_type {
                    ContentType::ALERT => "TLS alert, sealed",
                    _ => "TLS handshake, sealed",
                };
                let measures = self.measures(record.length.into(), record.evidence.time);
                self.line(record.evidence.side, what, &measures)
            }
            EventKind::ApplicationData(data) => self.application_data(data),
            // What the client says of itself is what curl would say; the peer's words are none of curl's.
            EventKind::Said { side, text, .. } if *side == self.own => {
                info(text, "", self.settings, self.out)
            }
            _ => Ok(()),
        }
    }

    fn message(&mut self, message: &Message) -> io::Result<()> {
        let side = message.evidence.side;
        if let Body::ClientHello(hello) = &message.body {
            self.progress.finished = [false; 2];
            let protocols: Vec<String> = hello.alpn_protocols().iter().map(ToString::to_string).collect();
            if !protocols.is_empty() && !std::mem::replace(&mut self.progress.alpn_offered, true) {
                info(&format!("ALPN: offers {}", protocols.join(",")), "", self.settings, self.out)?;
            }
        }
        let handshake_type = message.handshake_type;
        let what = format!("TLS handshake, {} ({})", message_name(handshake_type), handshake_type.0);
        let measures = self.measures(message.length.saturating_add(4), message.evidence.time);
        let version = self.progress.version.pass(message);
        self.line_of(version, side, &what, &measures)?;
        self.note(message);
        if !self.progress.established && self.progress.finished == [true; 2] {
            self.progress.established = true;
            self.established()?;
        }
        Ok(())
    }

    /// Takes from a message what later lines depend on.
    fn note(&mut self, message: &Message) {
        let progress = &mut *self.progress;
        match &message.body {
            Body::ServerHello(hello) | Body::HelloRetryRequest(hello) => {
                progress.negotiated = Some(hello.version());
                progress.cipher_suite = Some(hello.cipher_suite);
                progress.alpn = hello.alpn_protocol().cloned();
            }
            Body::EncryptedExtensions(extensions) => progress.alpn = extensions.alpn_protocol().cloned(),
            Body::Certificate(_) | Body::CompressedCertificate(_)
                if message.evidence.side == Side::Server =>
            {
                progress.server_certificate = message.certificates.first().map(Arc::clone);
            }
            Body::Finished(_) => {
                if let Some(finished) = progress.finished.get_mut(message.evidence.side.index()) {
                    *finished = true;
                }
            }
            _ => {}
        }
    }

    /// What curl says once `SSL_connect` has come back.
    fn established(&mut self) -> io::Result<()> {
        let progress = &*self.progress;
        let mut say = |text: &str| info(text, "", self.settings, self.out);
        if let (Some(version), Some(suite)) = (progress.negotiated, progress.cipher_suite) {
            let (version, suite) = (openssl_names::version(version), openssl_names::cipher_suite(suite));
            say(&format!("SSL connection using {version} / {suite}"))?;
        }
        match &progress.alpn {
            Some(protocol) => say(&format!("ALPN: server accepted {protocol}"))?,
            None if progress.alpn_offered => {
                say("ALPN: server did not agree on a protocol. Uses default.")?;
            }
            None => {}
        }
        if let Some(certificate) = &progress.server_certificate {
            say("Server certificate:")?;
            say(&format!(" subject: {}", openssl_names::curl_name(&certificate.subject)))?;
            say(&format!(" start date: {}", openssl_names::time(certificate.not_before)))?;
            say(&format!(" expire date: {}", openssl_names::time(certificate.not_after)))?;
            say(&format!(" issuer: {}", openssl_names::curl_name(&certificate.issuer)))?;
        }
        Ok(())
    }

    fn alert(&mut self, alert: &Alert, side: Side, time: Timestamp) -> io::Result<()> {
        let words = openssl_names::alert(alert.description);
        // The two bytes as one number.
        let number = u16::from_be_bytes([alert.level.0, alert.description.0]);
        let measures = self.measures(2, time);
        let what = format!("TLS alert, {words} ({number})");
        if words == "unknown" {
            return self.line(side, &what, &format!("{measures}, {}", wording::alert(alert)));
        }
        self.line(side, &what, &measures)
    }

    fn application_data(&mut self, data: &ApplicationData) -> io::Result<()> {
        let side = data.evidence.side;
        let text = String::from_utf8_lossy(&data.head);
        let is_http = text.lines().next().is_some_and(|first| {
            let is_answer = first.starts_with("HTTP/1.") || first.starts_with("HTTP/2 ");
            let is_request =
                [" HTTP/1.1", " HTTP/1.0", " HTTP/2"].iter().any(|version| first.ends_with(version));
            is_answer || is_request
        });
        if !is_http {
            return Ok(());
        }
        let mark = if side == self.own { ">" } else { "<" };
        write_head(mark, text.lines().take_while(|line| !line.is_empty()), self.settings, self.out)
    }

    /// A line of curl's `ossl_trace`.
    fn line(&mut self, side: Side, what: &str, behind: &str) -> io::Result<()> {
        self.line_of(self.progress.version.now(), side, what, behind)
    }

    fn line_of(
        &mut self,
        version: Option<ProtocolVersion>,
        side: Side,
        what: &str,
        behind: &str,
    ) -> io::Result<()> {
        let version = match version {
            Some(ProtocolVersion::TLS10) => "TLSv1.0".to_owned(),
            Some(version) => openssl_names::version(version),
            None => "TLS".to_owned(),
        };
        let direction = if side == self.own { "OUT" } else { "IN" };
        let text = format!("{version} ({direction}), {what}:");
        info(&text, &format!(" [{behind}]"), self.settings, self.out)
    }

    fn measures(&self, length: u32, time: Timestamp) -> String {
        let since = (time - self.progress.start).max(0);
        format!("{}, {}", wording::bytes(length.into()), wording::duration(since))
    }
}

/// What curl's `ssl_msg_type` calls a handshake message.
fn message_name(handshake_type: HandshakeType) -> &'static str {
    match handshake_type {
        HandshakeType::HELLO_REQUEST => "Hello request",
        HandshakeType::CLIENT_HELLO => "Client hello",
        HandshakeType::SERVER_HELLO => "Server hello",
        HandshakeType::NEW_SESSION_TICKET => "Newsession Ticket",
        HandshakeType::END_OF_EARLY_DATA => "End of early data",
        HandshakeType::ENCRYPTED_EXTENSIONS => "Encrypted Extensions",
        HandshakeType::CERTIFICATE => "Certificate",
        HandshakeType::SERVER_KEY_EXCHANGE => "Server key exchange",
        HandshakeType::CERTIFICATE_REQUEST => "Request CERT",
        HandshakeType::SERVER_HELLO_DONE => "Server finished",
        HandshakeType::CERTIFICATE_VERIFY => "CERT verify",
        HandshakeType::CLIENT_KEY_EXCHANGE => "Client key exchange",
        HandshakeType::FINISHED => "Finished",
        HandshakeType::CERTIFICATE_STATUS => "Certificate Status",
        HandshakeType::SUPPLEMENTAL_DATA => "Supplemental data",
        HandshakeType::KEY_UPDATE => "Key update",
        HandshakeType(67) => "Next protocol",
        HandshakeType::MESSAGE_HASH => "Message hash",
        _ => "Unknown",
    }
}

/// `* text`, and behind it what is ours.
fn info(text: &str, behind: &str, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::new();
    line.add(Ink::Plain, format!("* {text}")).add(Ink::Faint, behind);
    line.write(settings, out)
}

/// The lines of a head, and the empty one that ends it.
fn write_head<'a>(
    mark: &str,
    lines: impl Iterator<Item = &'a str>,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    for text in lines.chain([""]) {
        let mut line = Line::new();
        line.add(Ink::Plain, format!("{mark} {text}"));
        line.write(settings, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    fn shown(script: &str) -> String {
        let mut view = Curl::new(Settings::default());
        let mut out = Vec::new();
        for event in told::events(script) {
            view.event(&event, &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn shows_a_tls12_handshake_as_curl_does() {
        insta::assert_snapshot!(shown(
            r"
            C> ClientHello(sni=a.test alpn=h2)
            S> ServerHello, Certificate(server root), ServerKeyExchange
            S> CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify(0403), ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\r\nHost: a.test\r\n\r\n)
            S> Data(HTTP/1.1 200 OK\r\nServer: x\x1b[2J\r\n\r\nWelcome)
            S> HelloRequest
            C> ClientHello
            S> ServerHello, Certificate(server), ServerHelloDone
            C> Alert(warning, close_notify), FIN
            "
        ));
    }

    #[test]
    fn says_what_openssl_does_not_know_behind_its_words() {
        insta::assert_snapshot!(shown(
            "
            C> ClientHello(sni=a.test)
            S> HelloRetryRequest
            C> ChangeCipherSpec, ClientHello(sni=a.test)
            S> ServerHello(1.3), ChangeCipherSpec, EncryptedExtensions, CertificateRequest(any)
            S> Certificate(server), CertificateVerify, Finished
            C> ChangeCipherSpec, Certificate(empty), Finished
            S> Alert(fatal, certificate_required)
            "
        ));
    }

    #[test]
    fn what_stays_sealed_is_not_left_out() {
        assert!(
            shown("C> ClientHello\nS> ServerHello, ServerHelloDone\nC> ChangeCipherSpec, Sealed(22,40)")
                .contains("* TLSv1.2 (OUT), TLS handshake, sealed: [40 bytes, 2.0 ms]\n")
        );
    }
}
