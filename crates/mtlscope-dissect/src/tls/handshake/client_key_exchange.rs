//! ClientKeyExchange: the client's part of the secret. Up to TLS 1.2.
//!
//! RFC 5246 section 7.4.7, RFC 8422 section 5.7, RFC 4279 section 2.
//!
//! ```text
//! struct {
//!     select (KeyExchangeAlgorithm) {
//!         case rsa:                EncryptedPreMasterSecret;
//!         case dhe_dss, dhe_rsa:   ClientDiffieHellmanPublic;
//!         case ec_diffie_hellman:  ClientECDiffieHellmanPublic;
//!         case psk:                opaque psk_identity<0..2^16-1>;
//!         case rsa_psk, dhe_psk, ecdhe_psk:
//!             opaque psk_identity<0..2^16-1>;
//!             one of the above;
//!     } exchange_keys;
//! } ClientKeyExchange;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::registry::{KeyExchange, ProtocolVersion};

/// The client's part of the key exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientKeyExchange {
    /// Which pre-shared key the client uses; `None` where there is none in this key exchange.
    pub psk_identity: Option<Box<[u8]>>,
    /// The rest.
    pub exchange_keys: ExchangeKeys,
}

/// What the client sends towards the secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExchangeKeys {
    /// None: the pre-shared key is all.
    None,
    /// The secret, encrypted to the server's RSA key.
    EncryptedPreMasterSecret(Box<[u8]>),
    /// A Diffie-Hellman value; empty where it is in the client's certificate.
    Dh(Box<[u8]>),
    /// A point of the curve; empty where it is in the client's certificate.
    Ecdh(Box<[u8]>),
    /// Bytes of a key exchange that is not taken apart, or of a suite that is not known.
    Raw(Box<[u8]>),
}

impl ClientKeyExchange {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        let key_exchange =
            context.cipher_suite.and_then(|suite| suite.key_exchange()).unwrap_or(KeyExchange::Other);
        let identity = |r: &mut Reader<'_, '_, T>| Some(r.opaque16("psk_identity").into());
        let (psk_identity, exchange_keys) = match key_exchange {
            // SSL 3.0 has no length before it. RFC 5246 section 7.4.7.1.
            KeyExchange::Rsa | KeyExchange::RsaExport if context.version == Some(ProtocolVersion::SSL3) => {
                (None, ExchangeKeys::EncryptedPreMasterSecret(r.rest("encrypted_pre_master_secret").into()))
            }
            KeyExchange::Rsa | KeyExchange::RsaExport => (None, ExchangeKeys::encrypted(r)),
            KeyExchange::Dh | KeyExchange::Dhe | KeyExchange::DhAnon => (None, ExchangeKeys::dh(r)),
            KeyExchange::Ecdh | KeyExchange::Ecdhe | KeyExchange::EcdhAnon => (None, ExchangeKeys::ecdh(r)),
            KeyExchange::Psk => (identity(r), ExchangeKeys::None),
            KeyExchange::RsaPsk => (identity(r), ExchangeKeys::encrypted(r)),
            KeyExchange::DhePsk => (identity(r), ExchangeKeys::dh(r)),
            KeyExchange::EcdhePsk => (identity(r), ExchangeKeys::ecdh(r)),
            KeyExchange::Tls13 | KeyExchange::Other => {
                (None, ExchangeKeys::Raw(r.rest("exchange_keys").into()))
            }
        };
        Self { psk_identity, exchange_keys }
    }
}

impl ExchangeKeys {
    fn encrypted<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self::EncryptedPreMasterSecret(r.opaque16("encrypted_pre_master_secret").into())
    }

    fn dh<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self::Dh(if r.has_more() { r.opaque16("dh_Yc").into() } else { Box::default() })
    }

    fn ecdh<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self::Ecdh(if r.has_more() { r.opaque8("ecdh_Yc").into() } else { Box::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::{Body, parse, vectors};
    use crate::tls::registry::{CipherSuite, HandshakeType};

    #[test]
    fn each_key_exchange_has_its_form() {
        let keys = |vector: &vectors::Vector| match vector.parse().body {
            Body::ClientKeyExchange(message) => message.exchange_keys,
            body => panic!("{body:?}"),
        };
        assert!(
            matches!(keys(&vectors::TLS12_CLIENT_KEY_EXCHANGE), ExchangeKeys::Ecdh(point) if point.len() == 32)
        );
        assert!(
            matches!(keys(&vectors::DHE_CLIENT_KEY_EXCHANGE), ExchangeKeys::Dh(value) if value.len() == 256)
        );
        assert!(matches!(
            keys(&vectors::RSA_CLIENT_KEY_EXCHANGE),
            ExchangeKeys::EncryptedPreMasterSecret(secret) if secret.len() == 256
        ));
    }

    #[test]
    fn a_pre_shared_key_is_named_first() {
        let context = Context {
            version: Some(ProtocolVersion::TLS12),
            cipher_suite: Some(CipherSuite::ECDHE_PSK_WITH_AES_128_GCM_SHA256),
            side: Side::Client,
        };
        let message = parse(HandshakeType::CLIENT_KEY_EXCHANGE, &[0, 2, b'm', b'e', 2, 4, 5], &context);
        assert_eq!(message.notices(), []);
        let Body::ClientKeyExchange(message) = message.body else { panic!() };
        assert_eq!(message.psk_identity.as_deref(), Some(&b"me"[..]));
        assert_eq!(message.exchange_keys, ExchangeKeys::Ecdh(Box::from([4, 5])));
    }
}
