//! Extensions: what was added to TLS over the years, one file an extension, in the order of their numbers.
//!
//! RFC 8446 section 4.2. Extensions whose content is a number or a string of bytes are read here; those that matter to no
//! question we ask are kept as bytes.
//!
//! ```text
//! struct {
//!     ExtensionType extension_type;
//!     opaque extension_data<0..2^16-1>;
//! } Extension;
//! ```

mod server_name;
mod trusted_ca_keys;
mod status_request;
mod supported_groups;
mod ec_point_formats;
mod signature_algorithms;
mod application_layer_protocol_negotiation;
mod status_request_v2;
mod signed_certificate_timestamp;
mod certificate_type;
mod compress_certificate;
mod delegated_credential;
mod pre_shared_key;
mod early_data;
mod supported_versions;
mod psk_key_exchange_modes;
mod certificate_authorities;
mod oid_filters;
mod key_share;
mod application_settings;
mod encrypted_client_hello;

pub use application_layer_protocol_negotiation::{ApplicationLayerProtocolNegotiation, ProtocolName};
pub use application_settings::ApplicationSettings;
pub use certificate_authorities::CertificateAuthorities;
pub use delegated_credential::DelegatedCredential;
pub use encrypted_client_hello::EncryptedClientHello;
pub use key_share::{KeyShare, KeyShareEntry};
pub use oid_filters::OidFilter;
pub use pre_shared_key::{PreSharedKey, PskIdentity};
pub use server_name::{ServerName, ServerNameList};
pub use status_request::{CertificateStatusRequest, StatusRequest};
pub use supported_versions::SupportedVersions;
pub use trusted_ca_keys::TrustedAuthority;

use super::registry::{
    CertificateCompressionAlgorithm, CertificateType, EcPointFormat, ExtensionType, HandshakeType,
    HeartbeatMode, MaxFragmentLengthCode, NamedGroup, PskKeyExchangeMode, SignatureScheme,
};
use crate::reader::{Reader, Trace};

/// The extensions of a message or of a certificate entry, all of them, in the order sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Extensions(pub Vec<Extension>);

/// One extension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Which.
    pub extension_type: ExtensionType,
    /// The length of its data in bytes, as it says.
    pub length: u16,
    /// The data, taken apart where we know how.
    pub body: ExtensionBody,
    /// Whether the data ends before its fields do.
    pub cut_short: bool,
    /// How many bytes stand behind the last field.
    pub trailing: usize,
}

/// The data of an extension. What it holds may depend on the message it stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExtensionBody {
    /// The host the client wants.
    ServerName(ServerNameList),
    /// The largest record the client wants. RFC 6066 section 4.
    MaxFragmentLength(MaxFragmentLengthCode),
    /// The authorities a client believes, up to TLS 1.2.
    TrustedCaKeys(Vec<TrustedAuthority>),
    /// A wish for an OCSP response, or one.
    StatusRequest(StatusRequest),
    /// The groups the sender can use, the preferred first.
    SupportedGroups(Vec<NamedGroup>),
    /// How the sender reads points of a curve.
    EcPointFormats(Vec<EcPointFormat>),
    /// The signatures the sender accepts, the preferred first.
    SignatureAlgorithms(Vec<SignatureScheme>),
    /// Whether the sender answers heartbeats. RFC 6520 section 2.
    Heartbeat(HeartbeatMode),
    /// The protocol spoken inside.
    ApplicationLayerProtocolNegotiation(ApplicationLayerProtocolNegotiation),
    /// Wishes for OCSP responses, the preferred first; empty in an answer.
    StatusRequestV2(Vec<CertificateStatusRequest>),
    /// Certificate timestamps, as sent; none in a request for them.
    SignedCertificateTimestamp(Vec<Box<[u8]>>),
    /// The kinds of certificate the client can send, or the one the server chose.
    ClientCertificateType(Vec<CertificateType>),
    /// The kinds of certificate the client can check, or the one the server chose.
    ServerCertificateType(Vec<CertificateType>),
    /// Bytes that only fill. RFC 7685. Their number is the extension's length.
    Padding,
    /// Records are encrypted first and authenticated then. RFC 7366.
    EncryptThenMac,
    /// The secret depends on the whole handshake. RFC 7627.
    ExtendedMasterSecret,
    /// How a Certificate may be packed.
    CompressCertificate(Vec<CertificateCompressionAlgorithm>),
    /// The largest record the sender takes, in bytes. RFC 8449 section 4.
    RecordSizeLimit(u16),
    /// The readiness to accept a delegated credential, or one.
    DelegatedCredential(DelegatedCredential),
    /// A ticket of TLS 1.2; empty: the client would like one, or the server will send one. RFC 5077 section 3.2.
    SessionTicket(Box<[u8]>),
    /// Keys to resume with, or the one taken.
    PreSharedKey(PreSharedKey),
    /// Data before the handshake is done; in a ticket, the most bytes of it.
    EarlyData(Option<u32>),
    /// Versions offered, or the one chosen.
    SupportedVersions(SupportedVersions),
    /// Something the server wants back in the second ClientHello. RFC 8446 section 4.2.2.
    Cookie(Box<[u8]>),
    /// How the client would use a pre-shared key.
    PskKeyExchangeModes(Vec<PskKeyExchangeMode>),
    /// The authorities the sender believes.
    CertificateAuthorities(CertificateAuthorities),
    /// What the client's certificate must hold.
    OidFilters(Vec<OidFilter>),
    /// The client can be asked for a certificate after the handshake. RFC 8446 section 4.2.6.
    PostHandshakeAuth,
    /// The signatures the sender accepts in certificates, the preferred first.
    SignatureAlgorithmsCert(Vec<SignatureScheme>),
    /// Keys to agree on a secret with.
    KeyShare(KeyShare),
    /// Flags, the lowest bit of the first byte being flag 0. draft-ietf-tls-tlsflags.
    TlsFlags(Box<[u8]>),
    /// Settings of the application.
    ApplicationSettings(ApplicationSettings),
    /// The real ClientHello, sealed.
    EncryptedClientHello(EncryptedClientHello),
    /// What ended the handshake before, in a renegotiation; empty in a first handshake. RFC 5746 section 3.2.
    RenegotiationInfo(Box<[u8]>),
    /// Any other, as sent.
    Unknown(Box<[u8]>),
}

