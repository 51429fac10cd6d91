//! ServerKeyExchange: the server's fresh key, signed with the key of its certificate. Up to TLS 1.2.
//!
//! RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279 section 2, RFC 2246 section 7.4.3 (export).
//!
//! ```text
//! struct {
//!     select (KeyExchangeAlgorithm) {
//!         case ec_diffie_hellman:
//!             ServerECDHParams params;
//!             Signature signed_params;
//!         case dhe_dss, dhe_rsa:
//!             ServerDHParams params;
//!             Signature signed_params;
//!         case dh_anon:
//!             ServerDHParams params;
//!         case psk, rsa_psk:
//!             opaque psk_identity_hint<0..2^16-1>;
//!         case dhe_psk, ecdhe_psk:
//!             opaque psk_identity_hint<0..2^16-1>;
//!             ServerDHParams or ServerECDHParams params;
//!     };
//! } ServerKeyExchange;
//!
//! struct { ECCurveType curve_type = named_curve; NamedCurve namedcurve; opaque public<1..2^8-1>; } ServerECDHParams;
//! struct { opaque dh_p<1..2^16-1>; opaque dh_g<1..2^16-1>; opaque dh_Ys<1..2^16-1>; } ServerDHParams;
//! struct { opaque rsa_modulus<1..2^16-1>; opaque rsa_exponent<1..2^16-1>; } ServerRSAParams;
//! ```

use super::{Context, DigitallySigned};
use crate::reader::{Reader, Trace};
use crate::tls::registry::{EcCurveType, KeyExchange, NamedGroup};

/// The server's part of the key exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerKeyExchange {
    /// Helps the client find the pre-shared key; `None` where there is none in this key exchange.
    pub psk_identity_hint: Option<Box<[u8]>>,
    /// The key.
    pub params: ServerParams,
    /// The proof that it is the server's; `None` where nobody signs, and where `params` is raw.
    pub signed_params: Option<DigitallySigned>,
}

/// The server's fresh key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerParams {
    /// None: the pre-shared key is all.
    None,
    /// A point of a named curve.
    Ecdh {
        /// The curve.
        named_curve: NamedGroup,
        /// The point.
        public: Box<[u8]>,
    },
    /// A Diffie-Hellman group and value.
    Dh {
        /// The prime.
        p: Box<[u8]>,
        /// The generator.
        g: Box<[u8]>,
        /// The server's value.
        public: Box<[u8]>,
    },
    /// An RSA key short enough to export.
    Rsa {
        /// The modulus.
        modulus: Box<[u8]>,
        /// The public exponent.
        exponent: Box<[u8]>,
    },
    /// Bytes of a key exchange that is not taken apart, or of a suite that is not known.
    Raw(Box<[u8]>),
}

impl ServerKeyExchange {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        let key_exchange =
            context.cipher_suite.and_then(|suite| suite.key_exchange()).unwrap_or(KeyExchange::Other);
        let hint = |r: &mut Reader<'_, '_, T>| Some(r.opaque16("psk_identity_hint").into());
        let (psk_identity_hint, params, is_signed) = match key_exchange {
            KeyExchange::Ecdhe => (None, ServerParams::ecdh(r), true),
            KeyExchange::EcdhAnon => (None, ServerParams::ecdh(r), false),
            KeyExchange::EcdhePsk => (hint(r), ServerParams::ecdh(r), false),
            KeyExchange::Dhe => (None, ServerParams::dh(r), true),
            KeyExchange::DhAnon => (None, ServerParams::dh(r), false),
            KeyExchange::DhePsk => (hint(r), ServerParams::dh(r), false),
            KeyExchange::Psk | KeyExchange::RsaPsk => (hint(r), ServerParams::None, false),
            KeyExchange::RsaExport => (None, ServerParams::rsa(r), true),
            KeyExchange::Rsa
            | KeyExchange::Dh
            | KeyExchange::Ecdh
            | KeyExchange::Tls13
            | KeyExchange::Other => (None, ServerParams::raw(r), false),
        };
        let is_signed = is_signed && !matches!(params, ServerParams::Raw(_));
        let signed_params =
            is_signed.then(|| r.group("signed_params", |r| DigitallySigned::parse(r, context)));
        Self { psk_identity_hint, params, signed_params }
    }

    /// The group of the key, where it is a named one.
    pub fn named_curve(&self) -> Option<NamedGroup> {
        match self.params {
            ServerParams::Ecdh { named_curve, .. } => Some(named_curve),
            _ => None,
        }
    }
}

