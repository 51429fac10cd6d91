//! EncryptedExtensions: what of the server's answer is not needed for the keys. TLS 1.3 only.
//!
//! RFC 8446 section 4.3.1.
//!
//! ```text
//! struct {
//!     Extension extensions<0..2^16-1>;
//! } EncryptedExtensions;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::extension::{ApplicationLayerProtocolNegotiation, ExtensionBody, Extensions, ProtocolName};
use crate::tls::registry::{ExtensionType, HandshakeType};

/// The rest of the server's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncryptedExtensions {
    /// The extensions.
    pub extensions: Extensions,
}

impl EncryptedExtensions {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self { extensions: Extensions::parse(r, HandshakeType::ENCRYPTED_EXTENSIONS) }
    }

    /// The application protocol chosen.
    pub fn alpn_protocol(&self) -> Option<&ProtocolName> {
        match self.extensions.body(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)? {
            ExtensionBody::ApplicationLayerProtocolNegotiation(ApplicationLayerProtocolNegotiation {
                protocol_name_list,
            }) => protocol_name_list.first(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tls::handshake::{Body, vectors};

    #[test]
    fn the_application_protocol_is_found() {
        let Body::EncryptedExtensions(message) = vectors::TLS13_ENCRYPTED_EXTENSIONS.parse().body else {
            panic!()
        };
        assert_eq!(message.alpn_protocol().map(ToString::to_string).as_deref(), Some("http/1.1"));
        let Body::EncryptedExtensions(message) = vectors::RFC8448_ENCRYPTED_EXTENSIONS.parse().body else {
            panic!()
        };
        assert_eq!((message.extensions.len(), message.alpn_protocol()), (3, None));
    }
}
