//! What OpenBSD's packet filter logged. <https://www.tcpdump.org/linktypes/LINKTYPE_PFLOG.html>.
//!
//! ```text
//! length of the header without its padding(1) address family(1) ..., padded to four bytes, IP
//! ```

use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let length = usize::from(*bytes.first()?).next_multiple_of(4);
    if length < 28 {
        return None;
    }
    Step::after(bytes, length, Next::Ip)
}
