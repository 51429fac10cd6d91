//! The ladder: who said what, when, in which frame, with an arrow in the direction it went.

use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, HandshakeKind, Step, StepKind};
use mtlscope_dissect::event::Closed;
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::preamble::Preamble;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::message::Message;

use super::{Ink, Line, Settings, hex, tree};
use crate::wording;
use crate::wording::step::{self as words, Tone};

/// Writes every step of a connection. `files`: those that are read as one, where they are to be named.
pub(crate) fn write(
    connection: &Connection,
    files: &[String],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    head(connection, settings).write(settings, out)?;
    for preamble in &connection.preambles {
        write_preamble(connection, preamble, settings, out)?;
    }
    let mut section = 0;
    let mut file = connection.first_frame.map(FrameNumber::file);
    let mut steps = connection.steps.as_slice();
    while let Some((step, rest)) = steps.split_first() {
        if let Some(frame) = step.frame
            && file.replace(frame.file()) != Some(frame.file())
            && let Some(name) = files.get(usize::from(frame.file()))
        {
            let mut line = Line::new();
            line.add(Ink::Faint, format!("{}(frames of {name} from here on)", margin(connection)));
            line.write(settings, out)?;
        }
        if step.handshake != section {
            section = step.handshake;
            write_heading(connection, section, settings, out)?;
        }
        let (run, rest) = steps.split_at(words::run(step, rest));
        write_run(connection, step, run, settings, out)?;
        steps = rest;
    }
    match &connection.closed {
        Some(closed) => write_end(connection, closed, settings, out),
        None => Ok(()),
    }
}

fn head(connection: &Connection, settings: &Settings) -> Line {
    let mut line = Line::new();
    line.add(Ink::Faint, frame_column(connection, "frame"));
    if connection.printed.is_none() {
        line.add(Ink::Faint, format!("{:>9}  ", "ms"));
    }
    line.add(Ink::Client, "client").add(Ink::Faint, " ").add(Ink::Server, "server");
    if connection.steps.iter().any(words::is_encrypted) {
        line.add(Ink::Faint, if settings.ascii { "   = encrypted" } else { "   ═ encrypted" });
    }
    line
}

/// The column of frames; a live connection has none.
fn frame_column(connection: &Connection, text: &str) -> String {
    match connection.first_frame {
        Some(_) => format!("{text:>7}  "),
        None => "  ".to_owned(),
    }
}

/// What stands before a line that is no step.
fn margin(connection: &Connection) -> String {
    let times = if connection.printed.is_none() { 11 } else { 0 };
    " ".repeat(frame_column(connection, "").len() + times)
}

fn write_heading(
    connection: &Connection,
    section: usize,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(handshake) = connection.handshakes.get(section) else { return Ok(()) };
    if handshake.kind == HandshakeKind::Initial {
        return Ok(());
    }
    let mut line = Line::new();
    line.add(Ink::Plain, margin(connection)).add(Ink::Strong, wording::handshake_kind(handshake.kind));
    line.write(settings, out)
}

fn write_run(
    connection: &Connection,
    step: &Step,
    run: &[Step],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = Line::new();
    let frame = step.frame.map(|frame| frame.to_string()).unwrap_or_default();
    let column = frame_column(connection, &frame);
    line.add(Ink::Faint, column);
    if connection.printed.is_none() {
        line.add(Ink::Faint, format!("{:>9}  ", wording::milliseconds(step.time - connection.start)));
    }
    line.add(ink_of(step.side), arrow(step, settings)).add(Ink::Plain, "  ");
    if step.handshake > 0 {
        line.add(Ink::Plain, "  ");
    }
    describe(&mut line, step, run);
    line.write(settings, out)?;
    if let StepKind::Message(message) = &step.kind {
        if settings.fields {
            let handshake = connection.handshakes.get(step.handshake);
            tree::write(message, handshake, settings, out)?;
        }
        if settings.hex {
            write_hex(message, settings, out)?;
        }
    }
    Ok(())
}

/// What was said in clear before TLS, a line each.
fn write_preamble(
    connection: &Connection,
    preamble: &Preamble,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    for step in &preamble.steps {
        let Evidence { frame, time, side, .. } = step.evidence;
        let column = frame_column(connection, &frame.map(|frame| frame.to_string()).unwrap_or_default());
        let mut line = Line::new();
        line.add(Ink::Faint, format!("{column}{:>9}  ", wording::milliseconds(time - connection.start)))
            .add(ink_of(side), shaft(side, if settings.ascii { "-" } else { "─" }, settings))
            .add(Ink::Faint, format!("  {}: ", preamble.protocol))
            .add(Ink::Plain, &step.text);
        line.write(settings, out)?;
    }
    Ok(())
}

fn write_hex(message: &Message, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    match &message.bytes {
        Some(bytes) => hex::write(bytes, settings, out),
        None => Ok(()),
    }
}

fn ink_of(side: Side) -> Ink {
    match side {
        Side::Client => Ink::Client,
        Side::Server => Ink::Server,
    }
}

/// Thirteen columns, as wide as the words `client server` above it.
fn arrow(step: &Step, settings: &Settings) -> String {
    if matches!(step.kind, StepKind::TransportEnd(_)) {
        let dots = if settings.ascii { "." } else { "·" };
        return shaft(step.side, dots, settings);
    }
    let dash = match (words::is_encrypted(step), settings.ascii) {
        (true, true) => "=",
        (true, false) => "═",
        (false, true) => "-",
        (false, false) => "─",
    };
    shaft(step.side, dash, settings)
}

fn shaft(side: Side, dash: &str, settings: &Settings) -> String {
    let dashes = dash.repeat(12);
    match (side, settings.ascii) {
        (Side::Client, true) => format!("{dashes}>"),
        (Side::Client, false) => format!("{dashes}▶"),
        (Side::Server, true) => format!("<{dashes}"),
        (Side::Server, false) => format!("◀{dashes}"),
    }
}

fn describe(line: &mut Line, step: &Step, run: &[Step]) {
    let name = words::name(step, run);
    let ink = match words::tone(step) {
        Tone::Plain => Ink::Plain,
        Tone::Faint => Ink::Faint,
        Tone::Strong => Ink::Strong,
        Tone::Identity => Ink::Identity,
        Tone::Good => Ink::Good,
        Tone::Bad => Ink::Bad,
    };
    line.add(ink, name);
    let detail = words::detail(step);
    if !detail.is_empty() {
        line.add(Ink::Plain, format!(": {detail}"));
    }
    if words::is_attested(step) {
        line.add(Ink::Doubtful, "  (says a comment)");
    }
}

fn write_end(
    connection: &Connection,
    closed: &Closed,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let margin = margin(connection);
    for words in words::end(connection, closed) {
        let mut line = Line::new();
        line.add(Ink::Faint, format!("{margin}{words}"));
        line.write(settings, out)?;
    }
    Ok(())
}
