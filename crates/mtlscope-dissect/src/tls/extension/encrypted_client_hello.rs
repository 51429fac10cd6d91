//! encrypted_client_hello (ECH): the real ClientHello, sealed inside one that tells nothing.
//!
//! RFC 9849 section 5. Only the lengths of what is sealed are kept.
//!
//! ```text
//! struct {
//!     ECHClientHelloType type;
//!     select (ECHClientHello.type) {
//!         case outer:
//!             HpkeSymmetricCipherSuite cipher_suite;      /* uint16 kdf_id; uint16 aead_id; */
//!             uint8 config_id;
//!             opaque enc<0..2^16-1>;
//!             opaque payload<1..2^16-1>;
//!         case inner:
//!             Empty;
//!     };
//! } ECHClientHello;
//!
//! struct { ECHConfigList retry_configs; } ECHEncryptedExtensions;
//! struct { opaque confirmation[8]; } ECHHelloRetryRequest;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::HandshakeType;

/// One of the forms of the extension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EncryptedClientHello {
    /// The outer hello: the inner one is sealed in it, or the client only pretends (GREASE); it cannot be told apart.
    Outer {
        /// HPKE key derivation.
        kdf_id: u16,
        /// HPKE cipher.
        aead_id: u16,
        /// Which of the server's keys.
        config_id: u8,
        /// The length in bytes of the client's encapsulated key; 0 in a second hello.
        enc_length: u16,
        /// The length in bytes of the sealed hello.
        payload_length: u16,
    },
    /// The inner hello.
    Inner,
    /// The server's new keys for another try, as sent.
    RetryConfigs(Box<[u8]>),
    /// In a HelloRetryRequest: whether the server could open the inner hello, for those who can tell.
    Confirmation(Box<[u8]>),
    /// A form that is not known.
    Unknown(Box<[u8]>),
}

impl EncryptedClientHello {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        match message {
            HandshakeType::CLIENT_HELLO => match r.u8("type") {
                0 => Self::Outer {
                    kdf_id: r.u16("kdf_id"),
                    aead_id: r.u16("aead_id"),
                    config_id: r.u8("config_id"),
                    enc_length: r.opaque16("enc").len() as u16,
                    payload_length: r.opaque16("payload").len() as u16,
                },
                1 => Self::Inner,
                _ => Self::Unknown(r.rest("ECHClientHello").into()),
            },
            HandshakeType::SERVER_HELLO => Self::Confirmation(r.rest("confirmation").into()),
            HandshakeType::ENCRYPTED_EXTENSIONS => Self::RetryConfigs(r.opaque16("retry_configs").into()),
            _ => Self::Unknown(r.rest("data").into()),
        }
    }
}
