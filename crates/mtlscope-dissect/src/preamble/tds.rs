//! TDS, the protocol of Microsoft SQL Server: TLS inside its PRELOGIN packets. [MS-TDS] sections 2.2.3 and 2.2.6.5.
//!
//! ```text
//! packet: type(1) status(1) length(2) SPID(2) packet(1) window(1) content
//! PRELOGIN: [ option(1) offset(2) length(2) ]* 0xff(1) values
//! ```
//!
//! The records of the handshake travel as the content of packets of type 18; those behind it stand alone.

use super::cursor::Cursor;
use super::{Preamble, PreambleProtocol};
use crate::layer::u16_at;
use crate::side::Side;

const PRELOGIN: u8 = 0x12;
const RESPONSE: u8 = 0x04;
/// Bytes of a packet's head.
const HEAD: usize = 8;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Preamble> {
    let request = cursor.ahead_of(Side::Client)?;
    if !is_prelogin(request.bytes) {
        return None;
    }
    let mut preamble = Preamble::of(PreambleProtocol::Tds);
    let request = cursor.take_all()?;
    let wish = encryption(request.bytes).map_or("not said", |value| match value {
        0 => "for the login only",
        1 => "yes",
        2 => "not supported",
        _ => "required",
    });
    preamble.ask(cursor.step_saying(&request, format!("PRELOGIN: encryption {wish}")));
    let response = cursor.ahead_of(Side::Server).filter(|response| response.bytes.first() == Some(&RESPONSE));
    if let Some(response) = response {
        cursor.take_all()?;
        let (answer, agreed) = encryption(response.bytes).map_or(("not said", false), |value| match value {
            0 => ("for the login only", true),
            1 => ("yes", true),
            2 => ("not supported", false),
            _ => ("required", true),
        });
        preamble
            .answer(cursor.step_saying(&response, format!("PRELOGIN response: encryption {answer}")), agreed);
    }
    Some(preamble)
}

pub(super) fn is_prelogin(bytes: &[u8]) -> bool {
    // The whole content in one packet, and VERSION as its first option.
    matches!(bytes, [PRELOGIN, 1, _, _, 0, 0, _, 0, 0, ..])
}

/// The content of a PRELOGIN packet that these bytes begin.
#[inline]
pub(crate) fn content(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [PRELOGIN, 0 | 1, ..] => bytes.get(HEAD..),
        _ => None,
    }
}

/// The value of the option ENCRYPTION.
fn encryption(packet: &[u8]) -> Option<u8> {
    const ENCRYPTION: u8 = 1;
    const TERMINATOR: u8 = 0xff;
    let content = packet.get(HEAD..)?;
    let option = content
        .chunks_exact(5)
        .take_while(|option| option[0] != TERMINATOR)
        .find(|option| option[0] == ENCRYPTION)?;
    content.get(usize::from(u16_at(option, 1)?)).map(|value| value & 0x03)
}

/// Takes the packets' heads from around the records of one direction.
#[derive(Debug, Default)]
pub(crate) struct Unwrap {
    head: Vec<u8>,
    /// What is still to come of the packet at hand.
    left: usize,
    /// Records stand alone from here on.
    is_over: bool,
}

impl Unwrap {
    /// The next stretch of content at the head of `bytes`, and what of them is behind it.
    ///
    /// Gives the stretch, and how many bytes of heads were stepped over before it.
    pub(crate) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
        let mut skipped = 0;
        loop {
            if bytes.is_empty() {
                return None;
            }
            if self.is_over {
                return Some((skipped, std::mem::take(bytes)));
            }
            if self.left > 0 {
                let (content, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= content.len();
                *bytes = rest;
                return Some((skipped, content));
            }
            if self.head.is_empty() && bytes[0] != PRELOGIN {
                self.is_over = true;
                continue;
            }
            let (part, rest) = bytes.split_at((HEAD - self.head.len()).min(bytes.len()));
            self.head.extend_from_slice(part);
            *bytes = rest;
            skipped += part.len() as u64;
            if self.head.len() == HEAD {
                self.left = usize::from(u16_at(&self.head, 2)?).saturating_sub(HEAD);
                self.head.clear();
            }
        }
    }
}
