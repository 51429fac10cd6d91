//! What the two hellos of a handshake say, as far as verdicts, rules and the reading without keys go by it.
//!
//! It is taken when the hellos are heard, so that their contents can be let go. Most connections of an input say the same:
//! what may be different in each (randoms, keys, sessions) is left out, so that they can share one.

use mtlscope_dissect::tls::extension::{ExtensionBody, PreSharedKey, ProtocolName};
use mtlscope_dissect::tls::handshake::{ClientHello, ServerHello};
use mtlscope_dissect::tls::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};

use super::telling::printable;

/// Bytes kept of a name that a peer sent.
const NAME: usize = 256;
/// Pre-shared keys of one ClientHello of which the length is kept.
const KEYS: usize = 16;

/// What a ClientHello offers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Offer {
    /// The host it asks for, printable.
    pub server_name: Option<Box<str>>,
    /// The application protocols, the preferred first.
    pub alpn_protocols: Box<[ProtocolName]>,
    /// The versions: those of `supported_versions`, GREASE among them; without it, the version of the hello alone.
    pub supported_versions: Box<[ProtocolVersion]>,
    /// How many cipher suites there are.
    pub cipher_suites: u16,
    /// How many groups.
    pub supported_groups: u16,
    /// Whether there is a session id.
    pub has_session_id: bool,
    /// Whether there is a ticket of TLS 1.2 to resume with.
    pub has_session_ticket: bool,
    /// For each pre-shared key the length of its name, where that is a ticket: a key that is none has no age.
    pub tickets: Box<[Option<u32>]>,
    /// In ascending order.
    extensions: Box<[ExtensionType]>,
}

/// What a ServerHello chooses.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Choice {
    /// The version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub cipher_suite: CipherSuite,
    /// The group, where it is chosen here (TLS 1.3).
    pub group: Option<NamedGroup>,
    /// The application protocol, where it is chosen here (TLS 1.2 and below); printable.
    pub alpn_protocol: Option<Box<str>>,
    /// Which of the client's pre-shared keys it takes.
    pub selected_identity: Option<u16>,
    /// Certificates are sent beside the pre-shared key. RFC 8773.
    pub certificates_with_pre_shared_key: bool,
    /// Whether it has `renegotiation_info`. RFC 5746.
    pub has_renegotiation_info: bool,
    /// Whether it has `encrypt_then_mac`. RFC 7366.
    pub has_encrypt_then_mac: bool,
}

impl Offer {
    /// What this hello offers.
    pub fn of(hello: &ClientHello) -> Self {
        let mut extensions: Vec<ExtensionType> =
            hello.extensions.iter().map(|extension| extension.extension_type).collect();
        extensions.sort_unstable();
        let tickets = match hello.extensions.body(ExtensionType::PRE_SHARED_KEY) {
            Some(ExtensionBody::PreSharedKey(PreSharedKey::Offered(keys))) => {
                let keys = keys.identities.iter().take(KEYS);
                keys.map(|key| (key.obfuscated_ticket_age != 0).then_some(key.identity.len() as u32))
                    .collect()
            }
            _ => Box::default(),
        };
        Self {
            server_name: hello.server_name().map(|name| printable(name.as_bytes(), NAME).into()),
            alpn_protocols: hello.alpn_protocols().into(),
            supported_versions: hello.supported_versions().into(),
            cipher_suites: count(hello.cipher_suites.len()),
            supported_groups: count(hello.supported_groups().len()),
            has_session_id: !hello.session_id.is_empty(),
            has_session_ticket: hello.session_ticket().is_some(),
            tickets,
            extensions: extensions.into(),
        }
    }

    /// Whether an extension is there.
    pub fn offers(&self, extension_type: ExtensionType) -> bool {
        self.extensions.binary_search(&extension_type).is_ok()
    }
}

impl Choice {
    /// What this hello chooses.
    pub fn of(hello: &ServerHello) -> Self {
        let has = |extension_type| hello.extensions.contains(extension_type);
        let protocol = hello.alpn_protocol().map(|name| printable(name.to_string().as_bytes(), NAME).into());
        Self {
            version: hello.version(),
            cipher_suite: hello.cipher_suite,
            group: hello.selected_group(),
            alpn_protocol: protocol,
            selected_identity: hello.selected_identity(),
            certificates_with_pre_shared_key: has(ExtensionType::TLS_CERT_WITH_EXTERN_PSK),
            has_renegotiation_info: has(ExtensionType::RENEGOTIATION_INFO),
            has_encrypt_then_mac: has(ExtensionType::ENCRYPT_THEN_MAC),
        }
    }
}

fn count(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
