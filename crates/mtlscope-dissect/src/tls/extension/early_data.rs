//! early_data: application data before the handshake is done (0-RTT). TLS 1.3 only.
//!
//! RFC 8446 section 4.2.10. The client announces it, the server accepts it, a ticket says how much.
//!
//! ```text
//! struct {
//!     select (Handshake.msg_type) {
//!         case new_session_ticket:   uint32 max_early_data_size;
//!         case client_hello:         Empty;
//!         case encrypted_extensions: Empty;
//!     };
//! } EarlyDataIndication;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::HandshakeType;

/// The most bytes of early data a ticket allows; `None` outside of tickets.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Option<u32> {
    (message == HandshakeType::NEW_SESSION_TICKET).then(|| r.u32("max_early_data_size"))
}
