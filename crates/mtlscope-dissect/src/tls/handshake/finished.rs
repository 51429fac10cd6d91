//! Finished: the sender proves that it saw the same handshake.
//!
//! RFC 8446 section 4.4.4, RFC 5246 section 7.4.9.
//!
//! ```text
//! struct {
//!     opaque verify_data[Hash.length];    /* 12 bytes before TLS 1.3, 36 in SSL 3.0 */
//! } Finished;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};

/// The proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// A code over the handshake so far.
    pub verify_data: Box<[u8]>,
}

impl Finished {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self { verify_data: r.rest("verify_data").into() }
    }
}
