//! A UDP datagram's header, and which tunnel its ports promise. RFC 768.
//!
//! ```text
//! source port(2) destination port(2) length(2) checksum(2) payload
//! ```

use crate::layer::{Next, Protocol, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let next = match tunnel(bytes) {
        Some(protocol) => Next::Header(protocol),
        None => Next::Nothing,
    };
    Step::after(bytes, 8, next)
}

/// The tunnel that a datagram may be, by its ports: the destination's counts first, since senders choose their own.
/// Whether it is one, its content must say.
#[inline]
pub(crate) fn tunnel(bytes: &[u8]) -> Option<Protocol> {
    let ports = bytes.first_chunk::<4>()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    by_port(port(2)).or_else(|| by_port(port(0)))
}

#[inline]
fn by_port(port: u16) -> Option<Protocol> {
    Some(match port {
        // IANA's number, what Linux used before there was one, and the generic extension's.
        4789 | 8472 | 4790 => Protocol::Vxlan,
        6081 => Protocol::Geneve,
        2152 => Protocol::GtpU,
        3544 => Protocol::Teredo,
        1701 => Protocol::L2tp,
        4341 => Protocol::Lisp,
        4754 => Protocol::Gre,
        6635 => Protocol::Mpls,
        5247 => Protocol::Capwap,
        37008 => Protocol::Tzsp,
        _ => return None,
    })
}
