//! Who refused whom, by which sign: the question that stands before every question about a certificate.
//!
//! The direction comes first. A client that refuses the server's certificate may use the same alert numbers as a server
//! that refuses the client's, and then nothing about the client's certificate is to blame.

use std::fmt;

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::http2::Ending;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::AlertDescription;

use super::outcome::wants_http1;
use super::{Answer, Connection, Handshake, HttpStatus, Layer, Means, Party, Step, StepKind, Verdict};
use crate::finding::Severity;

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
    /// The end of a stream or the connection of HTTP/2, with an error.
    Http2(Ending),
    /// The end of the TCP connection, and no word.
    Closed(TransportEnd),
    /// Its own word, in a log.
    Log,
}

/// How a server took what the client answered to its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reception<'a> {
    /// It refused, by a sign that can mean the answer.
    Refused(Refusal<'a>),
    /// It went on, as far as this layer can be seen.
    Accepted(Layer),
    /// It was not told, or cannot be seen.
    Untold,
}

impl Connection {
    /// The refusal that ended the connection, if one can be seen.
    pub fn refusal(&self) -> Option<Refusal<'_>> {
        let Some(Party::Side(by)) = self.outcome.by else { return None };
        match (self.outcome.verdict, self.outcome.means?) {
            (Verdict::Refused, Means::Alert) => Some(self.refusal_by_alert(by)),
            (Verdict::Refused, Means::Log) => {
                Some(Refusal { by, sign: Sign::Log, evidence: self.evidence_of_end(by) })
            }
            (Verdict::Refused, Means::Http) => self.refusal_by_http(),
            (Verdict::Refused, Means::Fin) => Some(self.refusal_by_close(by, TransportEnd::Fin)),
            (Verdict::Refused, Means::Reset) => Some(self.refusal_by_close(by, TransportEnd::Reset)),
            (Verdict::Incomplete, Means::Fin) => self.client_turned_away(by, TransportEnd::Fin),
            (Verdict::Incomplete, Means::Reset) => self.client_turned_away(by, TransportEnd::Reset),
            _ => None,
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
            None if self.outcome.verdict == Verdict::Accepted => {
                Some(Reception::Accepted(self.outcome.layer.unwrap_or(Layer::Tls)))
            }
            None => Some(Reception::Untold),
        }
    }

    fn refusal_by_alert(&self, by: Side) -> Refusal<'_> {
        let alerts = || self.steps.iter().filter(|step| step.side == by).filter_map(complaint);
        let found =
            alerts().find(|(_, evidence)| evidence.frame == self.outcome.frame).or_else(|| alerts().next());
        let (sign, evidence) = match found {
            Some((alert, evidence)) => (Sign::Alert(alert), evidence),
            None => (Sign::SealedAlert, self.evidence_of_end(by)),
        };
        Refusal { by, sign, evidence }
    }

    fn refusal_by_http(&self) -> Option<Refusal<'_>> {
        if let Some((ending, evidence)) = self.refusal_of_http2() {
            return Some(Refusal { by: Side::Server, sign: Sign::Http2(ending), evidence });
        }
        let status = self.http_status.as_deref()?;
        Some(Refusal { by: Side::Server, sign: Sign::Http(status), evidence: status.evidence })
    }

    /// The frame of HTTP/2 by which the outcome shows, if it does by one.
    pub fn refusal_of_http2(&self) -> Option<(Ending, Evidence)> {
        if (self.outcome.verdict, self.outcome.means) != (Verdict::Refused, Some(Means::Http)) {
            return None;
        }
        self.steps.iter().find_map(|step| match &step.kind {
            StepKind::Http2Ending(ending, evidence, _)
                if step.side == Side::Server
                    && evidence.frame == self.outcome.frame
                    && wants_http1(ending) =>
            {
                Some((*ending, *evidence))
            }
            _ => None,
        })
    }

    fn refusal_by_close(&self, by: Side, how: TransportEnd) -> Refusal<'_> {
        Refusal { by, sign: Sign::Closed(how), evidence: self.evidence_of_end(by) }
    }

    /// A client that ends the connection as the first thing after the server's certificate has refused that.
    fn client_turned_away(&self, by: Side, how: TransportEnd) -> Option<Refusal<'_>> {
        let shown = self.initial().server_identity.seen()?.evidence;
        let place = self
            .steps
            .iter()
            .position(|step| step.kind.message().is_some_and(|message| message.evidence == shown))?;
        let mut since = self.steps.iter().skip(place).filter(|step| step.side == Side::Client);
        let is_all = since.all(|step| matches!(step.kind, StepKind::TransportEnd(_)));
        (by == Side::Client && is_all).then(|| self.refusal_by_close(by, how))
    }

    /// The place behind the last byte of a side, where the outcome shows.
    fn evidence_of_end(&self, side: Side) -> Evidence {
        let frame = self.outcome.frame;
        let time =
            self.steps.iter().find(|step| step.side == side && step.frame == frame).map(|step| step.time);
        let sent = self.closed.map_or(0, |closed| match side {
            Side::Client => closed.bytes[0],
            Side::Server => closed.bytes[1],
        });
        let time = time.unwrap_or(self.end);
        Evidence { first_frame: frame, frame, time, side, offset: sent, length: 0 }
    }
}

