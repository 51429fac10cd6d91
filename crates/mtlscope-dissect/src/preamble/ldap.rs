//! LDAP and its StartTLS. RFC 4511 section 4.14. Messages are BER.
//!
//! ```text
//! LDAPMessage: SEQUENCE { messageID INTEGER, protocolOp }
//! ExtendedRequest:  [APPLICATION 23] { requestName [0] 1.3.6.1.4.1.1466.20037 }
//! ExtendedResponse: [APPLICATION 24] { resultCode ENUMERATED, matchedDN, diagnosticMessage, ... }
//! ```

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol, PreambleResult, shown};
use crate::side::Side;

const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    if !is_message(cursor.ahead()?.bytes) {
        return None;
    }
    let mut preamble = Preamble::of(PreambleProtocol::Ldap);
    while let Some(ahead) = cursor.ahead() {
        let Some((message, rest)) = element(ahead.bytes) else { break };
        let words = cursor.take(ahead.side, ahead.bytes.len() - rest.len())?;
        let operation =
            element(message.content).and_then(|(_, behind)| element(behind)).map(|(operation, _)| operation);
        match operation {
            Some(Element { tag: EXTENDED_REQUEST, content })
                if ahead.side == Side::Client
                    && element(content).is_some_and(|(name, _)| name.content == START_TLS) =>
            {
                preamble.ask(cursor.step_saying(&words, "StartTLS request"));
            }
            Some(Element { tag: EXTENDED_RESPONSE, content })
                if ahead.side == Side::Server && preamble.result == PreambleResult::NotAnswered =>
            {
                let (code, text) = result(content)?;
                let text = match (code, text.as_str()) {
                    (0, _) => "StartTLS response: success".to_owned(),
                    (code, "") => format!("StartTLS response: result code {code}"),
                    (code, text) => format!("StartTLS response: result code {code}, {text}"),
                };
                preamble.answer(cursor.step_saying(&words, text), code == 0);
                if code == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    Some(preamble)
}

pub(super) fn is_message(bytes: &[u8]) -> bool {
    let Some((tag, _, head)) = tag_and_length(bytes) else { return false };
    // The message's number comes first.
    tag == SEQUENCE && bytes.get(head..).is_some_and(|rest| matches!(rest, [INTEGER, 1..=4, ..]))
}

fn result(response: &[u8]) -> Option<(u8, String)> {
    let (code, rest) = element(response)?;
    let text = element(rest).and_then(|(_, rest)| element(rest)).map_or(&[][..], |(text, _)| text.content);
    Some((*code.content.last()?, shown(text)))
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

/// An element, and what is behind it.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, length, head) = tag_and_length(bytes)?;
    let (content, rest) = bytes.get(head..)?.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// Tag, length of the content, and length of the head.
fn tag_and_length(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let [tag, first, ..] = *bytes else { return None };
    let (length, head) = match first {
        0..=0x7f => (usize::from(first), 2),
        0x81..=0x84 => {
            let count = usize::from(first & 0x0f);
            let long = bytes.get(2..2 + count)?;
            (long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + count)
        }
        _ => return None,
    };
    Some((tag, length, head))
}
