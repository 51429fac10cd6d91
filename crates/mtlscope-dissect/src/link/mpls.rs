//! A stack of MPLS labels, around IP or around an Ethernet pseudowire. RFC 3032 section 2.1, RFC 4448 section 4.6.
//!
//! ```text
//! [ label(20 bits) traffic class(3 bits) bottom of stack(1 bit) time to live(1) ]+ payload
//! ```
//!
//! Nothing says what the payload is: its first bits are a guess, which the headers behind must bear out.

use crate::layer::{Next, Protocol, Step, u16_at, u32_at};
use crate::link::ethernet;

/// Labels in one stack; real ones are three or four high.
const LABELS: usize = 16;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let entries = bytes.chunks_exact(4).take(LABELS);
    let height = 1 + entries.into_iter().position(|entry| entry[2] & 1 == 1)?;
    let (header, payload) = bytes.split_at_checked(height * 4)?;
    let next = match payload.first()? >> 4 {
        4 | 6 if is_ip(payload) => Next::Ip,
        // A control word begins with four zero bits.
        0 if is_ethernet(payload.get(4..)?) => Next::Header(Protocol::ControlWord),
        _ if is_ethernet(payload) => Next::Header(Protocol::Ethernet),
        _ => Next::Nothing,
    };
    Some(Step { header, next, payload })
}

fn is_ip(payload: &[u8]) -> bool {
    match payload {
        [0x45..=0x4f, _, high, low, ..] => {
            let total = usize::from(u16::from_be_bytes([*high, *low]));
            total == 0 || total >= 20
        }
        // The first byte of a hardware address may be 0x60 to 0x6f, too: the next header tells more.
        [0x60..=0x6f, ..] => {
            payload.len() >= 40
                && matches!(payload[6], 0 | 4 | 6 | 17 | 41 | 43 | 44 | 47 | 50 | 51 | 58 | 60)
        }
        _ => false,
    }
}

fn is_ethernet(payload: &[u8]) -> bool {
    u16_at(payload, 12).is_some_and(|ether_type| ethernet::behind(ether_type) != Next::Nothing)
}

/// `MPLS 16/300`: the labels, outermost first.
pub(crate) fn name(header: &[u8]) -> String {
    let labels = header.chunks_exact(4).filter_map(|entry| u32_at(entry, 0));
    let labels: Vec<String> = labels.map(|entry| (entry >> 12).to_string()).collect();
    format!("MPLS {}", labels.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_ip_from_a_pseudowire() {
        let stack = [0, 1, 0, 64, 0, 2, 1, 64];
        let ip = [&stack[..], &[0x45, 0, 0, 40]].concat();
        let step = read(&ip).unwrap();
        assert_eq!((step.next, name(step.header).as_str()), (Next::Ip, "MPLS 16/32"));
        let frame = [&[0x45, 1, 0, 3, 5, 6, 1, 2, 3, 4, 5, 6, 8, 0][..], &[0x45]].concat();
        let wire = [&stack[..], &frame].concat();
        assert_eq!(read(&wire).unwrap().next, Next::Header(Protocol::Ethernet));
        let controlled = [&stack[..], &[0; 4], &frame].concat();
        assert_eq!(read(&controlled).unwrap().next, Next::Header(Protocol::ControlWord));
        for end in 0..controlled.len() {
            read(&controlled[..end]);
        }
    }

    #[test]
    fn a_stack_without_a_bottom_ends() {
        assert_eq!(read(&[0; 400]), None);
    }
}
