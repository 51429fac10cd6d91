//! ticket_request: how many tickets a client would like to have, new or resumed. TLS 1.3 only.
//!
//! RFC 9149 section 3.
//!
//! ```text
//! struct {
//!     select (Handshake.msg_type) {
//!         case client_hello:         uint8 new_session_count; uint8 resumption_count;
//!         case encrypted_extensions: uint8 expected_count;
//!     };
//! } ClientTicketRequest, ServerTicketRequestHint;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::HandshakeType;

/// Numbers of tickets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketRequest {
    /// What the client would like.
    Wanted {
        /// In a new session.
        new_session_count: u8,
        /// In one that resumes.
        resumption_count: u8,
    },
    /// What the server means to send.
    Expected(u8),
}

impl TicketRequest {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message == HandshakeType::CLIENT_HELLO {
            Self::Wanted {
                new_session_count: r.u8("new_session_count"),
                resumption_count: r.u8("resumption_count"),
            }
        } else {
            Self::Expected(r.u8("expected_count"))
        }
    }
}
