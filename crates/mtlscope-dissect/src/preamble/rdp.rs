//! RDP's negotiation of TLS, in the X.224 packets that open its connection. [MS-RDPBCGR] sections 2.2.1.1 and 2.2.1.2.
//!
//! ```text
//! TPKT: version 3(1) reserved(1) length(2)
//! X.224: length(1) code(1) destination(2) source(2) class(1) [ cookie ] [ negotiation(8) ]
//! negotiation: type(1) flags(1) length 8(2, little endian) protocols or failure(4, little endian)
//! ```

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol};
use crate::layer::u16_at;
use crate::side::Side;

const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const NEGOTIATION_REQUEST: u8 = 1;
const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let request = packet(cursor, Side::Client, CONNECTION_REQUEST)?;
    let mut preamble = Preamble::of(PreambleProtocol::Rdp);
    match negotiation(request.bytes) {
        Some((NEGOTIATION_REQUEST, protocols)) => {
            let text = format!("Connection Request: offers {}", names(protocols));
            preamble.ask(cursor.step_saying(&request, text));
        }
        _ => preamble.steps.extend(cursor.step_saying(&request, "Connection Request")),
    }
    if let Some(confirm) = packet(cursor, Side::Server, CONNECTION_CONFIRM) {
        let (text, agreed) = match negotiation(confirm.bytes) {
            Some((NEGOTIATION_RESPONSE, chosen)) => {
                (format!("Connection Confirm: {}", names(chosen)), chosen != 0)
            }
            Some((NEGOTIATION_FAILURE, code)) => (format!("Negotiation Failure: {}", failure(code)), false),
            _ => ("Connection Confirm: RDP's own security".to_owned(), false),
        };
        preamble.answer(cursor.step_saying(&confirm, text), agreed);
    }
    Some(preamble)
}

pub(super) fn is_request(bytes: &[u8]) -> bool {
    matches!(bytes, [3, 0, _, _, _, CONNECTION_REQUEST, ..])
}

fn packet<'a>(cursor: &mut Cursor<'a>, side: Side, code: u8) -> Option<super::cursor::Words<'a>> {
    let ahead = cursor.ahead_of(side)?;
    match ahead.bytes {
        [3, 0, high, low, _, seen, ..] if *seen == code => {
            cursor.take(side, usize::from(u16::from_be_bytes([*high, *low])))
        }
        _ => None,
    }
}

/// The last eight bytes of a packet, if they are a negotiation: its type and number.
fn negotiation(packet: &[u8]) -> Option<(u8, u32)> {
    // TPKT's head, X.224's, then at least these eight.
    let negotiation = packet.get(11..)?.last_chunk::<8>()?;
    (u16_at(negotiation, 2)? == 0x0800).then(|| {
        let [kind, _, _, _, a, b, c, d] = *negotiation;
        (kind, u32::from_le_bytes([a, b, c, d]))
    })
}

fn names(protocols: u32) -> String {
    const NAMES: [(u32, &str); 4] =
        [(1, "TLS"), (2, "CredSSP"), (4, "RDSTLS"), (8, "CredSSP with early user authorization")];
    let named: Vec<&str> =
        NAMES.iter().filter(|(bit, _)| protocols & bit != 0).map(|(_, name)| *name).collect();
    if named.is_empty() { "RDP's own security".to_owned() } else { named.join(", ") }
}

fn failure(code: u32) -> &'static str {
    match code {
        1 => "the server requires TLS",
        2 => "TLS is not allowed by the server",
        3 => "the server has no certificate for TLS",
        4 => "inconsistent flags",
        5 => "the server requires CredSSP",
        6 => "the server requires TLS with user authentication",
        _ => "for a reason that is not known here",
    }
}
