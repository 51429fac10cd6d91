//! ExtensionBody: the data of an extension, by its type and by the message it stands in.

use super::{
    ApplicationLayerProtocolNegotiation, ApplicationSettings, CertificateAuthorities,
    CertificateStatusRequest, DelegatedCredential, EncryptedClientHello, EncryptedServerName, KeyShare,
    OidFilter, PreSharedKey, ProtocolName, ServerNameList, StatusRequest, SupportedVersions, TicketRequest,
    TokenBinding, TrustedAuthority, certificate_type, compress_certificate, early_data, ec_point_formats,
    next_protocol_negotiation, oid_filters, psk_key_exchange_modes, signature_algorithms,
    signed_certificate_timestamp, status_request_v2, supported_groups, trusted_ca_keys,
};
use crate::reader::{Reader, Trace};
use crate::tls::registry::{
    CertificateCompressionAlgorithm, CertificateType, EcPointFormat, ExtensionType, HandshakeType,
    HeartbeatMode, MaxFragmentLengthCode, NamedGroup, PskKeyExchangeMode, SignatureScheme,
};

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
    /// Keys of the client that tokens are tied to.
    TokenBinding(TokenBinding),
    /// How many tickets the client would like.
    TicketRequest(TicketRequest),
    /// Flags, the lowest bit of the first byte being flag 0. draft-ietf-tls-tlsflags.
    TlsFlags(Box<[u8]>),
    /// Settings of the application.
    ApplicationSettings(ApplicationSettings),
    /// The protocols a server speaks.
    NextProtocolNegotiation(Vec<ProtocolName>),
    /// The host the client wants, sealed.
    EncryptedServerName(Box<EncryptedServerName>),
    /// The real ClientHello, sealed.
    EncryptedClientHello(EncryptedClientHello),
    /// What ended the handshake before, in a renegotiation; empty in a first handshake. RFC 5746 section 3.2.
    RenegotiationInfo(Box<[u8]>),
    /// Any other, as sent.
    Unknown(Box<[u8]>),
}

impl ExtensionBody {
    pub(super) fn parse<T: Trace>(
        r: &mut Reader<'_, '_, T>,
        extension_type: ExtensionType,
        message: HandshakeType,
    ) -> Self {
        match extension_type {
            ExtensionType::SERVER_NAME => Self::ServerName(ServerNameList::parse(r)),
            ExtensionType::MAX_FRAGMENT_LENGTH => {
                Self::MaxFragmentLength(r.registered("max_fragment_length"))
            }
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
            ExtensionType::SUPPORTED_VERSIONS => {
                Self::SupportedVersions(SupportedVersions::parse(r, message))
            }
            ExtensionType::COOKIE => Self::Cookie(r.opaque16("cookie").into()),
            ExtensionType::PSK_KEY_EXCHANGE_MODES => {
                Self::PskKeyExchangeModes(psk_key_exchange_modes::parse(r))
            }
            ExtensionType::CERTIFICATE_AUTHORITIES => {
                Self::CertificateAuthorities(CertificateAuthorities::parse(r))
            }
            ExtensionType::OID_FILTERS => Self::OidFilters(oid_filters::parse(r)),
            ExtensionType::POST_HANDSHAKE_AUTH => Self::PostHandshakeAuth,
            ExtensionType::SIGNATURE_ALGORITHMS_CERT => {
                Self::SignatureAlgorithmsCert(signature_algorithms::parse(r))
            }
            ExtensionType::NEXT_PROTOCOL_NEGOTIATION => {
                Self::NextProtocolNegotiation(next_protocol_negotiation::parse(r))
            }
            ExtensionType::ENCRYPTED_SERVER_NAME => {
                Self::EncryptedServerName(Box::new(EncryptedServerName::parse(r, message)))
            }
            ExtensionType::KEY_SHARE | ExtensionType::KEY_SHARE_DRAFT => {
                Self::KeyShare(KeyShare::parse(r, message))
            }
            ExtensionType::TOKEN_BINDING => Self::TokenBinding(TokenBinding::parse(r)),
            ExtensionType::TICKET_REQUEST => Self::TicketRequest(TicketRequest::parse(r, message)),
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