impl Extensions {
    /// Reads the list that ends a message; nothing where the message ends before it, as old hellos do.
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if !r.has_more() {
            return Self::default();
        }
        Self(r.vector16("extensions", |r| {
            // Browsers send about 18. An extension takes at least four bytes.
            let mut list = Vec::with_capacity((r.remaining() / 4).min(20));
            while r.has_more() {
                list.push(Extension::parse(r, message));
            }
            list
        }))
    }

    /// The first extension of a type.
    pub fn get(&self, extension_type: ExtensionType) -> Option<&Extension> {
        self.iter().find(|extension| extension.extension_type == extension_type)
    }

    /// The data of the first extension of a type.
    pub fn body(&self, extension_type: ExtensionType) -> Option<&ExtensionBody> {
        self.get(extension_type).map(|extension| &extension.body)
    }

    /// Whether there is an extension of a type.
    pub fn contains(&self, extension_type: ExtensionType) -> bool {
        self.get(extension_type).is_some()
    }

    /// All, in the order sent.
    pub fn iter(&self) -> std::slice::Iter<'_, Extension> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The signatures the sender accepts; empty where it does not say.
    pub fn signature_algorithms(&self) -> &[SignatureScheme] {
        match self.body(ExtensionType::SIGNATURE_ALGORITHMS) {
            Some(ExtensionBody::SignatureAlgorithms(schemes)) => schemes,
            _ => &[],
        }
    }

    /// The signatures the sender accepts in certificates; empty where it does not tell them apart.
    pub fn signature_algorithms_cert(&self) -> &[SignatureScheme] {
        match self.body(ExtensionType::SIGNATURE_ALGORITHMS_CERT) {
            Some(ExtensionBody::SignatureAlgorithmsCert(schemes)) => schemes,
            _ => &[],
        }
    }
}

impl<'a> IntoIterator for &'a Extensions {
    type Item = &'a Extension;
    type IntoIter = std::slice::Iter<'a, Extension>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extension {
    fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        r.group_shown(
            "Extension",
            |r| {
                let extension_type = r.registered("extension_type");
                r.group("extension_data", |r| {
                    let length = r.u16("length");
                    // A broken extension says nothing about the next: its own length tells where that begins.
                    let ((body, trailing), cut_short) = r.apart(usize::from(length), |r| {
                        let body = ExtensionBody::parse(r, extension_type, message);
                        let trailing = r.remaining();
                        if trailing > 0 {
                            r.rest("trailing_bytes");
                        }
                        (body, trailing)
                    });
                    Self { extension_type, length, body, cut_short, trailing }
                })
            },
            |extension| extension.extension_type.to_string(),
        )
    }
}

