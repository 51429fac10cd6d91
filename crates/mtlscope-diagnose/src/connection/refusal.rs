//! Who refused whom, by which sign: the question that stands before every question about a certificate.
//!
//! The direction comes first. A client that refuses the server's certificate may use the same alert numbers as a server
//! that refuses the client's, and then nothing about the client's certificate is to blame.

use std::fmt;

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::AlertDescription;

use super::{Connection, Handshake, HttpStatus, Means, Party, Step, StepKind, Verdict};

/// A refusal: who, and how it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal<'a> {
    /// Who refused the other.
    pub by: Side,
    /// By which sign.
    pub sign: Sign<'a>,
    /// Where that is.
    pub evidence: Evidence,
}

/// By which sign a refusal shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign<'a> {
    /// An alert that can be read.
    Alert(Alert),
    /// An alert inside a record that stays sealed.
    SealedAlert,
    /// An answer on the layer above.
    Http(&'a HttpStatus),
    /// The end of the TCP connection, and no word.
    Closed(TransportEnd),
}

/// How a server took what the client answered to its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reception<'a> {
    /// It refused, by a sign that can mean the answer.
    Refused(Refusal<'a>),
    /// It went on.
    Accepted,
    /// It was not told, or cannot be seen.
    Untold,
}

impl Connection {
    /// The refusal that ended the connection, if one can be seen.
    pub fn refusal(&self) -> Option<Refusal<'_>> {
        match (self.outcome.verdict, self.outcome.by, self.outcome.means) {
            (Verdict::Refused, Some(Party::Side(by)), Some(Means::Alert)) => Some(self.refusal_by_alert(by)),
            (Verdict::Refused, Some(Party::Side(by)), Some(Means::Fin)) => Some(self.refusal_by_close(by)),
            (Verdict::Refused, Some(Party::Side(by)), Some(Means::Reset)) => Some(self.refusal_by_close(by)),
            _ => self.refusal_by_http().or_else(|| self.refusal_by_silence()),
        }
    }

    /// How the server took the client's answer in this handshake. `None` where the question does not arise: the client
    /// gave no answer that can be seen, or the connection came to grief for another reason.
    pub fn reception(&self, handshake: &Handshake) -> Option<Reception<'_>> {
        handshake.answer.seen()?;
        match self.refusal() {
            Some(refusal) if refusal.by == Side::Server && refusal.sign.can_mean_the_certificate() => {
                Some(Reception::Refused(refusal))
            }
            Some(_) => None,
            None if self.outcome.verdict == Verdict::Accepted => Some(Reception::Accepted),
            None => Some(Reception::Untold),
        }
    }

    fn refusal_by_alert(&self, by: Side) -> Refusal<'_> {
        let alerts = || self.steps.iter().filter(|step| step.side == by).filter_map(complaint);
        let found = alerts().find(|(_, evidence)| evidence.frame == self.outcome.frame).or_else(|| alerts().next());
        match found {
            Some((alert, evidence)) => Refusal { by, sign: Sign::Alert(alert), evidence },
            None => Refusal {
                by,
                sign: Sign::SealedAlert,
                evidence: self.evidence_of_end(by, self.outcome.frame, self.end),
            },
        }
    }

    fn refusal_by_http(&self) -> Option<Refusal<'_>> {
        let status = self.http_status.as_ref()?;
        let refused = self.outcome.verdict == Verdict::Refused && self.outcome.means == Some(Means::Http);
        (refused || refuses(status.code)).then_some(Refusal {
            by: Side::Server,
            sign: Sign::Http(status),
            evidence: status.evidence,
        })
    }

    fn refusal_by_close(&self, by: Side) -> Refusal<'_> {
        let end = self.ends().find(|(step, _)| step.side == by);
        let how = match (end, self.outcome.means) {
            (Some((_, how)), _) => how,
            (None, Some(Means::Reset)) => TransportEnd::Reset,
            (None, _) => TransportEnd::Fin,
        };
        let (frame, time) = end.map_or((self.outcome.frame, self.end), |(step, _)| (step.frame, step.time));
        Refusal { by, sign: Sign::Closed(how), evidence: self.evidence_of_end(by, frame, time) }
    }

    /// A side that ends the connection in the middle of things, without a word, has refused what it was last shown: a
    /// server the client's answer, a client the server's certificate.
    fn refusal_by_silence(&self) -> Option<Refusal<'_>> {
        let (end, how) = self.ends().next()?;
        let asking = self.asking();
        let refused = match end.side {
            Side::Server => {
                let answer = asking.answer.seen()?;
                !self.steps.iter().any(|step| step.side == Side::Server && is_a_word(step, answer.evidence))
                    && !self.said_goodbye(Side::Server)
                    && !self.closed.is_some_and(|closed| closed.records_untold.iter().any(|count| *count > 0))
            }
            Side::Client => {
                let shown = self.initial().server_identity.seen()?;
                !self.said_goodbye(Side::Client)
                    && !self.steps.iter().any(|step| {
                        step.side == Side::Client
                            && !matches!(step.kind, StepKind::TransportEnd(_) | StepKind::ChangeCipherSpec(..))
                            && step.time >= shown.evidence.time
                            && step.frame != self.initial().client_hello.seen().and_then(|hello| hello.frame)
                    })
            }
        };
        refused.then(|| Refusal {
            by: end.side,
            sign: Sign::Closed(how),
            evidence: self.evidence_of_end(end.side, end.frame, end.time),
        })
    }

    fn said_goodbye(&self, side: Side) -> bool {
        self.steps.iter().filter(|step| step.side == side).any(|step| match &step.kind {
            StepKind::Alert(alert, ..) => alert.description == AlertDescription::CLOSE_NOTIFY,
            _ => false,
        })
    }

    fn ends(&self) -> impl Iterator<Item = (&Step, TransportEnd)> {
        self.steps.iter().filter_map(|step| match step.kind {
            StepKind::TransportEnd(how) => Some((step, how)),
            _ => None,
        })
    }

    /// The place behind the last byte of a side.
    fn evidence_of_end(&self, side: Side, frame: Option<FrameNumber>, time: Timestamp) -> Evidence {
        let sent = self.closed.map_or(0, |closed| match side {
            Side::Client => closed.bytes[0],
            Side::Server => closed.bytes[1],
        });
        Evidence { first_frame: frame, frame, time, side, offset: sent, length: 0 }
    }
}

