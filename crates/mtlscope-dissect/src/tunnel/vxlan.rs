//! VXLAN, RFC 7348 section 5; with a protocol number VXLAN-GPE, draft-ietf-nvo3-vxlan-gpe-12.
//!
//! ```text
//! flags(1) reserved(2) [ next protocol(1) ] VNI(3) reserved(1)
//! ```

use crate::layer::{Next, Protocol, Step, u32_at};

const HAS_VNI: u8 = 0x08;
const HAS_NEXT_PROTOCOL: u8 = 0x04;

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [flags, _, _, next_protocol, ..] = *bytes else { return None };
    if flags & HAS_VNI == 0 {
        return None;
    }
    let next = match next_protocol {
        _ if flags & HAS_NEXT_PROTOCOL == 0 => Next::Header(Protocol::Ethernet),
        1 | 2 => Next::Ip,
        3 => Next::Header(Protocol::Ethernet),
        4 => Next::Header(Protocol::Nsh),
        5 => Next::Header(Protocol::Mpls),
        _ => Next::Nothing,
    };
    Step::after(bytes, 8, next)
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("VXLAN {}", u32_at(header, 4)? >> 8))
}
