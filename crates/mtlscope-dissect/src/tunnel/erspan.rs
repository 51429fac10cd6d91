//! ERSPAN: packets that a Cisco switch mirrors through GRE. Type II and III; draft-foschiano-erspan-03. Type I has no
//! header.
//!
//! ```text
//! II:  version 1(4 bits) VLAN(12 bits) COS, encapsulation, truncated(6 bits) session(10 bits) reserved, index(4)
//! III: version 2(4 bits) VLAN(12 bits) COS, ...(6 bits) session(10 bits) time(4) group(2)
//!      payload(1 bit) frame type(5 bits) ... subheader(1 bit) [ platform subheader(8) ]
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let flags = u16_at(bytes, 0)? >> 12;
    if flags != 2 {
        return Step::after(bytes, 8, Next::Header(Protocol::Ethernet));
    }
    let last = u16_at(bytes, 10)?;
    let next = match last >> 10 & 0x1f {
        2 => Next::Ip,
        _ => Next::Header(Protocol::Ethernet),
    };
    Step::after(bytes, if last & 1 == 1 { 20 } else { 12 }, next)
}

pub(crate) fn name(header: &[u8]) -> Option<String> {
    Some(format!("ERSPAN session {}", u16_at(header, 2)? & 0x03ff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_end_where_they_say() {
        let second = [0x10, 7, 0, 10, 0, 0, 0, 0, 0xff];
        let step = read(&second).unwrap();
        assert_eq!((step.payload, name(step.header).unwrap().as_str()), (&[0xff][..], "ERSPAN session 10"));
        let mut third = vec![0x20, 7, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1];
        third.extend([0; 8]);
        third.push(0xff);
        assert_eq!(read(&third).unwrap().payload, [0xff]);
        (third[10], third[11]) = (8, 0);
        let step = read(&third).unwrap();
        assert_eq!((step.next, step.payload.len()), (Next::Ip, 9));
    }
}
