//! KeyUpdate: the sender goes on with new keys. TLS 1.3 only.
//!
//! RFC 8446 section 4.6.3.
//!
//! ```text
//! struct {
//!     KeyUpdateRequest request_update;
//! } KeyUpdate;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::registry::KeyUpdateRequest;

/// New keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyUpdate {
    /// Whether the other end is to do the same.
    pub request_update: KeyUpdateRequest,
}

impl KeyUpdate {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self { request_update: r.registered("request_update") }
    }
}
