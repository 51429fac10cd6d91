//! Extensions: what was added to TLS over the years, one file an extension.
//!
//! RFC 8446 section 4.2. Extensions whose content is a number or a string of bytes are read in `body.rs`; those that matter to no
//! question we ask are kept as bytes.
//!
//! ```text
//! struct {
//!     ExtensionType extension_type;
//!     opaque extension_data<0..2^16-1>;
//! } Extension;
//! ```

mod application_layer_protocol_negotiation;
mod application_settings;
mod body;
mod certificate_authorities;
mod certificate_type;
mod compress_certificate;
mod delegated_credential;
mod early_data;
mod ec_point_formats;
mod encrypted_client_hello;
mod encrypted_server_name;
mod key_share;
mod next_protocol_negotiation;
mod oid_filters;
mod pre_shared_key;
mod psk_key_exchange_modes;
mod server_name;
mod signature_algorithms;
mod signed_certificate_timestamp;
mod status_request;
mod status_request_v2;
mod supported_groups;
mod supported_versions;
mod ticket_request;
mod token_binding;
mod trusted_ca_keys;

pub use application_layer_protocol_negotiation::{ApplicationLayerProtocolNegotiation, ProtocolName};
pub use application_settings::ApplicationSettings;
pub use body::ExtensionBody;
pub use certificate_authorities::CertificateAuthorities;
pub use delegated_credential::{Credential, DelegatedCredential};
pub use encrypted_client_hello::EncryptedClientHello;
pub use encrypted_server_name::EncryptedServerName;
pub use key_share::{KeyShare, KeyShareEntry};
pub use oid_filters::OidFilter;
pub use pre_shared_key::{OfferedPsks, PreSharedKey, PskIdentity};
pub use server_name::{ServerName, ServerNameList};
pub use signed_certificate_timestamp::place_tree as signed_certificate_timestamps;
pub use status_request::{CertificateStatusRequest, StatusRequest};
pub use supported_versions::SupportedVersions;
pub use ticket_request::TicketRequest;
pub use token_binding::TokenBinding;
pub use trusted_ca_keys::TrustedAuthority;

use super::registry::{ExtensionType, HandshakeType, SignatureScheme};
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
    pub trailing: u16,
}

