//! A second handshake inside the first, up to TLS 1.2: its messages are sealed, but each record still shows whether it is a
//! handshake message, a ChangeCipherSpec or an alert, and mostly holds one message.
//!
//! ```text
//! C  [ClientHello]                                               S  [ServerHello] [Certificate] ... [ServerHelloDone]
//! C  [Certificate] [ClientKeyExchange] [CertificateVerify] CCS [Finished]      asked, and a certificate
//! C  [Certificate, empty] [ClientKeyExchange] CCS [Finished]                   asked, and none
//! C  [ClientKeyExchange] CCS [Finished]                                        not asked
//! C  CCS [Finished]                                                            resumed: not asked
//! ```

use std::sync::Arc;

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ContentType, HandshakeType, ProtocolVersion};

use super::arithmetic::{BESIDE_SIGNATURE, HEADER, KeyType};
use super::client_flight::{Fit, Sent};
use super::reason::{Conclusion, Line, Unclear, part};
use super::refusal::Reception;
use super::sealed_content::{Range, Sealing};
use super::traffic::{Sealed, Traffic};
use super::{Answer, Inference};
use crate::connection::{Connection, Handshake, Means};

/// A Certificate without any: header and the length of an empty list.
const EMPTY_CERTIFICATE: u32 = HEADER + 3;
/// What a certificate costs in the list beside its DER: its length.
const PER_CERTIFICATE: u32 = 3;
/// The least that a certificate takes.
const LEAST_CERTIFICATE: u32 = EMPTY_CERTIFICATE + PER_CERTIFICATE + 120;
/// A ClientKeyExchange by the curve: X25519, X448, P-256, P-384, P-521.
const KEY_EXCHANGES: [u32; 5] = [37, 61, 70, 102, 138];

/// What the lengths of a renegotiation tell.
pub(super) fn infer(connection: &Connection, handshake: &Handshake) -> Option<Inference> {
    let first_step = connection.steps.iter().position(|step| step.handshake == handshake.index)?;
    let traffic = Traffic::behind(connection, first_step);
    let sealing = sealing(connection, handshake);
    let Some(sealing) = sealing else { return Some(Inference::unclear(Unclear::CipherSuite)) };
    let own = |place: usize| {
        traffic
            .records
            .get(place)
            .and_then(|record| connection.steps.get(record.step))
            .is_some_and(|step| step.handshake == handshake.index)
    };
    let part_of =
        |side: Side| -> Vec<(usize, &Sealed)> { traffic.of(side).filter(|(place, _)| own(*place)).collect() };
    let told =
        Told { traffic: &traffic, sealing, client: part_of(Side::Client), server: part_of(Side::Server) };
    let flight = told.flight(Exchange::of(connection));
    let reception = told.reception(&flight);
    Some(match flight {
        Ok(Flight { answer, first, arithmetic, .. }) => Inference {
            request: Conclusion::likely(answer != Answer::None, arithmetic.clone()),
            answer: Conclusion::likely(answer, arithmetic),
            reception,
            answer_evidence: traffic.records.get(first).map(|record| record.record.evidence),
            ..Inference::unclear(Unclear::NoFit)
        },
        Err(why) => match told.only_a_hello_request() {
            Some(line) => Inference {
                request: Conclusion::likely(false, vec![line.clone()]),
                answer: Conclusion::likely(Answer::None, vec![line]),
                reception,
                ..Inference::unclear(why)
            },
            None => Inference { reception, ..Inference::unclear(why) },
        },
    })
}

/// What protects the records: what the handshake before agreed on, if that can be seen.
fn sealing(connection: &Connection, handshake: &Handshake) -> Option<Sealing> {
    let before = connection.handshakes.get(handshake.index.checked_sub(1)?)?;
    let version = *before.version.seen().filter(|version| !version.is_tls13())?;
    let suite = *before.cipher_suite.seen()?;
    let encrypt_then_mac = before.choice.as_ref().is_some_and(|choice| choice.has_encrypt_then_mac);
    // Older stacks put an empty record before each in TLS 1.0, against an attack on its IVs.
    (version >= ProtocolVersion::TLS11).then(|| Sealing::of(suite, version, encrypt_then_mac))?
}

/// How keys were exchanged in the first handshake, which stood in clear: in the second it is mostly done the same way.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    /// The length of the ClientKeyExchange.
    client: Option<u32>,
    /// Whether there was a ServerKeyExchange.
    server: bool,
}

