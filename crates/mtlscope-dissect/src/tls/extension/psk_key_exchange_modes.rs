//! psk_key_exchange_modes: how the client would use a pre-shared key.
//!
//! RFC 8446 section 4.2.9.
//!
//! ```text
//! struct {
//!     PskKeyExchangeMode ke_modes<1..255>;
//! } PskKeyExchangeModes;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::PskKeyExchangeMode;

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<PskKeyExchangeMode> {
    r.vector8("ke_modes", |r| r.list("ke_mode"))
}
