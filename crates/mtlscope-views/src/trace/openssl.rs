//! The messages as `openssl s_client -msg` prints them: what each is, and all of its bytes in hex.
//!
//! ```text
//! >>> TLS 1.3, Handshake [length 0136], ClientHello
//!     01 00 01 32 03 03 ...
//! ```
//!
//! Two kinds of line of s_client are missing here: `RecordHeader` and `InnerContent`, which are the envelopes and no messages.
//! As there, the peer's ChangeCipherSpec has no line, and a version is the one in force before the message.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::{Event, EventKind};
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{AlertLevel, ContentType, HandshakeType, ProtocolVersion};

use super::version_in_force::{self, Connections, VersionInForce};
use crate::View;
use crate::wording;

const BYTES_A_LINE: usize = 16;

/// Prints each handshake message, ChangeCipherSpec and alert with its bytes, as soon as it is seen. The dissector must have
/// been asked to keep the bytes of messages.
#[derive(Debug)]
pub struct Messages {
    /// The end that s_client would be.
    own: Side,
    connections: Connections<VersionInForce>,
}

impl Messages {
    /// As the client sees them.
    pub fn new() -> Self {
        Self { own: Side::Client, connections: Connections::new() }
    }

    fn write(
        &self,
        side: Side,
        version: Option<ProtocolVersion>,
        content: &str,
        details: &str,
        bytes: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let direction = if side == self.own { ">>>" } else { "<<<" };
        let version = version.map_or_else(|| "TLS".to_owned(), |version| version.to_string());
        writeln!(out, "{direction} {version}, {content} [length {:04x}]{details}", bytes.len())?;
        for row in bytes.chunks(BYTES_A_LINE) {
            let digits: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(out, "    {}", digits.join(" "))?;
        }
        // Whoever watches may wait for it.
        out.flush()
    }
}

impl Default for Messages {
    fn default() -> Self {
        Self::new()
    }
}

impl View for Messages {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        let Some(in_force) = version_in_force::of(&mut self.connections, event) else { return Ok(()) };
        match &event.kind {
            EventKind::Message(message) => {
                let version = in_force.pass(message);
                let name = message_name(message.handshake_type);
                let bytes = message.bytes.as_deref().unwrap_or_default();
                self.write(message.evidence.side, version, "Handshake", &name, bytes, out)
            }
            EventKind::ChangeCipherSpec { evidence, .. } if evidence.side == self.own => {
                let version = in_force.now();
                self.write(evidence.side, version, "ChangeCipherSpec", "", &[1], out)
            }
            EventKind::Alert { alert, evidence, .. } => {
                let version = in_force.now();
                let level = match alert.level {
                    AlertLevel::WARNING => ", warning",
                    AlertLevel::FATAL => ", fatal",
                    _ => ", ",
                };
                let details = format!("{level} {}", alert.description);
                let bytes = [alert.level.0, alert.description.0];
                self.write(evidence.side, version, "Alert", &details, &bytes, out)
            }
            EventKind::Sealed(record) if record.content_type != ContentType::APPLICATION_DATA => {
                let side = if record.evidence.side == self.own { ">>>" } else { "<<<" };
                let length = wording::bytes(record.length.into());
                writeln!(out, "{side} {}, sealed: {length}", record.version)
            }
            _ => Ok(()),
        }
    }

    fn connection(&mut self, _: &Connection, _: &[Finding], _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// What s_client calls a handshake message, with the comma before it; `???` without one where it knows no name.
fn message_name(handshake_type: HandshakeType) -> String {
    match handshake_type {
        HandshakeType::CERTIFICATE_URL => ", CertificateUrl".to_owned(),
        known if known.name().is_some() => format!(", {known}"),
        _ => "???".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    #[test]
    fn shows_every_byte_of_each_message_as_s_client_does() {
        let mut out = Vec::new();
        let mut view = Messages::new();
        let script = "
            C> ClientHello(sni=a.test)
            S> ServerHello, ChangeCipherSpec, ServerHelloDone
            C> ChangeCipherSpec, Finished, Sealed(22,40)
            S> Alert(fatal, certificate_required)
        ";
        for event in told::events(script) {
            view.event(&event, &mut out).unwrap();
        }
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
