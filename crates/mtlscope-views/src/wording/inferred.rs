//! What the sizes of encrypted records tell of the client's certificate, in words.

use mtlscope_diagnose::keyless::{
    Answer, Candidate, Conclusion, Inference, Sent, Ticket, TicketSays, Unclear,
};
use mtlscope_dissect::evidence::Evidence;

use super::{self as wording, count, message};

/// Candidates named in a sentence.
const NAMED: usize = 4;

/// Whether it was asked for, and what was answered, as far as sizes tell.
pub(crate) fn sentence(inference: &Inference) -> String {
    let asked = match &inference.request.value {
        Ok(false) => return "not asked for, by the sizes of encrypted records.".to_owned(),
        Err(why) => {
            return format!(
                "cannot tell whether it was asked for: it is encrypted, and from sizes alone {why}."
            );
        }
        Ok(true) => "by the sizes of encrypted records, asked for",
    };
    let at = in_frame(inference.answer_evidence.as_ref());
    match &inference.answer.value {
        Ok(Answer::None) => format!("{asked}; the client sent no answer."),
        Ok(Answer::Empty) => format!("{asked}; the client answered{at} that it has none."),
        Ok(Answer::Certificate(sent)) => {
            format!("{asked}; the client sent {}{at}.{}", size(sent), named(&inference.candidates))
        }
        Err(why) => format!("{asked}; the answer cannot be told: {why}."),
    }
}

/// What could not be concluded, and why.
pub(crate) fn unclear(inference: &Inference) -> Vec<(&'static str, Unclear)> {
    fn one<T>(what: &'static str, conclusion: &Conclusion<T>) -> Option<(&'static str, Unclear)> {
        Some((what, *conclusion.value.as_ref().err()?))
    }
    [
        one("Whether it was asked for", &inference.request),
        one("The answer", &inference.answer),
        one("How the server took it", &inference.reception),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a ticket says of it.
pub(crate) fn said_of(ticket: &Ticket) -> String {
    match ticket.says {
        TicketSays::Grew(bytes) => format!(
            "The server's tickets grew by {} behind the certificate: it kept it.",
            wording::bytes(bytes.into())
        ),
        TicketSays::HasRoom(bytes) => format!(
            "The ticket of {} has room for the certificate: the server may have kept it, which does not say that it approves of it.",
            wording::bytes(bytes.into())
        ),
        TicketSays::HasNoRoom(bytes) => format!(
            "The ticket of {} has no room for a certificate: the server keeps sessions elsewhere, or forgets who the client was.",
            wording::bytes(bytes.into())
        ),
        TicketSays::Offered(bytes) => {
            format!("The client resumed with a ticket of {}.", wording::bytes(bytes.into()))
        }
    }
}

/// What was sent, by its size.
fn size(sent: &Sent) -> String {
    match sent.fits.as_slice() {
        [fit] => {
            let key = fit.key.map(|key| format!(", and signed with {key}")).unwrap_or_default();
            let list = match fit.least == fit.greatest {
                true => wording::bytes(fit.least.into()),
                false => format!(
                    "{} to {}",
                    wording::grouped(fit.least.into()),
                    wording::bytes(fit.greatest.into())
                ),
            };
            format!(
                "certificates of {list} in all (DER and {} each){key}",
                wording::bytes(sent.per_certificate.into())
            )
        }
        _ => match sent.unclear {
            Some(why) => format!("a certificate, whose size cannot be told ({why})"),
            None => "a certificate together with its proof, so that its size depends on its key".to_owned(),
        },
    }
}

/// The files whose certificates fit.
fn named(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let one = |candidate: &Candidate| {
        let with = match candidate.issuers {
            0 => String::new(),
            issuers => format!(" with {}", count(issuers, "issuer", "issuers")),
        };
        format!("{} ({}){with}", candidate.file, message::short_subject(&candidate.certificate))
    };
    let names: Vec<String> = candidates.iter().take(NAMED).map(one).collect();
    let more = match candidates.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {}", count(more, "more", "more")),
    };
    format!(" That is the size of {}{more}.", names.join(", "))
}

fn in_frame(evidence: Option<&Evidence>) -> String {
    let frame = evidence.and_then(|evidence| evidence.frame);
    frame.map(|frame| format!(" in frame {frame}")).unwrap_or_default()
}
