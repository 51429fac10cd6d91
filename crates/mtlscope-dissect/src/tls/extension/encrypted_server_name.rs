//! encrypted_server_name: the host the client wants, sealed; the predecessor of encrypted_client_hello.
//!
//! draft-ietf-tls-esni-02 section 4.1 and 5.
//!
//! ```text
//! struct {
//!     CipherSuite suite;
//!     KeyShareEntry key_share;
//!     opaque record_digest<0..2^16-1>;
//!     opaque encrypted_sni<0..2^16-1>;
//! } ClientEncryptedSNI;
//!
//! struct { uint8 nonce[16]; } EncryptedExtensions.encrypted_server_name;
//! ```

use super::KeyShareEntry;
use crate::reader::{Reader, Trace};
use crate::tls::registry::{CipherSuite, HandshakeType};

/// The sealed name, or the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EncryptedServerName {
    /// The client's.
    Sealed {
        /// With which suite.
        suite: CipherSuite,
        /// With which key.
        key_share: KeyShareEntry,
        /// The length in bytes of the sealed name.
        length: u16,
    },
    /// The server's: the nonce that was sealed with the name.
    Nonce(Box<[u8]>),
}

impl EncryptedServerName {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message != HandshakeType::CLIENT_HELLO {
            return Self::Nonce(r.bytes("nonce", 16).into());
        }
        let suite = r.registered("suite");
        let key_share = KeyShareEntry::parse(r);
        r.opaque16("record_digest");
        // The length is of two bytes, so the cast keeps all of it.
        Self::Sealed { suite, key_share, length: r.opaque16("encrypted_sni").len() as u16 }
    }
}
