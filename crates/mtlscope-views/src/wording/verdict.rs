//! The verdict in words: who refused whom, at which message and by which means; and what became of the client's certificate.

use mtlscope_diagnose::connection::{Connection, Handshake, Means, Outcome, Party, Step, StepKind, Verdict};
use mtlscope_diagnose::keyless::Reception;
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::ContentType;

use super::{self as wording, count, inferred, message};

/// The verdict in one word.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "Accepted",
        Verdict::Refused => "Refused",
        Verdict::Incomplete => "Incomplete",
        Verdict::Unknown => "Unknown",
    }
}

/// One or two sentences on how the connection came out: completes the word.
pub(crate) fn sentence(connection: &Connection) -> String {
    let outcome = &connection.outcome;
    let at = in_frame(outcome.frame);
    match (outcome.verdict, outcome.by, outcome.means) {
        (Verdict::Accepted, _, Some(Means::Http)) => match &connection.http_status {
            Some(status) => {
                format!("the handshake was completed, and the server answered {}{at}.", status.line)
            }
            None => format!("the handshake was completed, and the server answered{at}."),
        },
        (Verdict::Accepted, ..) if outcome.inferred => {
            "the handshake was completed and nobody refused, by all likelihood: what follows is encrypted."
                .to_owned()
        }
        (Verdict::Accepted, ..) => "the handshake was completed, and nobody refused.".to_owned(),
        (Verdict::Refused, Some(Party::Side(side)), means) if outcome.inferred => {
            format!("{} So it is by all likelihood.", refused(connection, side, means))
        }
        (Verdict::Refused, Some(Party::Side(side)), means) => refused(connection, side, means),
        (Verdict::Refused, ..) => format!("the connection broke off{at}."),
        (Verdict::Incomplete, by, means) => {
            let how = match means {
                Some(Means::Fin) => format!("{} closed the TCP connection{at}", party(by)),
                Some(Means::Reset) => format!("{} reset the TCP connection{at}", party(by)),
                Some(Means::Alert) => format!("{} sent an alert{at}", party(by)),
                Some(Means::Timeout) => "no more packets came".to_owned(),
                Some(Means::Http | Means::Log) | None => "the capture ends, or lacks a part".to_owned(),
            };
            format!("the handshake is not seen to its end: {how}.")
        }
        (Verdict::Unknown, ..) => "what is visible does not tell how this came out.".to_owned(),
    }
}

fn refused(connection: &Connection, side: Side, means: Option<Means>) -> String {
    let outcome = &connection.outcome;
    let at = in_frame(outcome.frame);
    let after = after(connection, side);
    match means {
        Some(Means::Alert) => match alert_of(connection, outcome, side) {
            Some(alert) => {
                let meaning = wording::alert_meaning(alert.description)
                    .map(|meaning| format!(" It says that {meaning}."))
                    .unwrap_or_default();
                format!("by the {side}, with alert {}{at}{after}.{meaning}", wording::alert(alert))
            }
            None => format!("by the {side}, with an encrypted alert{at}{after}."),
        },
        Some(Means::Http) => match (connection.refusal_of_http2(), &connection.http_status) {
            (Some((ending, _)), _) => {
                format!("by the {side}, after the handshake was completed, with {ending}{at}.")
            }
            (None, Some(status)) if connection.is_without_tls() => {
                format!("by the {side}, to which the client does not speak TLS, with {}{at}.", status.line)
            }
            (None, Some(status)) => {
                format!("by the {side}, after the handshake was completed, with {}{at}.", status.line)
            }
            (None, None) => format!("by the {side}, after the handshake was completed, in HTTP{at}."),
        },
        Some(Means::Fin) => {
            format!("by the {side}, which closed the TCP connection without an alert{at}{after}.")
        }
        Some(Means::Reset) => {
            format!("by the {side}, which reset the TCP connection without an alert{at}{after}.")
        }
        Some(Means::Timeout) => format!("by the {side}, which fell silent{after}."),
        Some(Means::Log) => format!("by the {side}, as its log says."),
        None => format!("by the {side}{at}{after}."),
    }
}

fn party(by: Option<Party>) -> String {
    match by {
        Some(Party::Side(side)) => format!("the {side}"),
        Some(Party::Network) => "something on the way".to_owned(),
        None => "somebody".to_owned(),
    }
}

fn in_frame(frame: Option<FrameNumber>) -> String {
    frame.map(|frame| format!(" in frame {frame}")).unwrap_or_default()
}

/// The place of the step in which somebody refused.
pub(crate) fn refusing_step(connection: &Connection) -> Option<usize> {
    let outcome = &connection.outcome;
    match (outcome.verdict, outcome.by) {
        (Verdict::Refused, Some(Party::Side(side))) => refusal(connection, outcome, side),
        _ => None,
    }
}

