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
    CertificateType, CipherSuite, CompressionMethod, ExtensionType, HandshakeType, NamedGroup, ProtocolVersion,
    SignatureScheme,
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