impl ExtensionBody {
    fn parse<T: Trace>(
        r: &mut Reader<'_, '_, T>,
        extension_type: ExtensionType,
        message: HandshakeType,
    ) -> Self {
        match extension_type {
            ExtensionType::SERVER_NAME => Self::ServerName(ServerNameList::parse(r)),
            ExtensionType::MAX_FRAGMENT_LENGTH => Self::MaxFragmentLength(r.registered("max_fragment_length")),
            ExtensionType::TRUSTED_CA_KEYS => Self::TrustedCaKeys(trusted_ca_keys::parse(r)),
            ExtensionType::STATUS_REQUEST => Self::StatusRequest(StatusRequest::parse(r, message)),
            ExtensionType::SUPPORTED_GROUPS => Self::SupportedGroups(supported_groups::parse(r)),
            ExtensionType::EC_POINT_FORMATS => Self::EcPointFormats(ec_point_formats::parse(r)),
            ExtensionType::SIGNATURE_ALGORITHMS => Self::SignatureAlgorithms(signature_algorithms::parse(r)),
            ExtensionType::HEARTBEAT => Self::Heartbeat(r.registered("mode")),
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                Self::ApplicationLayerProtocolNegotiation(ApplicationLayerProtocolNegotiation::parse(r))
            }
            ExtensionType::STATUS_REQUEST_V2 => Self::StatusRequestV2(status_request_v2::parse(r)),
            ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => {
                Self::SignedCertificateTimestamp(signed_certificate_timestamp::parse(r))
            }
            ExtensionType::CLIENT_CERTIFICATE_TYPE => {
                Self::ClientCertificateType(certificate_type::parse(r, message))
            }
            ExtensionType::SERVER_CERTIFICATE_TYPE => {
                Self::ServerCertificateType(certificate_type::parse(r, message))
            }
            ExtensionType::PADDING => {
                r.rest("PaddingExtension");
                Self::Padding
            }
            ExtensionType::ENCRYPT_THEN_MAC => Self::EncryptThenMac,
            ExtensionType::EXTENDED_MASTER_SECRET => Self::ExtendedMasterSecret,
            ExtensionType::COMPRESS_CERTIFICATE => Self::CompressCertificate(compress_certificate::parse(r)),
            ExtensionType::RECORD_SIZE_LIMIT => Self::RecordSizeLimit(r.u16("RecordSizeLimit")),
            ExtensionType::DELEGATED_CREDENTIAL => {
                Self::DelegatedCredential(DelegatedCredential::parse(r, message))
            }
            ExtensionType::SESSION_TICKET => Self::SessionTicket(r.rest("ticket").into()),
            ExtensionType::PRE_SHARED_KEY => Self::PreSharedKey(PreSharedKey::parse(r, message)),
            ExtensionType::EARLY_DATA => Self::EarlyData(early_data::parse(r, message)),
            ExtensionType::SUPPORTED_VERSIONS => Self::SupportedVersions(SupportedVersions::parse(r, message)),
            ExtensionType::COOKIE => Self::Cookie(r.opaque16("cookie").into()),
            ExtensionType::PSK_KEY_EXCHANGE_MODES => Self::PskKeyExchangeModes(psk_key_exchange_modes::parse(r)),
            ExtensionType::CERTIFICATE_AUTHORITIES => {
                Self::CertificateAuthorities(CertificateAuthorities::parse(r))
            }
            ExtensionType::OID_FILTERS => Self::OidFilters(oid_filters::parse(r)),
            ExtensionType::POST_HANDSHAKE_AUTH => Self::PostHandshakeAuth,
            ExtensionType::SIGNATURE_ALGORITHMS_CERT => {
                Self::SignatureAlgorithmsCert(signature_algorithms::parse(r))
            }
            ExtensionType::KEY_SHARE => Self::KeyShare(KeyShare::parse(r, message)),
            ExtensionType::TLS_FLAGS => Self::TlsFlags(r.opaque8("flags").into()),
            ExtensionType::APPLICATION_SETTINGS | ExtensionType::APPLICATION_SETTINGS_OLD => {
                Self::ApplicationSettings(ApplicationSettings::parse(r, message))
            }
            ExtensionType::ENCRYPTED_CLIENT_HELLO => {
                Self::EncryptedClientHello(EncryptedClientHello::parse(r, message))
            }
            ExtensionType::RENEGOTIATION_INFO => {
                Self::RenegotiationInfo(r.opaque8("renegotiated_connection").into())
            }
            _ => Self::Unknown(r.rest("data").into()),
        }
    }
}