/// The step in which a side refused.
fn refusal(connection: &Connection, outcome: &Outcome, side: Side) -> Option<usize> {
    if outcome.inferred
        && let Some(inference) = &connection.handshakes.last()?.inferred
        && let Some(Reception::Refused { step, .. }) = inference.reception.known()
    {
        // Where there are no frames, nothing else tells one sealed record from another.
        return Some(*step);
    }
    connection.steps.iter().position(|step| {
        step.side == side
            && step.frame == outcome.frame
            && match (&step.kind, outcome.means) {
                (StepKind::Alert(alert, ..), Some(Means::Alert)) => wording::complains(alert),
                (StepKind::Sealed(_), Some(Means::Alert)) => true,
                (StepKind::TransportEnd(_), Some(Means::Fin | Means::Reset)) => true,
                _ => false,
            }
    })
}

fn alert_of<'a>(connection: &'a Connection, outcome: &Outcome, side: Side) -> Option<&'a Alert> {
    match &connection.steps.get(refusal(connection, outcome, side)?)?.kind {
        StepKind::Alert(alert, ..) => Some(alert),
        _ => None,
    }
}

/// `, 0.3 ms after the client's Finished`: the last thing that the other side had said.
fn after(connection: &Connection, side: Side) -> String {
    let said = |place: usize| {
        let refusal = connection.steps.get(place)?;
        let before = connection.steps.get(..place)?;
        let last = before.iter().rev().find(|step| step.side != side && spoken(step).is_some())?;
        let waited = match connection.printed {
            // A printout has no times.
            Some(_) => String::new(),
            None => format!("{} ", wording::duration(refusal.time - last.time)),
        };
        Some(format!(", {waited}after the {}'s {}", last.side, spoken(last)?))
    };
    refusal(connection, &connection.outcome, side).and_then(said).unwrap_or_default()
}

fn spoken(step: &Step) -> Option<String> {
    match &step.kind {
        StepKind::Message(message) => Some(message::name(message)),
        StepKind::Sealed(record) if record.content_type == ContentType::HANDSHAKE => {
            Some("encrypted handshake message".to_owned())
        }
        StepKind::Sealed(_) => Some("encrypted record".to_owned()),
        StepKind::HttpRequest(_) => Some("HTTP request".to_owned()),
        _ => None,
    }
}

/// What is said where some of it is known by comments only.
pub(crate) const TESTIMONY: &str =
    "what comments in the capture say of packets that hide it (marked above) is taken on trust.";

/// Whether it was asked for, what was answered, and whether the key was shown to be there.
pub(crate) fn client_certificate(handshake: &Handshake) -> String {
    let request = match &handshake.request {
        Observed::NotSent => return "not asked for.".to_owned(),
        Observed::Hidden(why) => {
            return match &handshake.inferred {
                Some(inference) => inferred::sentence(inference),
                None => format!("cannot tell whether it was asked for: {}.", wording::why(*why)),
            };
        }
        Observed::Seen(request) => request,
    };
    let wanted = match request.authorities.len() {
        _ if request.only_named => "from whom the printout does not say".to_owned(),
        0 => "from any authority".to_owned(),
        number => format!("from {}", count(number, "authority", "authorities")),
    };
    let asked = format!("asked for{}, {wanted}", in_frame(request.evidence.frame));
    let answer = match &handshake.answer {
        Observed::NotSent => return format!("{asked}; the client sent no answer."),
        Observed::Hidden(why) => {
            return format!("{asked}; the answer cannot be seen: {}.", wording::why(*why));
        }
        Observed::Seen(answer) => answer,
    };
    let at = in_frame(answer.evidence.frame);
    let Some(leaf) = answer.certificates.first() else {
        return match answer.unreadable {
            0 => format!("{asked}; the client answered{at} that it has none."),
            _ if request.only_named => format!("{asked}; the client sent one."),
            _ => format!("{asked}; the client answered{at} with something that is no X.509 certificate."),
        };
    };
    let proof = match &handshake.proof {
        Observed::Seen(proof) => {
            let how = match proof.checked {
                Some(SignatureCheck::Good) => "signed with its key, and the signature is right",
                Some(SignatureCheck::Bad) => "signed with another key than its certificate holds",
                _ => "signed with its key",
            };
            format!("and {how} (CertificateVerify{})", in_frame(proof.evidence.frame))
        }
        Observed::NotSent => "but did not sign with its key (no CertificateVerify)".to_owned(),
        Observed::Hidden(_) => "and cannot be seen to sign with its key".to_owned(),
    };
    format!("{asked}; the client sent {}{at} {proof}.", message::short_subject(leaf))
}