impl ServerParams {
    fn ecdh<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        r.group("params", |r| match r.registered("curve_type") {
            EcCurveType::NAMED_CURVE => {
                Self::Ecdh { named_curve: r.registered("namedcurve"), public: r.opaque8("public").into() }
            }
            _ => Self::Raw(r.rest("curve_params").into()),
        })
    }

    fn dh<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        r.group("params", |r| Self::Dh {
            p: r.opaque16("dh_p").into(),
            g: r.opaque16("dh_g").into(),
            public: r.opaque16("dh_Ys").into(),
        })
    }

    fn rsa<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        r.group("params", |r| Self::Rsa {
            modulus: r.opaque16("rsa_modulus").into(),
            exponent: r.opaque16("rsa_exponent").into(),
        })
    }

    fn raw<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self::Raw(r.rest("exchange").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::{Body, parse, vectors};
    use crate::tls::registry::{CipherSuite, HandshakeType, ProtocolVersion, SignatureScheme};

    fn key_exchange(vector: &vectors::Vector) -> ServerKeyExchange {
        match vector.parse().body {
            Body::ServerKeyExchange(message) => message,
            body => panic!("{body:?}"),
        }
    }

    #[test]
    fn keys_on_a_curve_are_read() {
        let tls12 = key_exchange(&vectors::TLS12_SERVER_KEY_EXCHANGE);
        assert_eq!(tls12.named_curve(), Some(NamedGroup::X25519));
        let signed = tls12.signed_params.as_ref().map(|signed| (signed.algorithm, signed.signature.len()));
        assert_eq!(signed, Some((Some(SignatureScheme::RSA_PSS_RSAE_SHA256), 256)));
        let tls11 = key_exchange(&vectors::TLS11_SERVER_KEY_EXCHANGE);
        assert_eq!(tls11.named_curve(), Some(NamedGroup::X25519));
        assert!(tls11.signed_params.is_some_and(|signed| signed.algorithm.is_none()));
    }

    #[test]
    fn keys_of_a_field_are_read() {
        let message = key_exchange(&vectors::DHE_SERVER_KEY_EXCHANGE);
        let ServerParams::Dh { p, g, public } = message.params else { panic!() };
        assert_eq!((p.len(), &*g, public.len()), (256, &[2][..], 256));
        assert!(message.signed_params.is_some_and(|signed| signed.signature.len() == 256));
    }

    #[test]
    fn a_hint_is_read_and_an_unknown_suite_kept() {
        let with = |cipher_suite, bytes: &[u8]| {
            let context = Context { version: Some(ProtocolVersion::TLS12), cipher_suite, side: Side::Server };
            match parse(HandshakeType::SERVER_KEY_EXCHANGE, bytes, &context).body {
                Body::ServerKeyExchange(message) => message,
                body => panic!("{body:?}"),
            }
        };
        let hint = with(Some(CipherSuite::PSK_WITH_AES_128_GCM_SHA256), &[0, 2, b'h', b'i']);
        assert_eq!(hint.psk_identity_hint.as_deref(), Some(&b"hi"[..]));
        assert_eq!((hint.params, hint.signed_params), (ServerParams::None, None));
        assert_eq!(with(None, &[1, 2, 3]).params, ServerParams::Raw(Box::from([1, 2, 3])));
    }
}
