//! The head of a connection's block: which ends, which name, version and suite, and what the keys opened.

use std::io::{self, Write};
use std::net::SocketAddr;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::FrameNumber;

use super::{Ink, Line, Settings, paragraph};
use crate::wording;

/// Writes the head.
pub(super) fn write(
    connection: &Connection,
    files: &[String],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let arrow = if settings.ascii { "->" } else { "→" };
    let mut line = Line::new();
    line.add(Ink::Strong, format!("#{}", connection.id.0))
        .add(Ink::Plain, "  ")
        .add(Ink::Client, end(connection.client, "client"))
        .add(Ink::Plain, format!(" {arrow} "))
        .add(Ink::Server, end(connection.server, "server"));
    if let Observed::Seen(name) = &connection.initial().server_name {
        line.add(Ink::Plain, "  ").add(Ink::Strong, name);
    }
    for layer in &connection.tunnel {
        line.add(Ink::Faint, format!("  in {layer}"));
    }
    for preamble in &connection.preambles {
        line.add(Ink::Faint, format!("  {}", wording::preamble(preamble)));
    }
    let file = connection.first_frame.map_or(0, FrameNumber::file);
    if let Some(file) = files.get(usize::from(file)) {
        line.add(Ink::Faint, format!("  ({file})"));
    }
    line.write(settings, out)?;
    paragraph(4, (Ink::Plain, ""), Ink::Plain, &facts(connection).join(", "), settings, out)
}

/// An address; of an end that a printout does not name, its role.
fn end(address: SocketAddr, role: &str) -> String {
    match (address.ip().is_unspecified(), address.port()) {
        (true, 0) => role.to_owned(),
        (false, 0) => address.ip().to_string(),
        _ => address.to_string(),
    }
}

/// What was agreed on, as far as it is known.
fn facts(connection: &Connection) -> Vec<String> {
    let handshake = connection.initial();
    let mut facts = Vec::new();
    match &handshake.version {
        Observed::Seen(version) => facts.push(version.to_string()),
        Observed::NotSent => facts.push("no version agreed".to_owned()),
        Observed::Hidden(why) => facts.push(format!("version unknown: {why}")),
    }
    if let Observed::Seen(suite) = &handshake.cipher_suite {
        facts.push(suite.to_string());
    }
    if let Observed::Seen(alpn) = &handshake.alpn {
        facts.push(format!("ALPN {alpn}"));
    }
    if let Observed::Seen(resumption) = &handshake.resumption {
        facts.push(wording::resumption(*resumption).to_owned());
    }
    if let Some(origin) = connection.decrypted_with {
        facts.push(wording::secret_origin(origin).to_owned());
    }
    facts
}
