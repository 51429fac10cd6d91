//! OpenBSD's and FreeBSD's `enc` interface: packets inside IPsec, in clear.
//! <https://www.tcpdump.org/linktypes/LINKTYPE_ENC.html>.
//!
//! ```text
//! address family(4) security parameters index(4) flags(4) IP
//! ```

use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    Step::after(bytes, 12, Next::Ip)
}
