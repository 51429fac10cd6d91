//! Reading without keys: what the sizes, the order and the direction of sealed records betray of client authentication.
//!
//! It works since the client's second flight is tiny and its layout is forced. What is concluded is kept apart from what was
//! seen ([`crate::connection::Handshake::inferred`] beside `request` and `answer`), is never more than likely, and carries its
//! arithmetic. Where sizes may lie, or do not tell, the conclusion is the reason why there is none.
//!
//! ```text
//! traffic         the sealed records in order, and where some are missing
//! arithmetic      how long a record is that holds a message         sealed_content   the same up to TLS 1.2
//! padding         when lengths lie
//! client_flight   asked, and what was answered                      server_flight    a CertificateRequest by its place
//! refusal         how the server took it                            ticket           whether it kept it
//! post_handshake  the same after the handshake                      renegotiation    the same in a second handshake
//! candidates      which certificates at hand have that size
//! ```

mod arithmetic;
mod candidates;
mod client_flight;
mod padding;
mod post_handshake;
mod reason;
mod refusal;
mod renegotiation;
mod sealed_content;
mod server_flight;
#[cfg(test)]
mod tests;
mod ticket;
mod traffic;

use std::ptr;

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ContentType, ExtensionType};

use crate::connection::{Connection, Handshake, HandshakeKind, StepKind};
use crate::observed::{Observed, Why};
use arithmetic::Sizes;
use client_flight::{Flight, Offers, Said};
use traffic::Traffic;

pub use arithmetic::KeyType;
pub use candidates::{Candidate, CertificateFile, name as name_candidates};
pub use client_flight::{Fit, Sent};
pub use reason::{Conclusion, Length, Line, Part, Unclear};
pub use refusal::Reception;
pub use ticket::{Ticket, TicketSays};

/// What the lengths of a handshake tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inference {
    /// Whether the client was asked for a certificate.
    pub request: Conclusion<bool>,
    /// What it answered.
    pub answer: Conclusion<Answer>,
    /// How that was taken.
    pub reception: Conclusion<Reception>,
    /// What tickets say of it.
    pub ticket: Option<Ticket>,
    /// Where the request is, if one record can be named.
    pub request_evidence: Option<Evidence>,
    /// Where the answer begins.
    pub answer_evidence: Option<Evidence>,
    /// Certificates at hand that have the size of what was sent.
    pub candidates: Vec<Candidate>,
}

/// What a client answered, by its sizes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It sent no Certificate message.
    None,
    /// It sent one without any certificate.
    Empty,
    /// It sent a certificate, perhaps with issuers.
    Certificate(Sent),
}

impl Inference {
    fn unclear(why: Unclear) -> Self {
        Self {
            request: Conclusion::unclear(why),
            answer: Conclusion::unclear(why),
            reception: Conclusion::unclear(why),
            ticket: None,
            request_evidence: None,
            answer_evidence: None,
            candidates: Vec::new(),
        }
    }

    fn name(inference: &mut Self, candidates: Vec<Candidate>) {
        inference.candidates = candidates;
    }

    /// Whether the client was asked, if the lengths tell.
    pub fn is_asked(&self) -> Option<bool> {
        self.request.known().copied()
    }

    /// Every line of the arithmetic once, in the order in which a person should read them.
    pub fn lines(&self) -> Vec<&Line> {
        let ticket = self.ticket.iter().flat_map(|ticket| &ticket.arithmetic);
        let all = self
            .request
            .arithmetic
            .iter()
            .chain(&self.answer.arithmetic)
            .chain(&self.reception.arithmetic)
            .chain(ticket);
        let mut lines: Vec<&Line> = Vec::with_capacity(8);
        for line in all {
            // Most of those that come twice are the very same.
            if !lines.iter().any(|known| ptr::eq(*known, &raw const **line) || *known == &**line) {
                lines.push(line);
            }
        }
        lines
    }

    /// Whether the client answered that it has no certificate.
    pub fn is_empty(&self) -> bool {
        self.answer.known() == Some(&Answer::Empty)
    }
}

/// Infers what keys would have shown, in each handshake in which it is sealed; and tells a request after the handshake
/// apart, if there is one.
pub(crate) fn infer(connection: &mut Connection) {
    for index in 0..connection.handshakes.len() {
        let Some(handshake) = connection.handshakes.get(index) else { return };
        if !is_sealed(handshake) {
            continue;
        }
        let inferred = match handshake.kind {
            HandshakeKind::Initial => initial(connection),
            HandshakeKind::Renegotiation => renegotiation::infer(connection, handshake)
                .map(|inference| Told { initial: inference, late: None }),
            HandshakeKind::PostHandshake => None,
        };
        let Some(told) = inferred else { continue };
        if let Some(handshake) = connection.handshakes.get_mut(index) {
            handshake.inferred = Some(Box::new(told.initial));
        }
        if let Some(late) = told.late {
            add_late(connection, late);
        }
    }
}

