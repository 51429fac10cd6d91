//! A step of the ladder in words: its name, what matters in it, and how it strikes the eye.

use mtlscope_diagnose::connection::{Connection, Step, StepKind};
use mtlscope_dissect::event::{Closed, ClosedWhy, Protection, SealedRecord, TransportEnd};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{ContentType, HandshakeType};

use super::{self as wording, message};

/// How a step strikes the eye.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    Plain,
    /// Aside from the point.
    Faint,
    /// A message of the handshake.
    Strong,
    /// What client authentication is about.
    Identity,
    Good,
    Bad,
}

/// What was said or done: `CertificateRequest (13)`, `Alert: fatal unknown_ca (48)`, `2 encrypted records: 27, 1,200
/// bytes`. `run`: the steps that share the line, this one first.
pub(crate) fn name(step: &Step, run: &[Step]) -> String {
    match &step.kind {
        StepKind::Message(message) => message::name(message),
        StepKind::MessageHead(head) => format!("{} ({})", head.name, head.handshake_type.0),
        StepKind::ChangeCipherSpec(..) => "ChangeCipherSpec".to_owned(),
        StepKind::Alert(alert, ..) => format!("Alert: {}", wording::alert(alert)),
        StepKind::Heartbeat(heartbeat, ..) => format!("Heartbeat: {heartbeat}"),
        StepKind::Sealed(record) => sealed(record, run),
        StepKind::HttpRequest(request) => request.line.clone(),
        StepKind::HttpStatus(status) => status.line.clone(),
        StepKind::Http2Ending(ending, ..) => ending.to_string(),
        StepKind::ApplicationData(_, _, Protection::Attested) => "Application data".to_owned(),
        StepKind::ApplicationData(_, length, _) => {
            format!("Application data: {}", wording::bytes((*length).into()))
        }
        StepKind::TransportEnd(TransportEnd::Fin) => "closes the TCP connection (FIN)".to_owned(),
        StepKind::TransportEnd(TransportEnd::Reset) => "resets the TCP connection (RST)".to_owned(),
        _ => "something this view does not know".to_owned(),
    }
}

/// What matters in it; empty where its name says all.
pub(crate) fn detail(step: &Step) -> String {
    match &step.kind {
        StepKind::Message(message) => message::detail(message),
        _ => String::new(),
    }
}

/// How it strikes the eye.
pub(crate) fn tone(step: &Step) -> Tone {
    match &step.kind {
        StepKind::Message(message) => message_tone(message),
        StepKind::MessageHead(_) => Tone::Strong,
        StepKind::Alert(alert, ..) if wording::complains(alert) => Tone::Bad,
        StepKind::Heartbeat(heartbeat, ..) if heartbeat.overreaches() => Tone::Bad,
        StepKind::Http2Ending(ending, ..) if ending.complains() => Tone::Bad,
        StepKind::HttpRequest(_) => Tone::Plain,
        StepKind::HttpStatus(status) if status.code >= 400 => Tone::Bad,
        StepKind::HttpStatus(_) => Tone::Good,
        StepKind::TransportEnd(TransportEnd::Reset) => Tone::Bad,
        _ => Tone::Faint,
    }
}

/// What client authentication is about stands out.
fn message_tone(message: &Message) -> Tone {
    match (message.handshake_type, message.evidence.side) {
        (HandshakeType::CERTIFICATE_REQUEST, _)
        | (
            HandshakeType::CERTIFICATE
            | HandshakeType::COMPRESSED_CERTIFICATE
            | HandshakeType::CERTIFICATE_VERIFY,
            Side::Client,
        ) => Tone::Identity,
        _ => Tone::Strong,
    }
}

/// How many steps share a line with this one, itself counted; `rest`: those that follow it.
pub(crate) fn run(step: &Step, rest: &[Step]) -> usize {
    1 + rest.iter().take_while(|next| is_sealed_alike(step, next)).count()
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

/// Whether it travelled encrypted, opened or not.
pub(crate) fn is_encrypted(step: &Step) -> bool {
    match step.kind.protection() {
        Some(protection) => protection != Protection::Plain,
        None => matches!(step.kind, StepKind::Sealed(_)),
    }
}

/// Whether only a comment in the capture says so.
pub(crate) fn is_attested(step: &Step) -> bool {
    step.kind.protection() == Some(Protection::Attested)
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

/// What stands below the last step: what was not told one by one, and why nothing more comes.
pub(crate) fn end(connection: &Connection, closed: &Closed) -> Vec<String> {
    let mut words = Vec::new();
    let [client, server] = closed.records_untold;
    if client + server > 0 {
        words.push(format!(
            "and {} more records from the client, {} from the server",
            wording::grouped(client),
            wording::grouped(server)
        ));
    }
    let why = match closed.why {
        ClosedWhy::Ended => None,
        ClosedWhy::InputEnds if connection.printed.is_some() => None,
        ClosedWhy::InputEnds => Some("(the capture ends here)"),
        ClosedWhy::PortsReused => Some("(the same ports began a new connection here)"),
        ClosedWhy::LetGo => Some("(not followed further: a limit was reached)"),
        ClosedWhy::Silent => Some("(not followed further: nothing more came)"),
    };
    words.extend(why.map(str::to_owned));
    words
}
