//! How the server took the client's flight: what it sends next tells. Stacks that refuse send an alert at once, before
//! anything else; stacks that accept send tickets or data, or answer a goodbye.

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;

use super::arithmetic::{JSSE_PADDING, Sizes};
use super::client_flight::{Flight, Said};
use super::reason::{Conclusion, Line, Unclear, part};
use super::server_flight::Padding;
use super::traffic::{End, Sealed, Traffic};
use crate::connection::Means;
use mtlscope_dissect::event::TransportEnd;

/// Nanoseconds after which an alert is more likely the goodbye of a server that waited in vain. A refusal comes as soon as
/// the certificate was looked at; those that ask an OCSP responder first may take a second or two.
const PATIENCE: i64 = 5_000_000_000;

/// How a flight was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reception {
    /// The server went on, in TLS. What it says above TLS is sealed.
    Accepted {
        /// What shows it.
        evidence: Evidence,
    },
    /// Somebody refused.
    Refused {
        /// Who.
        by: Side,
        /// By which means.
        means: Means,
        /// The record, or the last thing before the end.
        evidence: Evidence,
        /// The place of the step that shows it.
        step: usize,
    },
}

/// What is looked at.
pub(super) struct Question<'a> {
    pub(super) traffic: &'a Traffic,
    pub(super) sizes: Sizes,
    pub(super) client: &'a Flight,
    pub(super) server_padding: Padding,
    /// Whether it is a request after the handshake: then data may already be on its way.
    pub(super) is_late: bool,
}

