//! ServerHello: the server chooses. A HelloRetryRequest is one with a random of its own.
//!
//! RFC 8446 section 4.1.3 and 4.1.4, RFC 5246 section 7.4.1.3.
//!
//! ```text
//! struct {
//!     ProtocolVersion legacy_version = 0x0303;    /* TLS v1.2 */
//!     Random random;
//!     opaque legacy_session_id_echo<0..32>;
//!     CipherSuite cipher_suite;
//!     uint8 legacy_compression_method = 0;
//!     Extension extensions<6..2^16-1>;
//! } ServerHello;
//! ```
//!
//! Drafts of TLS 1.3 up to 21 write their number in the version, and have neither session id nor compression method.

use super::{Context, Random};
use crate::reader::{Reader, Trace};
use crate::tls::extension::{
    ApplicationLayerProtocolNegotiation, ExtensionBody, Extensions, KeyShare, PreSharedKey, ProtocolName,
    SupportedVersions,
};
use crate::tls::registry::{
    CipherSuite, CompressionMethod, ExtensionType, HandshakeType, NamedGroup, ProtocolVersion,
};

/// What the server chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerHello {
    /// The version chosen up to TLS 1.2; TLS 1.3 is chosen by an extension.
    pub legacy_version: ProtocolVersion,
    /// Its last bytes may tell of a downgrade.
    pub random: Random,
    /// The session, or in TLS 1.3 what the client sent there.
    pub session_id: Box<[u8]>,
    /// The suite chosen.
    pub cipher_suite: CipherSuite,
    /// The compression chosen.
    pub compression_method: CompressionMethod,
    /// The extensions; empty where the hello ends before them.
    pub extensions: Extensions,
}

impl ServerHello {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        let legacy_version: ProtocolVersion = r.registered("legacy_version");
        let random = Random(r.array("random"));
        let is_early_draft = matches!(legacy_version.0, 0x7f00..=0x7f15);
        let session_id =
            if is_early_draft { Box::default() } else { r.opaque8("legacy_session_id_echo").into() };
        let cipher_suite = r.registered("cipher_suite");
        let compression_method =
            if is_early_draft { CompressionMethod::NULL } else { r.registered("legacy_compression_method") };
        let extensions = Extensions::parse(r, HandshakeType::SERVER_HELLO);
        Self { legacy_version, random, session_id, cipher_suite, compression_method, extensions }
    }

    /// The version chosen.
    pub fn version(&self) -> ProtocolVersion {
        match self.extensions.body(ExtensionType::SUPPORTED_VERSIONS) {
            // An empty one reads as zero and chooses nothing.
            Some(ExtensionBody::SupportedVersions(SupportedVersions::Selected(version)))
                if version.0 != 0 =>
            {
                *version
            }
            _ => self.legacy_version,
        }
    }

    /// Whether the server asks for another ClientHello.
    pub fn is_hello_retry_request(&self) -> bool {
        self.random == Random::HELLO_RETRY_REQUEST
    }

    /// What a server that could do better says when it settles for less: the version it was brought down to. RFC 8446
    /// section 4.1.3.
    pub fn downgrade(&self) -> Option<Downgrade> {
        match self.random.0.last_chunk() {
            Some(b"DOWNGRD\x01") => Some(Downgrade::ToTls12),
            Some(b"DOWNGRD\x00") => Some(Downgrade::ToTls11OrBelow),
            _ => None,
        }
    }

    /// The application protocol chosen, where it is chosen in the clear (before TLS 1.3).
    pub fn alpn_protocol(&self) -> Option<&ProtocolName> {
        match self.extensions.body(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)? {
            ExtensionBody::ApplicationLayerProtocolNegotiation(ApplicationLayerProtocolNegotiation {
                protocol_name_list,
            }) => protocol_name_list.first(),
            _ => None,
        }
    }

    /// The group chosen, or asked for by a HelloRetryRequest. TLS 1.3 only; before, ServerKeyExchange names it.
    pub fn selected_group(&self) -> Option<NamedGroup> {
        match self.extensions.body(ExtensionType::KEY_SHARE)? {
            ExtensionBody::KeyShare(KeyShare::Server(entry)) => Some(entry.group),
            ExtensionBody::KeyShare(KeyShare::HelloRetryRequest(group)) => Some(*group),
            _ => None,
        }
    }

    /// Which of the client's pre-shared keys was taken: TLS 1.3 resumption, and so no certificates.
    pub fn selected_identity(&self) -> Option<u16> {
        match self.extensions.body(ExtensionType::PRE_SHARED_KEY)? {
            ExtensionBody::PreSharedKey(PreSharedKey::Selected(identity)) => Some(*identity),
            _ => None,
        }
    }
}

/// What the end of a server's random says of a downgrade.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Downgrade {
    /// The server can do TLS 1.3.
    ToTls12,
    /// The server can do TLS 1.2 or 1.3.
    ToTls11OrBelow,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::{Body, parse, vectors};

    #[test]
    fn the_hello_of_rfc_8448_chooses_tls_13() {
        let Body::ServerHello(hello) = vectors::RFC8448_SERVER_HELLO.parse().body else { panic!() };
        assert_eq!((hello.legacy_version, hello.version()), (ProtocolVersion::TLS12, ProtocolVersion::TLS13));
        assert_eq!(hello.cipher_suite, CipherSuite::AES_128_GCM_SHA256);
        assert_eq!(hello.selected_group(), Some(NamedGroup::X25519));
        assert_eq!((hello.selected_identity(), hello.downgrade()), (None, None));
    }

    #[test]
    fn a_hello_retry_request_asks_for_a_group() {
        let Body::HelloRetryRequest(hello) = vectors::HELLO_RETRY_REQUEST.parse().body else { panic!() };
        assert!(hello.is_hello_retry_request());
        assert!(hello.selected_group().is_some());
        let key_share = hello.extensions.body(ExtensionType::KEY_SHARE);
        assert!(matches!(key_share, Some(ExtensionBody::KeyShare(KeyShare::HelloRetryRequest(_)))));
    }

    #[test]
    fn a_pre_shared_key_is_taken() {
        let Body::ServerHello(hello) = vectors::PSK_SERVER_HELLO.parse().body else { panic!() };
        assert_eq!(hello.selected_identity(), Some(0));
    }

    #[test]
    fn a_server_settling_for_tls_12_says_so() {
        let Body::ServerHello(mut hello) = vectors::TLS12_SERVER_HELLO.parse().body else { panic!() };
        assert_eq!(hello.version(), ProtocolVersion::TLS12);
        hello.random.0[24..].copy_from_slice(b"DOWNGRD\x01");
        assert_eq!(hello.downgrade(), Some(Downgrade::ToTls12));
        hello.random.0[31] = 0;
        assert_eq!(hello.downgrade(), Some(Downgrade::ToTls11OrBelow));
    }

    #[test]
    fn drafts_up_to_21_have_no_session_id() {
        let mut bytes = vec![0x7f, 0x12];
        bytes.extend([7; 32]);
        bytes.extend([0x13, 0x01, 0, 6, 0, 41, 0, 2, 0, 0]);
        let message = parse(HandshakeType::SERVER_HELLO, &bytes, &Context::new(Side::Server));
        assert_eq!(message.notices(), []);
        let Body::ServerHello(hello) = message.body else { panic!() };
        assert_eq!(hello.version(), ProtocolVersion::TLS13_DRAFT_18);
        assert_eq!(hello.cipher_suite, CipherSuite::AES_128_GCM_SHA256);
        assert_eq!(hello.selected_identity(), Some(0));
    }
}
