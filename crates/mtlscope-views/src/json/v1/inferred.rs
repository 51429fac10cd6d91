//! `inferred`: what the lengths of sealed records tell, with the arithmetic; or why they do not.

use mtlscope_diagnose::keyless::{
    Answer, Candidate, Conclusion, Fit, Inference, Line, Ticket, TicketSays, Unclear,
};
use serde::ser::Error;
use serde::{Serialize, Serializer};

use super::kept::Kept;
use super::scalar::{Hex, Shown};

/// What was inferred of one handshake.
#[derive(Serialize)]
pub(super) struct Inferred<'a> {
    /// Nothing inferred is surer than this.
    confidence: Option<&'static str>,
    arithmetic: Sums<'a>,
    unclear: Reasons<'a>,
    certificate: Option<Sizes<'a>>,
    ticket: Option<TicketSize>,
    candidates: Candidates<'a>,
}

impl<'a> Inferred<'a> {
    pub(super) fn of(inference: &'a Inference, kept: &'a Kept) -> Self {
        let is_known = inference.request.value.is_ok()
            || inference.answer.value.is_ok()
            || inference.reception.value.is_ok();
        Self {
            confidence: is_known.then_some("likely"),
            arithmetic: Sums(inference, kept),
            unclear: Reasons(inference),
            certificate: match inference.answer.known() {
                Some(Answer::Certificate(sent)) => Some(Sizes {
                    fits: Fits(&sent.fits),
                    per_certificate: sent.per_certificate,
                    unclear: sent.unclear.map(Shown),
                }),
                _ => None,
            },
            ticket: inference.ticket.as_ref().map(TicketSize::of),
            candidates: Candidates(&inference.candidates),
        }
    }
}

/// Every sum once, in order.
struct Sums<'a>(&'a Inference, &'a Kept);

impl Serialize for Sums<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.lines().into_iter().map(|line| Sum(line, self.1)))
    }
}

/// One of them, made in a text that is used again: piece by piece through a formatter takes twice as long.
struct Sum<'a>(&'a Line, &'a Kept);

impl Serialize for Sum<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = self.1.text.borrow_mut();
        text.clear();
        self.0.write(&mut *text).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

/// Why something cannot be told, in words, with what it is.
struct Reasons<'a>(&'a Inference);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One {
            what: &'static str,
            why: Shown<Unclear>,
        }
        fn one<T>(what: &'static str, conclusion: &Conclusion<T>) -> Option<One> {
            Some(One { what, why: Shown(*conclusion.value.as_ref().err()?) })
        }
        let all = [
            one("requested", &self.0.request),
            one("answer", &self.0.answer),
            one("outcome", &self.0.reception),
        ];
        serializer.collect_seq(all.into_iter().flatten())
    }
}

/// The sizes of the client's certificates.
#[derive(Serialize)]
struct Sizes<'a> {
    fits: Fits<'a>,
    per_certificate: u32,
    unclear: Option<Shown<Unclear>>,
}

struct Fits<'a>(&'a [Fit]);

impl Serialize for Fits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One {
            key: Option<Shown<mtlscope_diagnose::keyless::KeyType>>,
            list_bytes_least: u32,
            list_bytes_greatest: u32,
        }
        serializer.collect_seq(self.0.iter().map(|fit| One {
            key: fit.key.map(Shown),
            list_bytes_least: fit.least,
            list_bytes_greatest: fit.greatest,
        }))
    }
}

#[derive(Serialize)]
struct TicketSize {
    says: &'static str,
    bytes: u32,
}

impl TicketSize {
    fn of(ticket: &Ticket) -> Self {
        let (says, bytes) = match ticket.says {
            TicketSays::Grew(bytes) => ("grew", bytes),
            TicketSays::HasRoom(bytes) => ("has_room", bytes),
            TicketSays::HasNoRoom(bytes) => ("has_no_room", bytes),
            TicketSays::Offered(bytes) => ("offered", bytes),
        };
        Self { says, bytes }
    }
}

struct Candidates<'a>(&'a [Candidate]);

impl Serialize for Candidates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One<'a> {
            file: &'a str,
            subject: Shown<&'a mtlscope_dissect::x509::Name>,
            sha256: Hex,
            issuers: usize,
            list_bytes: u32,
        }
        serializer.collect_seq(self.0.iter().map(|candidate| One {
            file: &candidate.file,
            subject: Shown(&candidate.certificate.subject),
            sha256: Hex(candidate.certificate.sha256),
            issuers: candidate.issuers,
            list_bytes: candidate.bytes,
        }))
    }
}
