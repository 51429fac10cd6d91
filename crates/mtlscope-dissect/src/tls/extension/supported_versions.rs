//! supported_versions: the versions the client can speak, and the one the server chose. Only TLS 1.3 is chosen so.
//!
//! RFC 8446 section 4.2.1.
//!
//! ```text
//! struct {
//!     select (Handshake.msg_type) {
//!         case client_hello:
//!             ProtocolVersion versions<2..254>;
//!         case server_hello: /* and HelloRetryRequest */
//!             ProtocolVersion selected_version;
//!     };
//! } SupportedVersions;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::{HandshakeType, ProtocolVersion};

/// Versions offered, or the one chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SupportedVersions {
    /// The client's, the preferred first.
    Offered(Vec<ProtocolVersion>),
    /// The server's choice.
    Selected(ProtocolVersion),
}

impl SupportedVersions {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message == HandshakeType::CLIENT_HELLO {
            Self::Offered(r.vector8("versions", |r| r.list("version")))
        } else {
            Self::Selected(r.registered("selected_version"))
        }
    }
}
