//! application_settings (ALPS): settings of the application, exchanged within the handshake. Chrome only.
//!
//! draft-vvv-tls-alps section 4. The client says for which protocols; the others' content is the application's own.
//!
//! ```text
//! struct {
//!     ProtocolName supported_protocols<2..2^16-1>;
//! } ApplicationSettingsSupport;
//! ```

use super::ProtocolName;
use super::application_layer_protocol_negotiation::parse_protocol_names;
use crate::reader::{Reader, Trace};
use crate::tls::registry::HandshakeType;

/// Settings of the application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApplicationSettings {
    /// The client: for which protocols.
    SupportedProtocols(Vec<ProtocolName>),
    /// Either end's EncryptedExtensions: the settings.
    Settings(Box<[u8]>),
}

impl ApplicationSettings {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message == HandshakeType::CLIENT_HELLO {
            Self::SupportedProtocols(parse_protocol_names(r, "supported_protocols"))
        } else {
            Self::Settings(r.rest("settings").into())
        }
    }
}