impl Exchange {
    fn of(connection: &Connection) -> Self {
        let length = |wanted: HandshakeType| {
            let mut messages = connection.steps.iter().filter_map(|step| step.kind.message());
            messages.find(|message| message.handshake_type == wanted).map(|message| message.length + HEADER)
        };
        Self {
            client: length(HandshakeType::CLIENT_KEY_EXCHANGE),
            server: length(HandshakeType::SERVER_KEY_EXCHANGE).is_some(),
        }
    }
}

struct Told<'a> {
    traffic: &'a Traffic,
    sealing: Sealing,
    client: Vec<(usize, &'a Sealed)>,
    server: Vec<(usize, &'a Sealed)>,
}

/// The client's flight, read.
struct Flight {
    answer: Answer,
    /// The place of its first record behind the ClientHello.
    first: usize,
    /// The place of its last record of handshake messages before the ChangeCipherSpec.
    last: usize,
    arithmetic: Vec<Arc<Line>>,
}

impl Told<'_> {
    /// The client's records behind its ClientHello and up to its ChangeCipherSpec.
    fn flight(&self, initial: Exchange) -> Result<Flight, Unclear> {
        let mut own = self.client.iter();
        let (hello, _) = own.find(|(_, record)| record.is(ContentType::HANDSHAKE)).ok_or(Unclear::Silent)?;
        let mut messages = Vec::new();
        let mut change = None;
        for (place, record) in own {
            if record.is(ContentType::HANDSHAKE) {
                messages.push((*place, *record));
            } else if record.is(ContentType::CHANGE_CIPHER_SPEC) {
                change = Some(*place);
                break;
            } else if record.is(ContentType::ALERT) {
                break;
            }
        }
        let last = change.or(messages.last().map(|(place, _)| *place)).unwrap_or(*hello);
        if !self.traffic.is_whole(Side::Client, last) {
            return Err(Unclear::Missing);
        }
        let records: Vec<&Sealed> = messages.iter().map(|(_, record)| *record).collect();
        let begin = messages.first().map_or(last, |(place, _)| *place);
        let flight = self.read(&records, change.is_some(), initial, last);
        flight.map(|(answer, arithmetic)| Flight { answer, first: begin, last, arithmetic })
    }

    /// What these records before the ChangeCipherSpec are.
    fn read(
        &self,
        records: &[&Sealed],
        is_changed: bool,
        initial: Exchange,
        last: usize,
    ) -> Result<(Answer, Vec<Arc<Line>>), Unclear> {
        let content = |record: &Sealed| self.sealing.content(record.length()).ok_or(Unclear::NoFit);
        match records {
            [] if is_changed => {
                let so = "the client changes keys and has sent no message since its ClientHello: the session is resumed, and nobody shows certificates";
                let shown = self.traffic.records.get(last);
                Ok((Answer::None, vec![Line::new(shown, Vec::new(), so)]))
            }
            [] => Err(Unclear::Silent),
            [first, ..] if !is_changed && records.len() < 3 => unfinished(records, content(first)?),
            [only] => one_record(only, content(only)?, initial.client, self.sends_no_request(initial)),
            [_, .., proof] if records.len() >= 3 => {
                let chain = &records[..records.len() - 2];
                let ranges: Vec<Range> =
                    chain.iter().map(|record| content(record)).collect::<Result<_, _>>()?;
                let least: u32 = ranges.iter().map(|range| range.least).sum();
                let greatest: u32 = ranges.iter().map(|range| range.greatest).sum();
                if greatest < LEAST_CERTIFICATE {
                    return Err(Unclear::NoFit);
                }
                let fit = Fit {
                    key: key_of(content(proof)?),
                    least: least.saturating_sub(EMPTY_CERTIFICATE),
                    greatest: greatest.saturating_sub(EMPTY_CERTIFICATE),
                };
                let so = "three messages before the ChangeCipherSpec: Certificate, ClientKeyExchange and CertificateVerify; only a client that is asked sends the first and the last";
                let line = Line::new(chain.iter().copied(), sum(least, greatest, "Certificate", chain), so);
                let proof =
                    Line::new([*proof], Vec::new(), "the length of its CertificateVerify tells its key");
                Ok((certificate(vec![fit]), vec![line, proof]))
            }
            [first, ..] => {
                let range = content(first)?;
                if range.holds(EMPTY_CERTIFICATE) {
                    let so = "only a client that is asked sends a Certificate, and this one is empty";
                    let parts =
                        sum(EMPTY_CERTIFICATE, EMPTY_CERTIFICATE, "Certificate with an empty list", &[first]);
                    let line = Line::new([*first], parts, so);
                    return Ok((Answer::Empty, vec![line]));
                }
                if range.least < LEAST_CERTIFICATE {
                    return Err(Unclear::NoFit);
                }
                let fit = Fit {
                    key: None,
                    least: range.least - EMPTY_CERTIFICATE,
                    greatest: range.greatest - EMPTY_CERTIFICATE,
                };
                let so = "two records before the ChangeCipherSpec, and the first is too long for an empty Certificate";
                let line = Line::new([*first], sum(range.least, range.greatest, "Certificate", &[first]), so);
                Ok((certificate(vec![fit]), vec![line]))
            }
        }
    }

    /// Whether the server's records, a message each, are too few for a CertificateRequest: ServerHello, Certificate, perhaps
    /// ServerKeyExchange, and ServerHelloDone, which is known by its length.
    fn sends_no_request(&self, initial: Exchange) -> bool {
        let needed = if initial.server { 4 } else { 3 };
        let is_hello_request = |record: &Sealed| {
            self.sealing.content(record.length()).is_some_and(|content| content.holds(HEADER))
        };
        let mut messages: Vec<&Sealed> = self
            .server
            .iter()
            .map(|(_, record)| *record)
            .take_while(|record| !record.is(ContentType::CHANGE_CIPHER_SPEC))
            .filter(|record| record.is(ContentType::HANDSHAKE))
            .collect();
        if messages.first().is_some_and(|first| is_hello_request(first)) {
            messages.remove(0);
        }
        // Behind the ServerHelloDone there may be a NewSessionTicket.
        let done = messages.iter().position(|record| is_hello_request(record));
        done.is_some_and(|done| done + 1 == needed)
    }

    /// The server asked for a renegotiation, and none began: it said nothing more of a handshake.
    fn only_a_hello_request(&self) -> Option<Arc<Line>> {
        let mut handshake = self.server.iter().filter(|(_, record)| record.is(ContentType::HANDSHAKE));
        let (_, only) = handshake.next()?;
        let is_all = handshake.next().is_none() && self.traffic.is_whole(Side::Server, usize::MAX);
        let is_hello_request = self.sealing.content(only.length())?.exact() == Some(HEADER);
        let client_began = self.client.iter().any(|(_, record)| record.is(ContentType::HANDSHAKE));
        (is_all && is_hello_request && !client_began).then(|| {
            let so = "a HelloRequest, and no handshake followed: the server came to no CertificateRequest";
            Line::new([*only], sum(HEADER, HEADER, "HelloRequest", &[only]), so)
        })
    }

    fn reception(&self, flight: &Result<Flight, Unclear>) -> Conclusion<Reception> {
        let flight = match flight {
            Ok(flight) => flight,
            Err(why) => return Conclusion::unclear(*why),
        };
        let whole = self.traffic.is_whole(Side::Server, usize::MAX);
        let changed = self.server.iter().find(|(_, record)| record.is(ContentType::CHANGE_CIPHER_SPEC));
        let finished = changed.and_then(|(change, _)| {
            self.server.iter().find(|(place, record)| place > change && record.is(ContentType::HANDSHAKE))
        });
        let client_finished = self
            .client
            .iter()
            .find(|(place, record)| *place > flight.last && record.is(ContentType::HANDSHAKE));
        if let (Some((place, finished)), Some(_)) = (finished, client_finished)
            && self.traffic.is_whole(Side::Server, *place)
        {
            let so = "the server sends its own Finished, so it took the client's answer";
            let line = Line::new([*finished], Vec::new(), so);
            return Conclusion::likely(
                Reception::Accepted { evidence: finished.record.evidence },
                vec![line],
            );
        }
        if !whole {
            return Conclusion::unclear(Unclear::Missing);
        }
        let alert = self.traffic.records.iter().enumerate().find(|(_, record)| record.is(ContentType::ALERT));
        let answered = matches!(flight.answer, Answer::Empty | Answer::Certificate(_));
        if let Some((_, alert)) = alert.filter(|(_, alert)| alert.side() == Side::Server && answered) {
            let so = "an alert in place of the server's Finished: it refuses";
            let refused = Reception::Refused {
                by: Side::Server,
                means: Means::Alert,
                evidence: alert.record.evidence,
                step: alert.step,
            };
            return Conclusion::likely(refused, vec![Line::new([alert], Vec::new(), so)]);
        }
        match (alert, self.traffic.end, client_finished) {
            (None, Some(end), Some((_, finished))) if end.side == Side::Server && answered => {
                let so = "the client's Finished, and the server ends the connection in place of its own";
                let means = match end.how {
                    TransportEnd::Fin => Means::Fin,
                    TransportEnd::Reset => Means::Reset,
                };
                let evidence = finished.record.evidence;
                let refused = Reception::Refused { by: end.side, means, evidence, step: end.step };
                Conclusion::likely(refused, vec![Line::new([*finished], Vec::new(), so)])
            }
            _ => Conclusion::unclear(Unclear::Unfinished),
        }
    }
}