impl Sign<'_> {
    /// The alert, if it is one that can be read.
    pub fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::Alert(alert) => Some(alert.description),
            Self::SealedAlert | Self::Http(_) | Self::Closed(_) => None,
        }
    }

    /// Whether it is one of these alerts.
    pub fn is_alert(&self, alerts: &[AlertDescription]) -> bool {
        self.alert().is_some_and(|alert| alerts.contains(&alert))
    }

    /// Whether a server may mean the client's certificate, or the lack of one, by this. Stacks differ in the number, so
    /// only those are left out that speak of something else.
    fn can_mean_the_certificate(&self) -> bool {
        !self.is_alert(&[
            AlertDescription::UNEXPECTED_MESSAGE,
            AlertDescription::BAD_RECORD_MAC,
            AlertDescription::DECRYPTION_FAILED,
            AlertDescription::RECORD_OVERFLOW,
            AlertDescription::DECOMPRESSION_FAILURE,
            AlertDescription::PROTOCOL_VERSION,
            AlertDescription::INSUFFICIENT_SECURITY,
            AlertDescription::INAPPROPRIATE_FALLBACK,
            AlertDescription::NO_RENEGOTIATION,
            AlertDescription::MISSING_EXTENSION,
            AlertDescription::UNSUPPORTED_EXTENSION,
            AlertDescription::UNRECOGNIZED_NAME,
            AlertDescription::UNKNOWN_PSK_IDENTITY,
            AlertDescription::NO_APPLICATION_PROTOCOL,
            AlertDescription::ECH_REQUIRED,
        ])
    }
}

/// What was done, in the past tense, with the frame: `sent alert 48 (unknown_ca) in frame 11`.
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sign {
            Sign::Alert(alert) => write!(f, "sent alert {} ({})", alert.description.0, alert.description)?,
            Sign::SealedAlert => f.write_str("sent an alert that cannot be read")?,
            Sign::Http(status) => write!(f, "answered HTTP {}", status.code)?,
            Sign::Closed(TransportEnd::Fin) => f.write_str("closed the connection without an alert")?,
            Sign::Closed(TransportEnd::Reset) => f.write_str("reset the connection without an alert")?,
        }
        match self.evidence.frame {
            Some(frame) => write!(f, " in frame {frame}"),
            None => Ok(()),
        }
    }
}

/// The alert of this step, if it complains.
fn complaint(step: &Step) -> Option<(Alert, Evidence)> {
    match &step.kind {
        StepKind::Alert(alert, evidence, _)
            if ![
                AlertDescription::CLOSE_NOTIFY,
                AlertDescription::USER_CANCELED,
                AlertDescription::NO_CERTIFICATE,
            ]
            .contains(&alert.description) =>
        {
            Some((*alert, *evidence))
        }
        _ => None,
    }
}

/// Whether the server says something with this step, after the client's answer, by which it takes that answer.
fn is_a_word(step: &Step, answer: Evidence) -> bool {
    step.time >= answer.time
        && match &step.kind {
            StepKind::ApplicationData(..) | StepKind::Sealed(_) => true,
            StepKind::HttpStatus(status) => status.code >= 200,
            _ => false,
        }
}

/// Whether a server refuses the client by this status. 495 and 496 are nginx's own, for a certificate that failed and
/// for none; it sends 400 in their place unless `error_page` says otherwise.
fn refuses(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 495 | 496)
}
