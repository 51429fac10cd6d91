//! The verdict where nobody can be read refusing: how far the handshake came, and who ended the connection first.

use mtlscope_dissect::event::{ClosedWhy, TransportEnd};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{AlertDescription, ContentType, HandshakeType};

use super::{Layer, Means, Outcome, Party, Verdict};
use crate::connection::{Connection, Handshake, HandshakeKind, Step, StepKind};
use crate::observed::{Observed, Why};

/// Nanoseconds for which packets may come without anything new, before it counts as silence.
const SILENCE: i64 = 5_000_000_000;

/// The verdict on a connection in which no refusal can be read.
pub(super) fn judge(connection: &Connection) -> Outcome {
    let Some(last) = connection.handshakes.last() else { return Outcome::UNKNOWN };
    let progress = Progress::of(connection, last);
    // A status counts for the handshakes before it, not for one that came later and failed.
    if let Some(status) = &connection.http_status
        && (!matches!(progress, Progress::Incomplete)
            || last.kind == HandshakeKind::Initial
            || is_told_in(connection, last))
    {
        return accepted(Layer::Http, status.evidence.frame);
    }
    match progress {
        Progress::Complete => completed(connection, last),
        Progress::Incomplete => ended_early(connection, last),
        Progress::CutOff => cut_off(connection),
        Progress::Unclear => Outcome::UNKNOWN,
    }
}

/// How far a handshake came.
enum Progress {
    /// To its end.
    Complete,
    /// Certainly not to its end.
    Incomplete,
    /// As far as the capture goes.
    CutOff,
    /// Cannot tell.
    Unclear,
}

impl Progress {
    fn of(connection: &Connection, handshake: &Handshake) -> Self {
        let is_before_tls13 = handshake.version.seen().is_some_and(|version| !version.is_tls13());
        if handshake.kind == HandshakeKind::Renegotiation && !handshake.client_hello.is_seen() {
            let is_done = handshake.client_finished.is_seen() && handshake.server_finished.is_seen();
            return if is_done { Self::Complete } else { Self::Unclear };
        }
        // Before TLS 1.3 a server sends data only once it has taken the client's Finished.
        if is_before_tls13 && handshake.kind == HandshakeKind::Initial && server_sent_data(connection) {
            return Self::Complete;
        }
        let mut needed = vec![&handshake.client_finished];
        if handshake.kind != HandshakeKind::PostHandshake {
            needed.push(&handshake.server_finished);
        }
        if needed.iter().all(|finished| finished.is_seen()) {
            Self::Complete
        } else if needed.iter().any(|finished| finished.is_not_sent()) {
            Self::Incomplete
        } else if needed
            .iter()
            .any(|finished| matches!(finished, Observed::Hidden(why) if *why != Why::CaptureEnds))
        {
            Self::Unclear
        } else {
            Self::CutOff
        }
    }
}

/// The handshake is complete. Whether the client was accepted shows only where the server goes on.
fn completed(connection: &Connection, handshake: &Handshake) -> Outcome {
    let is_tls13 = handshake.version.seen().is_some_and(|version| version.is_tls13());
    let finished = [&handshake.client_finished, &handshake.server_finished]
        .into_iter()
        .filter_map(|finished| finished.seen())
        .filter_map(|evidence| evidence.frame)
        .max();
    let accepted = accepted(Layer::Tls, finished);
    // An alert inside a renegotiation of which nothing can be read may be a goodbye or a refusal.
    if handshake.kind == HandshakeKind::Renegotiation
        && !handshake.client_hello.is_seen()
        && sealed_alert(connection, handshake).is_some()
    {
        return Outcome::UNKNOWN;
    }
    if server_data_after(connection, handshake) {
        return accepted;
    }
    // The server has not said a word since. Where it ends the connection first, the request it had read goes unanswered.
    let end = first_end(connection).filter(|(step, _)| step.side == Side::Server);
    let has_asked = handshake.request.is_seen();
    let took_it = !is_tls13 || sent_ticket_after(connection, handshake);
    if let Some((step, how)) = end
        && (connection.http_request.is_some() || (has_asked && !took_it && !client_said_goodbye(connection)))
    {
        return refused_by_end(step, how);
    }
    let may_be_refused_unseen = is_tls13
        && has_asked
        && !took_it
        && (is_sealed_after(connection, handshake)
            || connection.closed.is_some_and(|closed| closed.why != ClosedWhy::Ended));
    if may_be_refused_unseen { Outcome::UNKNOWN } else { accepted }
}

