//! A request after the handshake in TLS 1.3. The client must have offered `post_handshake_auth` (in clear), and whoever is
//! asked answers with a Certificate and a Finished; nothing else ends in a record as long as a Finished.
//!
//! ```text
//! S  [CertificateRequest]                  with a context: 32 bytes on OpenSSL
//! C  [Certificate] [CertificateVerify] [Finished]   or  [Certificate, empty] [Finished]
//! ```

use mtlscope_dissect::side::Side;

use super::arithmetic::Sizes;
use super::client_flight::{Flight, Offers, Said};
use super::reason::Unclear;
use super::traffic::Traffic;

/// The length of the context that OpenSSL gives its requests, and with it Apache and Python.
const CONTEXT: u32 = 32;

/// An answer after the handshake, and the request before it.
#[derive(Debug)]
pub(super) struct Late {
    pub(super) flight: Flight,
    /// The place of the last record of the server before the answer: the request, or what followed it.
    pub(super) request: usize,
}

/// Looks for an answer behind the client's first flight. `Err`: there may be one, and it cannot be told.
pub(super) fn find(
    traffic: &Traffic,
    initial: &Flight,
    sizes: Sizes,
    hello: Offers,
    untold: bool,
) -> Result<Option<Late>, Unclear> {
    let Some(finished) = initial.last else { return Ok(None) };
    let padding = initial.padding.unwrap_or_default();
    let ends = |length| sizes.is_finished(length, padding);
    let client: Vec<usize> =
        traffic.of(Side::Client).map(|(place, _)| place).filter(|place| *place > finished).collect();
    let mut doubt = None;
    for place in &client {
        let is_own_turn = |request: usize| {
            let before = traffic.records.get(request);
            request > finished && before.is_some_and(|record| record.side() == Side::Server)
        };
        let Some(request) = place.checked_sub(1).filter(|before| is_own_turn(*before)) else { continue };
        let flight = Flight::read(traffic, *place, sizes, CONTEXT, hello);
        let is_answer = match &flight.said {
            Said::Empty => flight.last != flight.first,
            Said::Certificate(sent) => {
                sent.fits.len() == 1 && flight.last.is_some() && flight.last != flight.first
            }
            _ => false,
        };
        if is_answer && flight.padding == Some(padding) {
            return Ok(Some(Late { flight, request }));
        }
    }
    for place in &client {
        if traffic.records.get(*place).is_some_and(|record| ends(record.length())) {
            doubt = Some(Unclear::NoFit);
        }
    }
    match doubt {
        Some(doubt) => Err(doubt),
        None if untold => Err(Unclear::TooLong),
        None if !traffic.is_whole(Side::Client, usize::MAX) => Err(Unclear::Missing),
        None => Ok(None),
    }
}