impl Extensions {
    /// Reads the list that ends a message. Old hellos end before it: RFC 5246 section 7.4.1.2.
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        let may_be_absent = matches!(message, HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO);
        if may_be_absent && !r.has_more() {
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
                        // Not more than `length`, so the cast keeps all of it.
                        let trailing = r.remaining() as u16;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::FieldTree;
    use crate::tls::handshake::vectors::from_hex;
    use crate::tls::registry::{
        CertificateCompressionAlgorithm, CertificateStatusType, CertificateType, CipherSuite, EcPointFormat,
        HandshakeType as Message, HeartbeatMode, IdentifierType, MaxFragmentLengthCode, NameType, NamedGroup,
        ProtocolVersion, PskKeyExchangeMode,
    };

    /// Reads one extension from the hex of its data; also with every field told, which must give the same.
    fn read(extension_type: ExtensionType, message: Message, data: &[u8]) -> Extension {
        let mut bytes = extension_type.0.to_be_bytes().to_vec();
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
        let mut tree = FieldTree::default();
        let traced = Extension::parse(&mut Reader::new(&bytes, 0, &mut tree), message);
        let extension = Extension::parse(&mut Reader::new(&bytes, 0, &mut ()), message);
        assert_eq!(traced, extension);
        extension
    }

    fn bytes(hex: &str) -> Box<[u8]> {
        from_hex(hex).into()
    }

    /// Extension, message, data in hex, what it says.
    fn samples() -> Vec<(ExtensionType, Message, &'static str, ExtensionBody)> {
        use ExtensionBody as B;
        use ExtensionType as E;
        let (client, server) = (Message::CLIENT_HELLO, Message::SERVER_HELLO);
        let (encrypted, certificate) = (Message::ENCRYPTED_EXTENSIONS, Message::CERTIFICATE);
        let request = Message::CERTIFICATE_REQUEST;
        let h2 = || ProtocolName(b"h2"[..].into());
        let ocsp = || CertificateStatusRequest {
            status_type: CertificateStatusType::OCSP,
            responder_id_list: Vec::new(),
            request_extensions: Box::default(),
        };
        let host = ServerName { name_type: NameType::HOST_NAME, name: b"a.b"[..].into() };
        let schemes = || vec![SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme(0x5a5a)];
        let entry = |group, length| KeyShareEntry { group, length };
        vec![
            (
                E::SERVER_NAME,
                client,
                "0006 00 0003 612e62",
                B::ServerName(ServerNameList { server_name_list: vec![host] }),
            ),
            (E::SERVER_NAME, encrypted, "", B::ServerName(ServerNameList::default())),
            (E::MAX_FRAGMENT_LENGTH, client, "02", B::MaxFragmentLength(MaxFragmentLengthCode::BYTES_1024)),
            (
                E::TRUSTED_CA_KEYS,
                client,
                "0008 00 02 0002 3000 07 09",
                B::TrustedCaKeys(vec![
                    TrustedAuthority { identifier_type: IdentifierType::PRE_AGREED, identifier: bytes("") },
                    TrustedAuthority {
                        identifier_type: IdentifierType::X509_NAME,
                        identifier: bytes("3000"),
                    },
                    TrustedAuthority { identifier_type: IdentifierType(7), identifier: bytes("09") },
                ]),
            ),
            (
                E::STATUS_REQUEST,
                client,
                "01 0000 0000",
                B::StatusRequest(StatusRequest::Request(Box::new(ocsp()))),
            ),
            (E::STATUS_REQUEST, server, "", B::StatusRequest(StatusRequest::Empty)),
            (
                E::STATUS_REQUEST,
                certificate,
                "01 000002 3003",
                B::StatusRequest(StatusRequest::Status(Box::new(crate::tls::handshake::CertificateStatus {
                    status_type: CertificateStatusType::OCSP,
                    responses: vec![bytes("3003")],
                }))),
            ),
            (
                E::SUPPORTED_GROUPS,
                client,
                "0006 1a1a 11ec 001d",
                B::SupportedGroups(vec![NamedGroup(0x1a1a), NamedGroup::X25519MLKEM768, NamedGroup::X25519]),
            ),
            (E::EC_POINT_FORMATS, client, "01 00", B::EcPointFormats(vec![EcPointFormat::UNCOMPRESSED])),
            (E::SIGNATURE_ALGORITHMS, request, "0004 0403 5a5a", B::SignatureAlgorithms(schemes())),
            (E::HEARTBEAT, client, "01", B::Heartbeat(HeartbeatMode::PEER_ALLOWED_TO_SEND)),
            (
                E::APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
                client,
                "0003 02 6832",
                B::ApplicationLayerProtocolNegotiation(ApplicationLayerProtocolNegotiation {
                    protocol_name_list: vec![h2()],
                }),
            ),
            (E::STATUS_REQUEST_V2, client, "0007 01 0004 0000 0000", B::StatusRequestV2(vec![ocsp()])),
            (E::SIGNED_CERTIFICATE_TIMESTAMP, client, "", B::SignedCertificateTimestamp(Vec::new())),
            (
                E::SIGNED_CERTIFICATE_TIMESTAMP,
                certificate,
                "0004 0002 0102",
                B::SignedCertificateTimestamp(vec![bytes("0102")]),
            ),
            (
                E::CLIENT_CERTIFICATE_TYPE,
                client,
                "02 02 00",
                B::ClientCertificateType(vec![CertificateType::RAW_PUBLIC_KEY, CertificateType::X509]),
            ),
            (
                E::SERVER_CERTIFICATE_TYPE,
                server,
                "02",
                B::ServerCertificateType(vec![CertificateType::RAW_PUBLIC_KEY]),
            ),
            (E::PADDING, client, "000000", B::Padding),
            (E::ENCRYPT_THEN_MAC, client, "", B::EncryptThenMac),
            (E::EXTENDED_MASTER_SECRET, server, "", B::ExtendedMasterSecret),
            (
                E::COMPRESS_CERTIFICATE,
                client,
                "02 0002",
                B::CompressCertificate(vec![CertificateCompressionAlgorithm::BROTLI]),
            ),
            (E::RECORD_SIZE_LIMIT, client, "4001", B::RecordSizeLimit(0x4001)),
            (
                E::DELEGATED_CREDENTIAL,
                client,
                "0004 0403 5a5a",
                B::DelegatedCredential(DelegatedCredential::SupportedSignatureAlgorithms(schemes())),
            ),
            (
                E::DELEGATED_CREDENTIAL,
                certificate,
                "00000e10 0403 000002 3000 0804 0001 07",
                B::DelegatedCredential(DelegatedCredential::Credential(Box::new(Credential {
                    valid_time: 3600,
                    dc_cert_verify_algorithm: SignatureScheme::ECDSA_SECP256R1_SHA256,
                    subject_public_key_info: bytes("3000"),
                    algorithm: SignatureScheme::RSA_PSS_RSAE_SHA256,
                    signature: bytes("07"),
                }))),
            ),
            (E::SESSION_TICKET, client, "0102", B::SessionTicket(bytes("0102"))),
            (
                E::PRE_SHARED_KEY,
                client,
                "0007 0001 61 00000005 0003 02 0909",
                B::PreSharedKey(PreSharedKey::Offered(Box::new(OfferedPsks {
                    identities: vec![PskIdentity { identity: bytes("61"), obfuscated_ticket_age: 5 }],
                    binder_lengths: vec![2],
                }))),
            ),
            (E::PRE_SHARED_KEY, server, "0001", B::PreSharedKey(PreSharedKey::Selected(1))),
            (E::EARLY_DATA, client, "", B::EarlyData(None)),
            (E::EARLY_DATA, Message::NEW_SESSION_TICKET, "00004000", B::EarlyData(Some(0x4000))),
            (
                E::SUPPORTED_VERSIONS,
                client,
                "04 0304 0303",
                B::SupportedVersions(SupportedVersions::Offered(vec![
                    ProtocolVersion::TLS13,
                    ProtocolVersion::TLS12,
                ])),
            ),
            (
                E::SUPPORTED_VERSIONS,
                server,
                "0304",
                B::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS13)),
            ),
            (E::COOKIE, server, "0001 07", B::Cookie(bytes("07"))),
            (
                E::PSK_KEY_EXCHANGE_MODES,
                client,
                "01 01",
                B::PskKeyExchangeModes(vec![PskKeyExchangeMode::PSK_DHE_KE]),
            ),
            (
                E::CERTIFICATE_AUTHORITIES,
                request,
                "0008 0002 3000 0002 3001",
                B::CertificateAuthorities(CertificateAuthorities {
                    authorities: vec![bytes("3000"), bytes("3001")],
                }),
            ),
            (
                E::OID_FILTERS,
                request,
                "0008 03 551d0f 0002 0305",
                B::OidFilters(vec![OidFilter {
                    certificate_extension_oid: bytes("551d0f"),
                    certificate_extension_values: bytes("0305"),
                }]),
            ),
            (E::POST_HANDSHAKE_AUTH, client, "", B::PostHandshakeAuth),
            (E::SIGNATURE_ALGORITHMS_CERT, client, "0004 0403 5a5a", B::SignatureAlgorithmsCert(schemes())),
            (
                E::KEY_SHARE,
                client,
                "0006 001d 0002 0102",
                B::KeyShare(KeyShare::Client(vec![entry(NamedGroup::X25519, 2)])),
            ),
            (
                E::KEY_SHARE,
                server,
                "0017 0001 04",
                B::KeyShare(KeyShare::Server(entry(NamedGroup::SECP256R1, 1))),
            ),
            (E::KEY_SHARE, server, "0017", B::KeyShare(KeyShare::HelloRetryRequest(NamedGroup::SECP256R1))),
            (
                E::KEY_SHARE_DRAFT,
                client,
                "0006 001d 0002 0102",
                B::KeyShare(KeyShare::Client(vec![entry(NamedGroup::X25519, 2)])),
            ),
            (E::NEXT_PROTOCOL_NEGOTIATION, server, "02 6832", B::NextProtocolNegotiation(vec![h2()])),
            (
                E::ENCRYPTED_SERVER_NAME,
                client,
                "1301 001d 0002 0102 0001 07 0003 010203",
                B::EncryptedServerName(Box::new(EncryptedServerName::Sealed {
                    suite: CipherSuite::AES_128_GCM_SHA256,
                    key_share: entry(NamedGroup::X25519, 2),
                    length: 3,
                })),
            ),
            (
                E::TOKEN_BINDING,
                client,
                "01 00 02 02 01",
                B::TokenBinding(TokenBinding { version: (1, 0), key_parameters: bytes("0201") }),
            ),
            (
                E::TICKET_REQUEST,
                client,
                "02 01",
                B::TicketRequest(TicketRequest::Wanted { new_session_count: 2, resumption_count: 1 }),
            ),
            (E::TICKET_REQUEST, encrypted, "02", B::TicketRequest(TicketRequest::Expected(2))),
            (E::TLS_FLAGS, client, "01 80", B::TlsFlags(bytes("80"))),
            (
                E::APPLICATION_SETTINGS,
                client,
                "0003 02 6832",
                B::ApplicationSettings(ApplicationSettings::SupportedProtocols(vec![h2()])),
            ),
            (
                E::APPLICATION_SETTINGS_OLD,
                encrypted,
                "0102",
                B::ApplicationSettings(ApplicationSettings::Settings(bytes("0102"))),
            ),
            (
                E::ENCRYPTED_CLIENT_HELLO,
                client,
                "00 0001 0003 07 0002 0102 0003 010203",
                B::EncryptedClientHello(EncryptedClientHello::Outer {
                    kdf_id: 1,
                    aead_id: 3,
                    config_id: 7,
                    enc_length: 2,
                    payload_length: 3,
                }),
            ),
            (E::ENCRYPTED_CLIENT_HELLO, client, "01", B::EncryptedClientHello(EncryptedClientHello::Inner)),
            (
                E::ENCRYPTED_CLIENT_HELLO,
                encrypted,
                "0001 09",
                B::EncryptedClientHello(EncryptedClientHello::RetryConfigs(bytes("09"))),
            ),
            (E::RENEGOTIATION_INFO, client, "00", B::RenegotiationInfo(bytes(""))),
            (E::QUIC_TRANSPORT_PARAMETERS, client, "0102", B::Unknown(bytes("0102"))),
            (ExtensionType(0x2a2a), client, "", B::Unknown(bytes(""))),
        ]
    }

    #[test]
    fn every_extension_is_read_as_its_message_has_it() {
        for (extension_type, message, hex, body) in samples() {
            let data = from_hex(hex);
            let length = data.len() as u16;
            let expected = Extension { extension_type, length, body, cut_short: false, trailing: 0 };
            assert_eq!(read(extension_type, message, &data), expected);
        }
    }

    #[test]
    fn every_prefix_and_single_byte_change_survives() {
        for (extension_type, message, hex, _) in samples() {
            let mut data = from_hex(hex);
            for length in 0..data.len() {
                read(extension_type, message, &data[..length]);
            }
            for place in 0..data.len() {
                let before = data[place];
                for after in 0..=u8::MAX {
                    data[place] = after;
                    read(extension_type, message, &data);
                }
                data[place] = before;
            }
        }
    }

    #[test]
    fn a_broken_extension_does_not_hide_the_next() {
        // supported_groups with a list longer than its data, extended_master_secret with a byte too many.
        let list = from_hex("000f 000a 0004 0008 001d 0017 0001 07 0031 0000");
        let extensions = Extensions::parse(&mut Reader::new(&list, 0, &mut ()), Message::CLIENT_HELLO);
        let found: Vec<_> =
            extensions.iter().map(|one| (one.extension_type, one.cut_short, one.trailing)).collect();
        assert_eq!(
            found,
            [
                (ExtensionType::SUPPORTED_GROUPS, true, 0),
                (ExtensionType::EXTENDED_MASTER_SECRET, false, 1),
                (ExtensionType::POST_HANDSHAKE_AUTH, false, 0)
            ]
        );
        let groups = extensions.body(ExtensionType::SUPPORTED_GROUPS);
        assert_eq!(groups, Some(&ExtensionBody::SupportedGroups(vec![NamedGroup::X25519])));
    }

    #[test]
    fn extensions_may_be_empty_and_in_a_hello_absent() {
        for bytes in [&[][..], &[0, 0]] {
            let mut trace = ();
            let mut r = Reader::new(bytes, 0, &mut trace);
            assert!(Extensions::parse(&mut r, Message::SERVER_HELLO).is_empty());
            assert!(!r.is_cut_short());
        }
        let mut trace = ();
        let mut r = Reader::new(&[], 0, &mut trace);
        assert!(Extensions::parse(&mut r, Message::ENCRYPTED_EXTENSIONS).is_empty());
        assert!(r.is_cut_short());
    }

    #[test]
    fn an_extension_is_small() {
        // Twenty of them, the list of a browser, then stay below the size from which allocators take the slow path.
        assert!(size_of::<Extension>() <= 48);
    }
}
