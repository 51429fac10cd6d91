//! The client's second flight in TLS 1.3. Its layout is forced: a client that was asked must send a Certificate, which may
//! be empty, before its Finished; one that was not asked must not (RFC 8446 section 4.4.2).
//!
//! ```text
//! not asked     [Finished]
//! no answer     [Certificate, empty] [Finished]          or both in one record
//! certificate   [Certificate] [CertificateVerify] [Finished]   or all in one record, or the Certificate over several
//! ```

use std::sync::Arc;

use mtlscope_dissect::side::Side;

use super::arithmetic::{
    BESIDE_SIGNATURE, EMPTY_CERTIFICATE, FIXED_PADDINGS, KeyType, LEAST_CERTIFICATE_AND_PROOF,
    PER_CERTIFICATE, Sizes,
};
use super::padding;
use super::reason::{Line, Part, Unclear, part};
use super::traffic::{Sealed, Traffic};

/// Records that a Certificate may be spread over: more than any that is not absurd.
const FLIGHT: usize = 80;

/// The client's EncryptedExtensions with ALPS and no settings: the header, the length of the list, one empty extension.
const SETTINGS: u32 = 4 + 2 + 4;

/// What the client said in its second flight.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) said: Said,
    /// What was added to each of its records.
    pub(super) padding: Option<u32>,
    /// The place of its first record.
    pub(super) first: Option<usize>,
    /// The place of the record with its Finished.
    pub(super) last: Option<usize>,
    pub(super) arithmetic: Vec<Arc<Line>>,
}

/// What that means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// A Finished, and no Certificate before it.
    Finished,
    /// A Certificate without any.
    Empty,
    /// A certificate and the proof of its key.
    Certificate(Sent),
    /// An alert in place of all that: it refuses the server.
    Alert,
    /// Cannot tell.
    Unclear(Unclear),
}

/// The sizes of what the client sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// What fits the lengths: one where the messages have records of their own; several where they share one.
    pub fits: Vec<Fit>,
    /// Why no size can be told, where none can.
    pub unclear: Option<Unclear>,
    /// What each certificate costs in the list beside its DER: five bytes in TLS 1.3, three before.
    pub per_certificate: u32,
}

/// One way to read the lengths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fit {
    /// The type of the client's key, where a signature tells it.
    pub key: Option<KeyType>,
    /// The least length of the list of certificates: the DER of each, and the bytes beside it.
    pub least: u32,
    /// The greatest.
    pub greatest: u32,
}

impl Flight {
    fn unclear(why: Unclear, first: Option<usize>) -> Self {
        Self { said: Said::Unclear(why), padding: None, first, last: None, arithmetic: Vec::new() }
    }

    /// Reads the flight that begins with the client's first record of `traffic` from `from` on. `context`: the length of the
    /// `certificate_request_context` that a Certificate repeats.
    pub(super) fn read(traffic: &Traffic, from: usize, sizes: Sizes, context: u32, hello: Offers) -> Self {
        let records: Vec<(usize, &Sealed)> =
            traffic.of(Side::Client).skip_while(|(place, _)| *place < from).take(FLIGHT).collect();
        let Some(&(first, head)) = records.first() else { return Self::unclear(Unclear::Silent, None) };
        if !traffic.is_whole(Side::Client, first) {
            return Self::unclear(Unclear::Missing, Some(first));
        }
        let reader = Reader { traffic, sizes, empty: EMPTY_CERTIFICATE + context, hello, records };
        let flight = FIXED_PADDINGS
            .into_iter()
            .find_map(|padding| reader.short(head, padding))
            .or_else(|| FIXED_PADDINGS.into_iter().find_map(|padding| reader.separate(padding)))
            .unwrap_or_else(|| reader.shared());
        // All of it must be there, not only its beginning.
        match flight.last {
            Some(last) if !traffic.is_whole(Side::Client, last) => {
                Self::unclear(Unclear::Missing, Some(first))
            }
            _ => flight,
        }
    }
}

/// What the ClientHello says of what may come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offers {
    /// It offers ALPS, whose EncryptedExtensions a client would send before its Certificate.
    pub(super) application_settings: bool,
    /// It can unpack certificates, and so may pack its own.
    pub(super) compression: bool,
}

struct Reader<'a> {
    traffic: &'a Traffic,
    sizes: Sizes,
    /// A Certificate without any.
    empty: u32,
    hello: Offers,
    records: Vec<(usize, &'a Sealed)>,
}