/// A flight that was given up: only an empty Certificate can be told by its first record.
fn unfinished(records: &[&Sealed], first: Range) -> Result<(Answer, Vec<Arc<Line>>), Unclear> {
    match records.first() {
        Some(record) if first.exact() == Some(EMPTY_CERTIFICATE) => {
            let so = "only a client that is asked sends a Certificate, and this one is empty";
            let parts =
                sum(EMPTY_CERTIFICATE, EMPTY_CERTIFICATE, "Certificate with an empty list", &[record]);
            let line = Line::new([*record], parts, so);
            Ok((Answer::Empty, vec![line]))
        }
        _ => Err(Unclear::Unfinished),
    }
}

/// One record before the ChangeCipherSpec: a ClientKeyExchange, or all messages together.
fn one_record(
    record: &Sealed,
    content: Range,
    exchanged: Option<u32>,
    sends_no_request: bool,
) -> Result<(Answer, Vec<Arc<Line>>), Unclear> {
    let known: Vec<u32> = match exchanged {
        Some(exchanged) => vec![exchanged],
        None => KEY_EXCHANGES.to_vec(),
    };
    let fits = |beside: u32| known.iter().copied().find(|exchange| content.holds(exchange + beside));
    match (fits(0), fits(EMPTY_CERTIFICATE)) {
        // In CBC mode both may fit; then the number of the server's messages tells.
        (Some(exchange), other) if other.is_none() || sends_no_request => {
            let so = "a ClientKeyExchange and nothing else before the ChangeCipherSpec: a client that is asked sends a Certificate first, so it was not asked";
            let line = Line::new([record], sum(exchange, exchange, "ClientKeyExchange", &[record]), so);
            Ok((Answer::None, vec![line]))
        }
        (None, Some(exchange)) => {
            let so = "only a client that is asked sends a Certificate, and this one is empty";
            let mut parts = vec![part(EMPTY_CERTIFICATE, "Certificate with an empty list")];
            parts.extend(sum(exchange, exchange, "ClientKeyExchange", &[record]));
            if let Some(rest) = parts.last_mut() {
                rest.bytes = rest.bytes.saturating_sub(EMPTY_CERTIFICATE);
            }
            Ok((Answer::Empty, vec![Line::new([record], parts, so)]))
        }
        (Some(_), _) => Err(Unclear::NoFit),
        (None, None) => {
            let Some(exchange) = exchanged else { return Err(Unclear::NoFit) };
            let total = content.least.saturating_sub(exchange);
            if total < LEAST_CERTIFICATE + BESIDE_SIGNATURE + 64 {
                return Err(Unclear::NoFit);
            }
            let list = |key: KeyType| {
                let (least, greatest) = key.signature();
                let without = |total: u32| total.checked_sub(exchange + EMPTY_CERTIFICATE + BESIDE_SIGNATURE);
                let fit = Fit {
                    key: Some(key),
                    least: without(content.least)?.saturating_sub(greatest),
                    greatest: without(content.greatest)?.checked_sub(least)?,
                };
                (fit.least > PER_CERTIFICATE + least / 2).then_some(fit)
            };
            let so = "one record before the ChangeCipherSpec, too long for a ClientKeyExchange with an empty Certificate: a certificate is in it";
            let parts = sum(
                content.least,
                content.greatest,
                "Certificate, ClientKeyExchange and CertificateVerify",
                &[record],
            );
            let fits = KeyType::ALL.into_iter().filter_map(list).collect();
            Ok((certificate(fits), vec![Line::new([record], parts, so)]))
        }
    }
}

fn certificate(fits: Vec<Fit>) -> Answer {
    Answer::Certificate(Sent { fits, unclear: None, per_certificate: PER_CERTIFICATE })
}

/// The key whose CertificateVerify fits, if only one does.
fn key_of(proof: Range) -> Option<KeyType> {
    let mut keys = (proof.least..=proof.greatest).filter_map(KeyType::of_certificate_verify);
    let key = keys.next()?;
    keys.all(|other| other == key).then_some(key)
}

/// The message and what is around it; in a range, the least of the message.
fn sum(least: u32, greatest: u32, what: &'static str, records: &[&Sealed]) -> Vec<super::reason::Part> {
    let all: u32 = records.iter().map(|record| u32::from(record.length())).sum();
    let around = match least == greatest {
        true => "nonce and tag",
        false => "IV, MAC and padding (at most)",
    };
    vec![part(least, what), part(all.saturating_sub(least), around)]
}