/// Whether something about client authentication, or how it was taken, is inside records that stay sealed.
fn is_sealed(handshake: &Handshake) -> bool {
    let hidden = |why: Option<Why>| why == Some(Why::Encrypted);
    let is_tls13 = handshake.version.seen().is_some_and(|version| version.is_tls13());
    hidden(handshake.request.hidden())
        || hidden(handshake.answer.hidden())
        || is_tls13 && hidden(handshake.client_finished.hidden())
}

/// What the first handshake tells, and one after it.
struct Told {
    initial: Inference,
    late: Option<LateHandshake>,
}

/// A request after the handshake.
struct LateHandshake {
    inference: Inference,
    /// The step of its first record.
    step: Option<usize>,
}

/// The first handshake of TLS 1.3.
fn initial(connection: &Connection) -> Option<Told> {
    let handshake = connection.initial();
    let only = |inference| Some(Told { initial: inference, late: None });
    if !handshake.version.seen().is_some_and(|version| version.is_tls13()) {
        return None;
    }
    let Some(hello) = connection.steps.iter().rposition(is_server_hello) else {
        return only(Inference::unclear(Unclear::Missing));
    };
    let Some(sizes) = handshake.cipher_suite.seen().and_then(|suite| Sizes::of(*suite)) else {
        return only(Inference::unclear(Unclear::CipherSuite));
    };
    let offered = Offered::of(connection);
    let Some(offered) = offered else { return only(Inference::unclear(Unclear::Missing)) };
    let resumed = handshake.resumption.is_seen();
    if offered.early_data && !resumed {
        return only(Inference::unclear(Unclear::EarlyData));
    }
    let traffic = Traffic::behind(connection, hello);
    let server = server_flight::Flight::read(&traffic, sizes);
    let begin = match offered.early_data {
        true => behind_early_data(&traffic, sizes),
        false => Some(0),
    };
    let Some(begin) = begin else { return only(Inference::unclear(Unclear::EarlyData)) };
    let client = Flight::read(&traffic, begin, sizes, 0, offered.offers);
    let untold = connection.closed.is_some_and(|closed| closed.records_untold != [0; 2]);
    let late = match offered.post_handshake_auth && client.said == Said::Finished {
        true => post_handshake::find(&traffic, &client, sizes, offered.offers, untold),
        false => Ok(None),
    };
    let found = late.as_ref().ok().and_then(Option::as_ref);
    let mut inference = judge(&traffic, sizes, &client, &server, false);
    inference.ticket =
        ticket::behind(&traffic, &client, found.map(|late| &late.flight), server.padding, sizes)
            .or_else(|| ticket::offered(connection));
    let late = match &late {
        Ok(None) => None,
        Ok(Some(late)) => {
            // What comes behind the answer belongs to it.
            let without = server_flight::Flight { request: None, padding: server.padding };
            let mut told = judge(&traffic, sizes, &late.flight, &without, true);
            let request = traffic.records.get(late.request);
            told.request_evidence = None;
            inference.reception = accepted_before(&traffic, late.request, inference.reception);
            Some(LateHandshake { inference: told, step: request.map(|record| record.step) })
        }
        Err(why) => Some(LateHandshake { inference: Inference::unclear(*why), step: None }),
    };
    Some(Told { initial: inference, late })
}

/// Where the client's Finished stands that follows its EndOfEarlyData.
fn behind_early_data(traffic: &Traffic, sizes: Sizes) -> Option<usize> {
    const END_OF_EARLY_DATA: u32 = 4;
    let mut client = traffic.of(Side::Client).peekable();
    while let Some((_, record)) = client.next() {
        if sizes.content(record.length()) == END_OF_EARLY_DATA {
            let (place, next) = client.peek()?;
            return sizes.is_finished(next.length(), 0).then_some(*place);
        }
    }
    None
}

/// Whoever asks late has taken the handshake before.
fn accepted_before(
    traffic: &Traffic,
    request: usize,
    otherwise: Conclusion<Reception>,
) -> Conclusion<Reception> {
    match (traffic.records.get(request), otherwise.known()) {
        (Some(record), None) => {
            let so = "the server goes on, and asks after the handshake";
            let accepted = Reception::Accepted { evidence: record.record.evidence };
            Conclusion::likely(accepted, vec![Line::new([record], Vec::new(), so)])
        }
        _ => otherwise,
    }
}

