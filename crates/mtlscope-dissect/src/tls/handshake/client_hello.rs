//! ClientHello: the client opens, and says what it can do.
//!
//! RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2.
//!
//! ```text
//! struct {
//!     ProtocolVersion legacy_version = 0x0303;    /* TLS v1.2 */
//!     Random random;
//!     opaque legacy_session_id<0..32>;
//!     CipherSuite cipher_suites<2..2^16-2>;
//!     opaque legacy_compression_methods<1..2^8-1>;
//!     Extension extensions<8..2^16-1>;
//! } ClientHello;
//! ```

use super::{Context, Random};
use crate::reader::{Reader, Trace};
use crate::tls::extension::{
    ApplicationLayerProtocolNegotiation, ExtensionBody, Extensions, KeyShare, ProtocolName, SupportedVersions,
};
use crate::tls::registry::{
    CertificateType, CipherSuite, CompressionMethod, ExtensionType, HandshakeType, NamedGroup,
    ProtocolVersion, SignatureScheme,
};

/// What the client can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientHello {
    /// The highest version up to TLS 1.2; TLS 1.3 is offered by an extension.
    pub legacy_version: ProtocolVersion,
    /// By which key logs name the connection.
    pub random: Random,
    /// The session to resume, or bytes that only look like it.
    pub session_id: Box<[u8]>,
    /// The suites offered, the preferred first.
    pub cipher_suites: Vec<CipherSuite>,
    /// The compression offered.
    pub compression_methods: Vec<CompressionMethod>,
    /// The extensions; empty where the hello ends before them.
    pub extensions: Extensions,
}

impl ClientHello {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self {
            legacy_version: r.registered("legacy_version"),
            random: Random(r.array("random")),
            session_id: r.opaque8("legacy_session_id").into(),
            cipher_suites: r.vector16("cipher_suites", |r| r.list("cipher_suite")),
            compression_methods: r.vector8("legacy_compression_methods", |r| r.list("compression_method")),
            extensions: Extensions::parse(r, HandshakeType::CLIENT_HELLO),
        }
    }

    /// The host the client wants, if it names one in valid text.
    pub fn server_name(&self) -> Option<&str> {
        match self.extensions.body(ExtensionType::SERVER_NAME)? {
            ExtensionBody::ServerName(server_name) => server_name.host_name(),
            _ => None,
        }
    }

    /// The application protocols offered, the preferred first.
    pub fn alpn_protocols(&self) -> &[ProtocolName] {
        match self.extensions.body(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION) {
            Some(ExtensionBody::ApplicationLayerProtocolNegotiation(
                ApplicationLayerProtocolNegotiation { protocol_name_list },
            )) => protocol_name_list,
            _ => &[],
        }
    }

    /// The versions offered: those of supported_versions, GREASE among them; without it, the version of the hello alone.
    pub fn supported_versions(&self) -> Vec<ProtocolVersion> {
        match self.extensions.body(ExtensionType::SUPPORTED_VERSIONS) {
            Some(ExtensionBody::SupportedVersions(SupportedVersions::Offered(versions))) => versions.clone(),
            _ => vec![self.legacy_version],
        }
    }

    /// The signature schemes the client accepts; empty where it does not say.
    pub fn signature_algorithms(&self) -> &[SignatureScheme] {
        self.extensions.signature_algorithms()
    }

    /// The signature schemes the client accepts in certificates; empty where it does not tell them apart.
    pub fn signature_algorithms_cert(&self) -> &[SignatureScheme] {
        self.extensions.signature_algorithms_cert()
    }

    /// The groups the client can agree on a secret with; empty where it does not say.
    pub fn supported_groups(&self) -> &[NamedGroup] {
        match self.extensions.body(ExtensionType::SUPPORTED_GROUPS) {
            Some(ExtensionBody::SupportedGroups(groups)) => groups,
            _ => &[],
        }
    }

    /// The groups for which the client already sends a key.
    pub fn key_share_groups(&self) -> impl Iterator<Item = NamedGroup> {
        let entries = match self.extensions.body(ExtensionType::KEY_SHARE) {
            Some(ExtensionBody::KeyShare(KeyShare::Client(entries))) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|entry| entry.group)
    }

    /// What kinds of client certificate the client could send; empty where it does not say, which means X.509.
    pub fn client_certificate_types(&self) -> &[CertificateType] {
        match self.extensions.body(ExtensionType::CLIENT_CERTIFICATE_TYPE) {
            Some(ExtensionBody::ClientCertificateType(types)) => types,
            _ => &[],
        }
    }

    /// The ticket of TLS 1.2 the client wants to resume with.
    pub fn session_ticket(&self) -> Option<&[u8]> {
        match self.extensions.body(ExtensionType::SESSION_TICKET)? {
            ExtensionBody::SessionTicket(ticket) if !ticket.is_empty() => Some(ticket),
            _ => None,
        }
    }

    /// Whether an extension is there.
    pub fn offers(&self, extension_type: ExtensionType) -> bool {
        self.extensions.contains(extension_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::handshake::{Body, vectors};

    fn hello(vector: &vectors::Vector) -> ClientHello {
        match vector.parse().body {
            Body::ClientHello(hello) => *hello,
            body => panic!("{body:?}"),
        }
    }

    #[test]
    fn the_hello_of_rfc_8448_is_read() {
        let hello = hello(&vectors::RFC8448_CLIENT_HELLO);
        assert_eq!(hello.legacy_version, ProtocolVersion::TLS12);
        assert_eq!(
            hello.random.to_string(),
            "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"
        );
        assert_eq!(
            hello.cipher_suites,
            [
                CipherSuite::AES_128_GCM_SHA256,
                CipherSuite::CHACHA20_POLY1305_SHA256,
                CipherSuite::AES_256_GCM_SHA384
            ]
        );
        assert_eq!(hello.compression_methods, [CompressionMethod::NULL]);
        assert_eq!(hello.server_name(), Some("server"));
        assert_eq!(hello.supported_versions(), [ProtocolVersion::TLS13]);
        assert_eq!(hello.supported_groups().len(), 9);
        assert_eq!(hello.key_share_groups().collect::<Vec<_>>(), [NamedGroup::X25519]);
        assert_eq!(hello.signature_algorithms().len(), 15);
        assert_eq!(hello.signature_algorithms()[14], SignatureScheme::DSA_SHA1);
        assert!(hello.offers(ExtensionType::SESSION_TICKET) && hello.session_ticket().is_none());
        assert!(!hello.offers(ExtensionType::POST_HANDSHAKE_AUTH));
        assert_eq!(hello.extensions.len(), 9);
    }

    #[test]
    fn post_handshake_authentication_is_offered() {
        let hello = hello(&vectors::POST_HANDSHAKE_CLIENT_HELLO);
        assert!(hello.offers(ExtensionType::POST_HANDSHAKE_AUTH));
    }

    #[test]
    fn a_hello_without_extensions_speaks_its_legacy_version() {
        let mut bytes = vec![3, 1];
        bytes.extend([7; 32]);
        bytes.extend([0, 0, 2, 0, 0x2f, 1, 0]);
        let context = Context::new(crate::side::Side::Client);
        let message = crate::tls::handshake::parse(HandshakeType::CLIENT_HELLO, &bytes, &context);
        assert_eq!(message.notices(), []);
        let Body::ClientHello(hello) = message.body else { panic!() };
        assert_eq!(hello.supported_versions(), [ProtocolVersion::TLS10]);
        assert!(hello.extensions.is_empty() && hello.server_name().is_none());
        assert!(hello.alpn_protocols().is_empty());
    }
}