impl Reception<'_> {
    /// An error where it refused; else what the trouble is worth that it did not refuse.
    pub fn severity(&self, otherwise: Severity) -> Severity {
        match self {
            Self::Refused(_) => Severity::Error,
            Self::Accepted(_) | Self::Untold => otherwise,
        }
    }

    /// By which sign it refused, if it did.
    pub fn sign(&self) -> Option<Sign<'_>> {
        match self {
            Self::Refused(refusal) => Some(refusal.sign),
            Self::Accepted(_) | Self::Untold => None,
        }
    }

    /// Where it refused, if it did.
    pub fn evidence(&self) -> Option<Evidence> {
        match self {
            Self::Refused(refusal) => Some(refusal.evidence),
            Self::Accepted(_) | Self::Untold => None,
        }
    }
}

/// A sentence of its own, without the full stop.
impl fmt::Display for Reception<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "The server {refusal}"),
            Self::Accepted(Layer::Http) => f.write_str("The server answered all the same"),
            Self::Accepted(Layer::Tls | Layer::Tcp) => {
                f.write_str("The server completed the handshake all the same")
            }
            Self::Untold => f.write_str("How the server took it was not seen"),
        }
    }
}

impl Answer {
    /// Whether the client had nothing to show.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.unreadable == 0
    }
}

impl Sign<'_> {
    /// The alert, if it is one that can be read.
    pub fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::Alert(alert) => Some(alert.description),
            Self::SealedAlert | Self::Http(_) | Self::Http2(_) | Self::Closed(_) | Self::Log => None,
        }
    }

    /// Whether it is one of these alerts.
    pub fn is_alert(&self, alerts: &[AlertDescription]) -> bool {
        self.alert().is_some_and(|alert| alerts.contains(&alert))
    }

    /// Whether it is of the kind that is also used for other things: an HTTP status that does not speak of certificates.
    pub fn may_mean_something_else(&self) -> bool {
        match self {
            Self::Http(status) => !speaks_of_certificates(status.code, &status.head),
            Self::Alert(_) | Self::SealedAlert | Self::Http2(_) | Self::Closed(_) | Self::Log => false,
        }
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
            Sign::Http2(ending) => write!(f, "sent {ending}")?,
            Sign::Closed(TransportEnd::Fin) => f.write_str("closed the connection without an alert")?,
            Sign::Closed(TransportEnd::Reset) => f.write_str("reset the connection without an alert")?,
            Sign::Log => f.write_str("refused, as its log says")?,
        }
        match self.evidence.frame {
            Some(frame) => write!(f, " in frame {frame}"),
            None => Ok(()),
        }
    }
}

/// Whether an HTTP answer is about a certificate: by its number, which nginx made for that, or by its words.
pub fn speaks_of_certificates(code: u16, text: &str) -> bool {
    if matches!(code, 495 | 496) {
        return true;
    }
    let text = text.to_ascii_lowercase();
    // Apache, to a client that cannot be asked late: `Reason: Cannot perform Post-Handshake Authentication.`
    text.contains("certificate") || text.contains("post-handshake auth")
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
