//! IPsec's authentication header, which signs a packet and leaves it in clear. RFC 4302 section 2.
//!
//! ```text
//! next header(1) length in units of four bytes, less two(1) reserved(2) SPI(4) sequence(4) check value
//! ```

use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [next_header, length, ..] = *bytes else { return None };
    Step::after(bytes, (usize::from(length) + 2) * 4, Next::IpProtocol(next_header))
}
