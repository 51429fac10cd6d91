//! The ladder: who said what, when, in which frame, with an arrow in the direction it went.

use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, HandshakeKind, Step, StepKind};
use mtlscope_dissect::event::{Closed, ClosedWhy, Protection, SealedRecord, TransportEnd};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::preamble::Preamble;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{ContentType, HandshakeType};

use super::{Ink, Line, Settings, hex, message, tree};
use crate::wording;

/// Writes every step of a connection. `files`: those that are read as one, where they are to be named.
pub(super) fn write(
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
        let run = 1 + rest.iter().take_while(|next| is_sealed_alike(step, next)).count();
        let (run, rest) = steps.split_at(run);
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
    if connection.steps.iter().any(is_encrypted) {
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

/// Whether two steps are sealed records that can share a line.
fn is_sealed_alike(one: &Step, other: &Step) -> bool {
    match (&one.kind, &other.kind) {
        (StepKind::Sealed(a), StepKind::Sealed(b)) => {
            one.side == other.side
                && one.handshake == other.handshake
                && one.frame.map(FrameNumber::file) == other.frame.map(FrameNumber::file)
                && a.content_type == ContentType::APPLICATION_DATA
                && a.content_type == b.content_type
        }
        _ => false,
    }
}

fn is_encrypted(step: &Step) -> bool {
    match step.kind.protection() {
        Some(protection) => protection != Protection::Plain || is_data(step),
        None => matches!(step.kind, StepKind::Sealed(_)),
    }
}

fn is_data(step: &Step) -> bool {
    matches!(step.kind, StepKind::HttpRequest(_) | StepKind::HttpStatus(_) | StepKind::ApplicationData(..))
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
    let dash = match (is_encrypted(step), settings.ascii) {
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
    match &step.kind {
        StepKind::Message(message) => {
            line.add(message_ink(message), message::name(message));
            let detail = message::detail(message);
            if !detail.is_empty() {
                line.add(Ink::Plain, format!(": {detail}"));
            }
        }
        StepKind::MessageHead(head) => {
            line.add(Ink::Strong, format!("{} ({})", head.name, head.handshake_type.0));
        }
        StepKind::ChangeCipherSpec(..) => {
            line.add(Ink::Faint, "ChangeCipherSpec");
        }
        StepKind::Alert(alert, ..) => {
            let ink = if wording::complains(alert) { Ink::Bad } else { Ink::Faint };
            line.add(ink, format!("Alert: {}", wording::alert(alert)));
        }
        StepKind::Heartbeat(heartbeat, ..) => {
            let ink = if heartbeat.overreaches() { Ink::Bad } else { Ink::Faint };
            line.add(ink, format!("Heartbeat: {heartbeat}"));
        }
        StepKind::Sealed(record) => {
            line.add(Ink::Faint, sealed(record, run));
        }
        StepKind::HttpRequest(request) => {
            line.add(Ink::Plain, &request.line);
        }
        StepKind::HttpStatus(status) => {
            let ink = if status.code >= 400 { Ink::Bad } else { Ink::Good };
            line.add(ink, &status.line);
        }
        StepKind::ApplicationData(_, _, Protection::Attested) => {
            line.add(Ink::Faint, "Application data");
        }
        StepKind::ApplicationData(_, length, _) => {
            line.add(Ink::Faint, format!("Application data: {}", wording::bytes((*length).into())));
        }
        StepKind::TransportEnd(TransportEnd::Fin) => {
            line.add(Ink::Faint, "closes the TCP connection (FIN)");
        }
        StepKind::TransportEnd(TransportEnd::Reset) => {
            line.add(Ink::Bad, "resets the TCP connection (RST)");
        }
        _ => {
            line.add(Ink::Faint, "something this view does not know");
        }
    }
    if step.kind.protection() == Some(Protection::Attested) {
        line.add(Ink::Doubtful, "  (says a comment)");
    }
}

/// What client authentication is about stands out.
fn message_ink(message: &Message) -> Ink {
    match (message.handshake_type, message.evidence.side) {
        (HandshakeType::CERTIFICATE_REQUEST, _)
        | (
            HandshakeType::CERTIFICATE
            | HandshakeType::COMPRESSED_CERTIFICATE
            | HandshakeType::CERTIFICATE_VERIFY,
            Side::Client,
        ) => Ink::Identity,
        _ => Ink::Strong,
    }
}

/// `Encrypted record: 281 bytes`, or several in one line.
fn sealed(record: &SealedRecord, run: &[Step]) -> String {
    const LENGTHS_SHOWN: usize = 6;
    let what = match record.content_type {
        ContentType::HANDSHAKE => "Encrypted handshake message",
        ContentType::ALERT => "Encrypted alert",
        _ => "Encrypted record",
    };
    let lengths: Vec<u64> = run
        .iter()
        .filter_map(|step| match &step.kind {
            StepKind::Sealed(record) => Some(u64::from(record.length)),
            _ => None,
        })
        .collect();
    let text = match lengths.as_slice() {
        [] | [_] => return format!("{what}: {}", wording::bytes(record.length.into())),
        few if few.len() <= LENGTHS_SHOWN => {
            let few: Vec<String> = few.iter().map(|length| wording::grouped(*length)).collect();
            format!("{} encrypted records: {} bytes", few.len(), few.join(", "))
        }
        many => format!("{} encrypted records: {}", many.len(), wording::bytes(many.iter().sum())),
    };
    match run {
        [first, .., last] if first.frame != last.frame => match last.frame {
            Some(frame) => format!("{text}, to frame {frame}"),
            None => text,
        },
        _ => text,
    }
}

fn write_end(
    connection: &Connection,
    closed: &Closed,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let margin = margin(connection);
    let [client, server] = closed.records_untold;
    if client + server > 0 {
        let mut line = Line::new();
        line.add(
            Ink::Faint,
            format!(
                "{margin}and {} more records from the client, {} from the server",
                wording::grouped(client),
                wording::grouped(server)
            ),
        );
        line.write(settings, out)?;
    }
    let why = match closed.why {
        ClosedWhy::Ended => return Ok(()),
        ClosedWhy::InputEnds if connection.printed.is_some() => return Ok(()),
        ClosedWhy::InputEnds => "the capture ends here",
        ClosedWhy::PortsReused => "the same ports began a new connection here",
        ClosedWhy::LetGo => "not followed further: a limit was reached",
    };
    let mut line = Line::new();
    line.add(Ink::Faint, format!("{margin}({why})"));
    line.write(settings, out)
}