/// From the two flights to what they mean together.
fn judge(
    traffic: &Traffic,
    sizes: Sizes,
    client: &Flight,
    server: &server_flight::Flight,
    is_late: bool,
) -> Inference {
    let arithmetic = || client.arithmetic.clone();
    let evidence = |place: Option<usize>| Some(traffic.records.get(place?)?.record.evidence);
    let by_server = || match &server.request {
        Some(line) => Conclusion::likely(true, vec![line.clone()]),
        None => Conclusion::unclear(match &client.said {
            Said::Unclear(why) => *why,
            _ => Unclear::ClientRefused,
        }),
    };
    let (request, answer) = match &client.said {
        Said::Finished if server.request.is_some() => {
            (Conclusion::unclear(Unclear::Contradiction), Conclusion::unclear(Unclear::Contradiction))
        }
        Said::Finished => {
            (Conclusion::likely(false, arithmetic()), Conclusion::likely(Answer::None, arithmetic()))
        }
        Said::Empty => {
            let lines = client.arithmetic.iter().chain(&server.request).cloned().collect();
            (Conclusion::likely(true, lines), Conclusion::likely(Answer::Empty, arithmetic()))
        }
        Said::Certificate(sent) => {
            let lines = client.arithmetic.iter().chain(&server.request).cloned().collect();
            let answer = Answer::Certificate(sent.clone());
            (Conclusion::likely(true, lines), Conclusion::likely(answer, arithmetic()))
        }
        Said::Alert => (by_server(), Conclusion::likely(Answer::None, arithmetic())),
        Said::Unclear(why) => (by_server(), Conclusion::unclear(*why)),
    };
    let question = refusal::Question { traffic, sizes, client, server_padding: server.padding, is_late };
    let reception = question.reception();
    let request_record = server.request.as_ref().and_then(|line| line.records.first());
    let request_evidence = request_record.and_then(|shown| {
        traffic.of(Side::Server).map(|(_, record)| record).find(|record| record.shown() == *shown)
    });
    Inference {
        request,
        answer,
        reception,
        ticket: None,
        request_evidence: request_evidence.map(|record| record.record.evidence),
        answer_evidence: evidence(client.first),
        candidates: Vec::new(),
    }
}

/// What the last ClientHello offers, as far as it decides what may follow.
struct Offered {
    early_data: bool,
    post_handshake_auth: bool,
    offers: Offers,
}

impl Offered {
    fn of(connection: &Connection) -> Option<Self> {
        let hello = connection.handshakes.iter().rev().find_map(|handshake| handshake.offer.as_deref())?;
        Some(Self {
            early_data: hello.offers(ExtensionType::EARLY_DATA),
            post_handshake_auth: hello.offers(ExtensionType::POST_HANDSHAKE_AUTH),
            offers: Offers {
                application_settings: hello.offers(ExtensionType::APPLICATION_SETTINGS)
                    || hello.offers(ExtensionType::APPLICATION_SETTINGS_OLD),
                compression: hello.offers(ExtensionType::COMPRESS_CERTIFICATE),
            },
        })
    }
}

fn is_server_hello(step: &crate::connection::Step) -> bool {
    step.kind.message().is_some_and(|message| message.is_server_hello())
}

/// Adds a request after the handshake to the connection's handshakes; what came from its step on belongs to it.
fn add_late(connection: &mut Connection, late: LateHandshake) {
    let index = connection.handshakes.len();
    let initial = connection.initial();
    let hidden = || Observed::Hidden(Why::Encrypted);
    let handshake = Handshake {
        index,
        kind: HandshakeKind::PostHandshake,
        client_hello: Observed::NotSent,
        server_hello: Observed::NotSent,
        offer: None,
        choice: initial.choice.clone(),
        version: initial.version,
        cipher_suite: initial.cipher_suite,
        group: Observed::NotSent,
        server_name: initial.server_name.clone(),
        alpn: Observed::NotSent,
        resumption: Observed::NotSent,
        server_identity: Observed::NotSent,
        request: Observed::Hidden(Why::Encrypted),
        answer: Observed::Hidden(Why::Encrypted),
        proof: Observed::Hidden(Why::Encrypted),
        client_finished: hidden(),
        server_finished: Observed::NotSent,
        inferred: Some(Box::new(late.inference)),
    };
    connection.handshakes.push(handshake);
    if let Some(first) = late.step {
        for step in connection.steps.iter_mut().skip(first) {
            let is_sealed = matches!(&step.kind, StepKind::Sealed(record)
                if record.content_type == ContentType::APPLICATION_DATA);
            if is_sealed || matches!(step.kind, StepKind::TransportEnd(_)) {
                step.handshake = index;
            }
        }
    }
}
