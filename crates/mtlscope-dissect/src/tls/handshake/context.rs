//! What the parse of a message depends on besides its own bytes.

use crate::side::Side;
use crate::tls::registry::{CipherSuite, ProtocolVersion};

/// What is agreed so far, and who speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// The version agreed on; `None` before the ServerHello, or when it was not seen.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite agreed on; `None` before the ServerHello, or when it was not seen.
    pub cipher_suite: Option<CipherSuite>,
    /// Who sent the message.
    pub side: Side,
}

impl Context {
    /// Before anything is agreed.
    pub const fn new(side: Side) -> Self {
        Self { version: None, cipher_suite: None, side }
    }

    /// Whether messages have the shape of TLS 1.3; `None` when the version is not known.
    pub(crate) fn is_tls13(&self) -> Option<bool> {
        self.version.map(|version| version.is_tls13() || version == ProtocolVersion::DTLS13)
    }

    /// Whether a signature is preceded by its algorithm, which began with TLS 1.2; `None` when the version is not known.
    pub(crate) fn names_signature_algorithms(&self) -> Option<bool> {
        self.version.map(|version| {
            version.is_tls13()
                || matches!(
                    version,
                    ProtocolVersion::TLS12 | ProtocolVersion::DTLS12 | ProtocolVersion::DTLS13
                )
        })
    }
}