/// The connection was over before the handshake was complete.
fn ended_early(connection: &Connection, handshake: &Handshake) -> Outcome {
    if let Some(step) = sealed_alert(connection, handshake) {
        return Outcome {
            verdict: Verdict::Incomplete,
            by: Some(Party::Side(step.side)),
            means: Some(Means::Alert),
            layer: Some(Layer::Tls),
            frame: step.frame,
            inferred: false,
        };
    }
    let Some((step, how)) = first_end(connection) else { return cut_off(connection) };
    let has_answered = handshake.answer.is_seen();
    if step.side == Side::Server && has_answered {
        return refused_by_end(step, how);
    }
    Outcome { verdict: Verdict::Incomplete, ..refused_by_end(step, how) }
}

/// The capture ends before the handshake does.
fn cut_off(connection: &Connection) -> Outcome {
    let nothing = Outcome { verdict: Verdict::Incomplete, ..Outcome::UNKNOWN };
    let last_news = connection.steps.last();
    match last_news {
        Some(step) if connection.end - step.time >= SILENCE => Outcome {
            by: Some(Party::Network),
            means: Some(Means::Timeout),
            layer: Some(Layer::Tcp),
            frame: step.frame,
            ..nothing
        },
        _ => nothing,
    }
}

fn accepted(layer: Layer, frame: Option<FrameNumber>) -> Outcome {
    Outcome { verdict: Verdict::Accepted, by: None, means: None, layer: Some(layer), frame, inferred: false }
}

fn refused_by_end(step: &Step, how: TransportEnd) -> Outcome {
    Outcome {
        verdict: Verdict::Refused,
        by: Some(Party::Side(step.side)),
        means: Some(match how {
            TransportEnd::Fin => Means::Fin,
            TransportEnd::Reset => Means::Reset,
        }),
        layer: Some(Layer::Tcp),
        frame: step.frame,
        inferred: false,
    }
}

/// Which side ended the TCP connection first, and how.
fn first_end(connection: &Connection) -> Option<(&Step, TransportEnd)> {
    connection.steps.iter().find_map(|step| match step.kind {
        StepKind::TransportEnd(how) => Some((step, how)),
        _ => None,
    })
}

/// Whether the client ended the connection in TLS: a server that then closes has not refused.
fn client_said_goodbye(connection: &Connection) -> bool {
    connection.steps.iter().take_while(|step| !matches!(step.kind, StepKind::TransportEnd(_))).any(|step| {
        step.side == Side::Client
            && matches!(&step.kind, StepKind::Alert(alert, ..) if alert.description == AlertDescription::CLOSE_NOTIFY)
    })
}

fn is_told_in(connection: &Connection, handshake: &Handshake) -> bool {
    connection.steps_of(handshake).any(|step| matches!(step.kind, StepKind::HttpStatus(_)))
}

fn server_sent_data(connection: &Connection) -> bool {
    connection.steps.iter().any(|step| step.side == Side::Server && is_data(step))
}

fn is_data(step: &Step) -> bool {
    match &step.kind {
        StepKind::HttpRequest(_) | StepKind::Http2Ending(..) | StepKind::ApplicationData(..) => true,
        // An interim response is no answer yet.
        StepKind::HttpStatus(status) => status.code >= 200,
        StepKind::Sealed(record) => record.content_type == ContentType::APPLICATION_DATA,
        _ => false,
    }
}

/// The steps behind the client's Finished.
fn after_client_finished<'a>(
    connection: &'a Connection,
    handshake: &'a Handshake,
) -> impl Iterator<Item = &'a Step> {
    let finished = handshake.client_finished.seen();
    connection.steps.iter().skip_while(move |step| match (&step.kind, finished) {
        (StepKind::Sealed(record), Some(finished)) => record.evidence != *finished,
        (kind, Some(finished)) => kind.message().is_none_or(|message| message.evidence != *finished),
        _ => true,
    })
}

fn server_data_after(connection: &Connection, handshake: &Handshake) -> bool {
    let is_tls13 = handshake.version.seen().is_some_and(|version| version.is_tls13());
    after_client_finished(connection, handshake).any(|step| {
        // In TLS 1.3 a sealed record may be anything, an alert too.
        step.side == Side::Server && is_data(step) && !(is_tls13 && matches!(step.kind, StepKind::Sealed(_)))
    })
}

fn sent_ticket_after(connection: &Connection, handshake: &Handshake) -> bool {
    after_client_finished(connection, handshake).any(|step| {
        step.side == Side::Server
            && step
                .kind
                .message()
                .is_some_and(|message| message.handshake_type == HandshakeType::NEW_SESSION_TICKET)
    })
}

fn is_sealed_after(connection: &Connection, handshake: &Handshake) -> bool {
    after_client_finished(connection, handshake)
        .any(|step| step.side == Side::Server && matches!(step.kind, StepKind::Sealed(_)))
}

/// An alert that cannot be read, in a handshake that got no further.
fn sealed_alert<'a>(connection: &'a Connection, handshake: &'a Handshake) -> Option<&'a Step> {
    connection.steps_of(handshake).find(
        |step| matches!(step.kind, StepKind::Sealed(record) if record.content_type == ContentType::ALERT),
    )
}
