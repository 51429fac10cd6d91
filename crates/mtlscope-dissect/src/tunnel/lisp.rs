//! LISP: IP in UDP between sites. RFC 9300 section 5.
//!
//! ```text
//! flags(1) nonce or map version(3) instance or locator status(4) IP
//! ```

use crate::layer::{Next, Step};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    if !matches!(bytes.get(8)? >> 4, 4 | 6) {
        return None;
    }
    Step::after(bytes, 8, Next::Ip)
}