impl Reader<'_> {
    fn flight(&self, said: Said, padding: u32, last: Option<usize>, arithmetic: Vec<Arc<Line>>) -> Flight {
        let first = self.records.first().map(|(place, _)| *place);
        Flight { said, padding: Some(padding), first, last, arithmetic }
    }

    fn around(&self, padding: u32) -> [Part; 3] {
        [part(padding, "padding"), part(1, "content type"), part(self.sizes.tag, "tag")]
    }

    fn sum(&self, messages: &[Part], padding: u32) -> Vec<Part> {
        messages.iter().copied().chain(self.around(padding)).collect()
    }

    fn finished(&self) -> Part {
        part(self.sizes.finished(), "Finished")
    }

    /// The flights without a certificate, and the alert.
    fn short(&self, head: &Sealed, padding: u32) -> Option<Flight> {
        let content = self.sizes.content(head.length()).checked_sub(padding)?;
        let (first, finished) = (self.records.first()?.0, self.sizes.finished());
        let next = self.records.get(1).copied();
        if content == finished {
            let line = Line::new(
                [head],
                self.sum(&[self.finished()], padding),
                "a Finished comes first, and a client that is asked sends a Certificate before it: it was not asked",
            );
            return Some(self.flight(Said::Finished, padding, Some(first), vec![line]));
        }
        let empty = part(self.empty, "Certificate with an empty list");
        if content == self.empty + finished {
            let line = Line::new(
                [head],
                self.sum(&[empty, self.finished()], padding),
                "only a client that is asked sends a Certificate, and this one is empty",
            );
            return Some(self.flight(Said::Empty, padding, Some(first), vec![line]));
        }
        if let Some(flight) = self.with_settings(head, content, padding, first) {
            return Some(flight);
        }
        if content == self.empty {
            let mut lines = vec![Line::new(
                [head],
                self.sum(&[empty], padding),
                "only a client that is asked sends a Certificate, and this one is empty",
            )];
            let last = match next {
                Some((place, next)) if self.sizes.is_finished(next.length(), padding) => {
                    let so = "its Finished follows, and no CertificateVerify, which goes with a certificate";
                    lines.push(Line::new([next], self.sum(&[self.finished()], padding), so));
                    Some(place)
                }
                // It gave up there, having heard that it is refused.
                Some((_, next)) if self.sizes.is_alert(next.length(), padding) => None,
                None => None,
                Some(_) => return Some(Flight::unclear(Unclear::NoFit, Some(first))),
            };
            return Some(self.flight(Said::Empty, padding, last, lines));
        }
        if self.sizes.is_alert(head.length(), padding) {
            let goes_on =
                self.records.iter().any(|(_, record)| !self.sizes.is_alert(record.length(), padding));
            if goes_on {
                return Some(Flight::unclear(Unclear::NoFit, Some(first)));
            }
            let line = Line::new(
                [head],
                self.sum(&[part(2, "alert")], padding),
                "an alert in place of its Finished: the client refuses the server",
            );
            return Some(self.flight(Said::Alert, padding, None, vec![line]));
        }
        None
    }

    /// The flights without a certificate of a client that also answers ALPS, with no settings, as Chrome does. Settings of
    /// HTTP/2 take nine bytes at least, so eight are never taken for the empty Certificate.
    fn with_settings(&self, head: &Sealed, content: u32, padding: u32, first: usize) -> Option<Flight> {
        let finished = self.sizes.finished();
        let settings = part(SETTINGS, "EncryptedExtensions with empty ALPS");
        let is = |beside: u32| self.hello.application_settings && content == SETTINGS + beside + finished;
        let (said, parts, so) = if is(0) {
            let so = "EncryptedExtensions and a Finished, and no Certificate between them: it was not asked";
            (Said::Finished, vec![settings, self.finished()], so)
        } else if is(self.empty) {
            let so = "only a client that is asked sends a Certificate, and this one is empty";
            let empty = part(self.empty, "Certificate with an empty list");
            (Said::Empty, vec![settings, empty, self.finished()], so)
        } else {
            return None;
        };
        let line = Line::new([head], self.sum(&parts, padding), so);
        Some(self.flight(said, padding, Some(first), vec![line]))
    }

    /// The flight with a certificate whose Finished has a record of its own.
    fn separate(&self, padding: u32) -> Option<Flight> {
        let (place, &(last, finished)) = self
            .records
            .iter()
            .enumerate()
            .skip(1)
            .take_while(|(_, (place, _))| !self.server_went_on_before(*place))
            .find(|(_, (_, record))| self.sizes.is_finished(record.length(), padding))?;
        let before: Vec<&Sealed> = self.records.iter().take(place).map(|(_, record)| *record).collect();
        let content = |record: &Sealed| self.sizes.content(record.length()).saturating_sub(padding);
        let total: u32 = before.iter().map(|record| content(record)).sum();
        if total < LEAST_CERTIFICATE_AND_PROOF {
            return None;
        }
        let (proof, chain) = before.split_last()?;
        let key = KeyType::of_certificate_verify(content(proof)).filter(|_| !chain.is_empty());
        let mut lines = Vec::new();
        let sent = match key {
            Some(key) => {
                let message = total - content(proof);
                let list = message.saturating_sub(self.empty);
                let records = chain.len() as u32;
                let parts = vec![
                    part(self.empty, "head of a Certificate"),
                    part(list, "certificates"),
                    part(padding * records, "padding"),
                    part(records, "content type"),
                    part(self.sizes.tag * records, "tag"),
                ];
                lines.push(Line::new(
                    chain.iter().copied(),
                    parts,
                    "only a client that is asked sends a Certificate, and this one is not empty",
                ));
                let parts = [
                    part(BESIDE_SIGNATURE, "head of a CertificateVerify"),
                    part(content(proof).saturating_sub(BESIDE_SIGNATURE), "signature"),
                ];
                lines.push(Line::new(
                    [*proof],
                    self.sum(&parts, padding),
                    "the length of the signature tells the key",
                ));
                self.sized(vec![Fit { key: Some(key), least: list, greatest: list }])
            }
            None => {
                let parts = vec![part(total, "Certificate and CertificateVerify")];
                let so = "only a client that is asked sends more than a Finished; this is too long for an empty Certificate";
                lines.push(Line::new(before.iter().copied(), with_rest(parts, &before, total), so));
                // The first record may hold the Finished too, and what looks like one be data.
                let whole = total.saturating_sub(self.sizes.finished());
                let mut fits = self.fits(total);
                fits.extend(self.fits(whole));
                self.sized(fits)
            }
        };
        let so = "its Finished follows";
        lines.push(Line::new([finished], self.sum(&[self.finished()], padding), so));
        Some(self.flight(Said::Certificate(sent), padding, Some(last), lines))
    }

    /// The flight in one record, or something else.
    fn shared(&self) -> Flight {
        let Some(&(first, head)) = self.records.first() else {
            return Flight::unclear(Unclear::Silent, None);
        };
        let lengths = || self.traffic.of(Side::Client).map(|(_, record)| record.length());
        if let Some(block) = padding::block(lengths(), self.sizes) {
            return Flight::unclear(Unclear::Padded(block), Some(first));
        }
        let content = self.sizes.content(head.length());
        let rest = content.saturating_sub(self.sizes.finished());
        if rest < LEAST_CERTIFICATE_AND_PROOF {
            return Flight::unclear(Unclear::NoFit, Some(first));
        }
        if padding::may_be_padded(head.length(), lengths(), self.sizes) {
            return Flight::unclear(Unclear::MayBePadded, Some(first));
        }
        // The settings that ALPS sends take some dozens of bytes: what is as long as this holds a certificate too.
        let sent = if self.hello.application_settings {
            without_size(Unclear::ApplicationSettings)
        } else if self.is_cut(head) {
            without_size(Unclear::Unfinished)
        } else {
            self.sized(self.fits(rest))
        };
        let parts = [part(rest, "Certificate and CertificateVerify"), self.finished()];
        let so = "one record too long for a Finished, or an empty Certificate with it: a certificate is in it, so it was asked for";
        let line = Line::new([head], self.sum(&parts, 0), so);
        // Alone, without its Finished, it may be the Certificate of a flight that was given up.
        let is_all = self.records.len() == 1 || !self.is_cut(head);
        self.flight(Said::Certificate(sent), 0, is_all.then_some(first), vec![line])
    }

    /// Whether the record is as full as records may be, so that its messages go on in the next.
    fn is_cut(&self, head: &Sealed) -> bool {
        let is_full = self.sizes.content(head.length()) >= 1 << 14;
        is_full || self.records.get(1).is_some_and(|(_, next)| next.length() == head.length())
    }

    /// Whether the server had said more than an alert before this place, and behind the client's first record.
    fn server_went_on_before(&self, place: usize) -> bool {
        let first = self.records.first().map_or(0, |(first, _)| *first);
        let between = self.traffic.records.get(first..place).unwrap_or_default();
        between.iter().filter(|record| record.side() == Side::Server).any(|record| {
            !FIXED_PADDINGS.iter().any(|padding| self.sizes.is_alert(record.length(), *padding))
        })
    }

    /// Every key type with the list that is left for it of a Certificate and a CertificateVerify.
    fn fits(&self, total: u32) -> Vec<Fit> {
        let fit = |key: KeyType| {
            let (least, greatest) = key.signature();
            let without = total.checked_sub(self.empty + BESIDE_SIGNATURE)?;
            let fit = Fit {
                key: Some(key),
                least: without.saturating_sub(greatest),
                greatest: without.checked_sub(least)?,
            };
            // No certificate is shorter than the key that it holds.
            (fit.least > PER_CERTIFICATE + least / 2).then_some(fit)
        };
        KeyType::ALL.into_iter().filter_map(fit).collect()
    }

    fn sized(&self, fits: Vec<Fit>) -> Sent {
        if self.hello.compression {
            return without_size(Unclear::MayBeCompressed);
        }
        Sent { fits, unclear: None, per_certificate: PER_CERTIFICATE }
    }
}

fn without_size(why: Unclear) -> Sent {
    Sent { fits: Vec::new(), unclear: Some(why), per_certificate: PER_CERTIFICATE }
}

/// The parts, and what else is in the records.
fn with_rest(mut parts: Vec<Part>, records: &[&Sealed], total: u32) -> Vec<Part> {
    let all: u32 = records.iter().map(|record| u32::from(record.length())).sum();
    parts.push(part(all.saturating_sub(total), "content type, padding and tag"));
    parts
}