impl Question<'_> {
    /// How the flight was taken.
    pub(super) fn reception(&self) -> Conclusion<Reception> {
        let (Some(first), is_asked) = (self.client.first, self.is_asked()) else {
            return Conclusion::unclear(Unclear::Silent);
        };
        match &self.client.said {
            Said::Unclear(why) => return Conclusion::unclear(*why),
            Said::Alert => return self.client_refused(first),
            _ => {}
        }
        let after: Vec<(usize, &Sealed)> =
            self.traffic.of(Side::Server).skip_while(|(place, _)| *place < first).collect();
        let Some(&(place, next)) = after.first() else { return self.silence(first, is_asked) };
        if !self.traffic.is_whole(Side::Server, place) {
            return Conclusion::unclear(Unclear::Missing);
        }
        if !self.may_be_alert(next) {
            return self.went_on(&after);
        }
        if !matches!(self.server_padding, Padding::Fixed(_)) {
            return Conclusion::unclear(self.padded());
        }
        // What is followed by more than another alert was data, as long as an alert.
        if after.iter().any(|(_, record)| !self.may_be_alert(record)) {
            return self.went_on(&after);
        }
        self.alert(place, next, after.len(), is_asked)
    }

    fn is_asked(&self) -> bool {
        matches!(self.client.said, Said::Empty | Said::Certificate(_))
    }

    fn padded(&self) -> Unclear {
        match self.server_padding {
            Padding::Block(block) => Unclear::Padded(block),
            _ => Unclear::NoFit,
        }
    }

    fn may_be_alert(&self, record: &Sealed) -> bool {
        match self.server_padding {
            Padding::Fixed(padding) => self.sizes.is_alert(record.length(), padding),
            // The least that a padded record can be.
            Padding::Block(block) => u32::from(record.length()) <= block + self.sizes.tag,
            // An alert is the shortest of all messages, however they are padded.
            Padding::Unknown(shortest) => record.length() <= shortest,
        }
    }

    fn client_refused(&self, first: usize) -> Conclusion<Reception> {
        let Some(alert) = self.traffic.records.get(first) else {
            return Conclusion::unclear(Unclear::Silent);
        };
        let refused = Reception::Refused {
            by: Side::Client,
            means: Means::Alert,
            evidence: alert.record.evidence,
            step: alert.step,
        };
        Conclusion::likely(refused, self.client.arithmetic.clone())
    }

    /// The server said something that is no alert.
    fn went_on(&self, after: &[(usize, &Sealed)]) -> Conclusion<Reception> {
        let Some(last) = self.client.last else { return Conclusion::unclear(Unclear::Unfinished) };
        let behind = || after.iter().filter(|(place, _)| *place > last).map(|(_, record)| *record);
        let Some(next) = behind().next() else { return Conclusion::unclear(Unclear::Unfinished) };
        // What was on its way when the late request was answered may still come in; tickets and an answer are three.
        let needed = if self.is_late { 2 } else { 1 };
        let news = behind().take_while(|record| !self.may_be_alert(record)).count();
        if news < needed {
            return Conclusion::unclear(Unclear::RefusalOrGoodbye);
        }
        let so = "the server goes on with something that is no alert, so it took the client's Finished";
        let line = Line::new(behind().take(needed), Vec::new(), so);
        Conclusion::likely(Reception::Accepted { evidence: next.record.evidence }, vec![line])
    }

    /// The first thing the server says is as long as an alert.
    fn alert(&self, place: usize, alert: &Sealed, number: usize, is_asked: bool) -> Conclusion<Reception> {
        let padding = match self.server_padding {
            Padding::Fixed(padding) => padding,
            _ => return Conclusion::unclear(self.padded()),
        };
        let client_records = || self.traffic.of(Side::Client).take_while(|(other, _)| *other < place);
        let client_padding = self.client.padding.unwrap_or_default();
        let goodbye = client_records().find(|(other, record)| {
            self.client.last.is_some_and(|last| *other > last)
                && self.sizes.is_alert(record.length(), client_padding)
        });
        let client_left =
            self.traffic.end.is_some_and(|end| end.side == Side::Client && end.step < alert.step);
        if !is_asked {
            // Nothing about a certificate can be refused, but other things can.
            return match goodbye {
                Some((_, goodbye)) => {
                    let so = "the client says goodbye, and the server answers it";
                    let line = Line::new([goodbye, alert], Vec::new(), so);
                    Conclusion::likely(Reception::Accepted { evidence: alert.record.evidence }, vec![line])
                }
                None => Conclusion::unclear(Unclear::RefusalOrGoodbye),
            };
        }
        // JSSE ends a connection with user_canceled and close_notify.
        let is_jsse_goodbye = padding == JSSE_PADDING && number > 1;
        let last_heard = client_records().last().map(|(_, record)| record.record.evidence.time);
        let waited = last_heard.map_or(0, |time| alert.record.evidence.time - time);
        if goodbye.is_some() || client_left || is_jsse_goodbye || waited > PATIENCE {
            return Conclusion::unclear(Unclear::RefusalOrGoodbye);
        }
        let parts = vec![
            part(2, "alert"),
            part(padding, "padding"),
            part(1, "content type"),
            part(self.sizes.tag, "tag"),
        ];
        let so = "an alert is the first thing that the server says to the client's answer, and no goodbye came before it: it refuses";
        let refused = Reception::Refused {
            by: Side::Server,
            means: Means::Alert,
            evidence: alert.record.evidence,
            step: alert.step,
        };
        Conclusion::likely(refused, vec![Line::new([alert], parts, so)])
    }

    /// The server says nothing more.
    fn silence(&self, first: usize, is_asked: bool) -> Conclusion<Reception> {
        let Some(last) = self.client.last else { return Conclusion::unclear(Unclear::Unfinished) };
        if !self.traffic.is_whole(Side::Server, usize::MAX) {
            return Conclusion::unclear(Unclear::Missing);
        }
        let Some(finished) = self.traffic.records.get(last) else {
            return Conclusion::unclear(Unclear::Silent);
        };
        let server_left = self.traffic.end.filter(|end| end.side == Side::Server);
        let padding = self.client.padding.unwrap_or_default();
        let data = self.traffic.of(Side::Client).find(|(place, record)| {
            *place > last
                && !self.sizes.is_alert(record.length(), padding)
                && server_left.is_none_or(|end| record.step < end.step)
        });
        match (server_left, data) {
            (Some(end), Some((_, data))) if is_asked => {
                let so = "the client goes on with data, and the server ends the connection without a word";
                let line = Line::new([data], Vec::new(), so);
                Conclusion::likely(self.refused_by_end(end, first), vec![line])
            }
            (Some(_), Some(_)) => Conclusion::unclear(Unclear::ClosedWithoutWord),
            (Some(_), None) if is_asked => Conclusion::unclear(Unclear::ClosedWithoutWord),
            (None, _) if is_asked => Conclusion::unclear(Unclear::Silent),
            // Both Finished messages passed, and no certificate was in question.
            _ => {
                let so =
                    "both sides have sent their Finished, no certificate was asked for, and nobody complains";
                let line = Line::new([finished], Vec::new(), so);
                Conclusion::likely(Reception::Accepted { evidence: finished.record.evidence }, vec![line])
            }
        }
    }

    fn refused_by_end(&self, end: End, first: usize) -> Reception {
        let place = self.client.last.unwrap_or(first);
        let evidence = self.traffic.records.get(place).map(|record| record.record.evidence);
        let blank = || Evidence {
            first_frame: None,
            frame: None,
            time: mtlscope_dissect::time::Timestamp::default(),
            side: end.side,
            offset: 0,
            length: 0,
        };
        Reception::Refused {
            by: end.side,
            means: match end.how {
                TransportEnd::Fin => Means::Fin,
                TransportEnd::Reset => Means::Reset,
            },
            evidence: evidence.unwrap_or_else(blank),
            step: end.step,
        }
    }
}
