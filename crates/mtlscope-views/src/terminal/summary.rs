//! The head of a connection's block: which ends, which name, version and suite, and what the keys opened.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::FrameNumber;

use super::{Ink, Line, Settings, paragraph};
use crate::wording::{self, connection as words};

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
        .add(Ink::Client, words::end(connection.client, "client"))
        .add(Ink::Plain, format!(" {arrow} "))
        .add(Ink::Server, words::end(connection.server, "server"));
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
    paragraph(4, (Ink::Plain, ""), Ink::Plain, &words::facts(connection).join(", "), settings, out)
}
