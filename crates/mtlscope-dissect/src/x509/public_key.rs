//! The key that a certificate speaks for. RFC 5280 section 4.1.2.7; elliptic curves, RFC 5480; Ed25519, RFC 8410.
//!
//! ```text
//! SubjectPublicKeyInfo  ::=  SEQUENCE  {
//!      algorithm            AlgorithmIdentifier,
//!      subjectPublicKey     BIT STRING  }
//! ```

use std::fmt;

use sha2::{Digest, Sha256};

use super::der::{self, Elements};
use super::{Oid, Unreadable};

/// A public key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// What it is for, and how strong.
    pub algorithm: KeyAlgorithm,
    /// The SubjectPublicKeyInfo.
    pub spki_der: Box<[u8]>,
}

/// Kinds of keys. Sizes are in bits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA, for any padding.
    Rsa {
        /// The length of the modulus.
        bits: u32,
    },
    /// RSA, for PSS signatures only.
    RsaPss {
        /// The length of the modulus.
        bits: u32,
    },
    /// An elliptic curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA.
    Dsa {
        /// The length of the prime; 0 where it is inherited from the issuer.
        bits: u32,
    },
    /// One we do not know.
    Other(Oid),
}

/// Named elliptic curves.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256, secp256r1.
    P256,
    /// NIST P-384, secp384r1.
    P384,
    /// NIST P-521, secp521r1.
    P521,
    /// secp256k1.
    Secp256k1,
    /// brainpoolP256r1.
    BrainpoolP256,
    /// brainpoolP384r1.
    BrainpoolP384,
    /// brainpoolP512r1.
    BrainpoolP512,
    /// One we do not know.
    Other(Oid),
    /// No name: the curve is described by its numbers, which RFC 5480 forbids.
    Explicit,
}

impl PublicKey {
    /// From a SubjectPublicKeyInfo. Fails where that is none.
    pub fn from_spki_der(spki_der: &[u8]) -> Result<Self, Unreadable> {
        let parts =
            parts(spki_der).ok_or_else(|| Unreadable::because("a key that is no SubjectPublicKeyInfo"))?;
        Ok(Self { algorithm: algorithm_of(&parts), spki_der: spki_der.into() })
    }

    /// The bytes of subjectPublicKey: a curve point, an Ed25519 key, the DER of an RSAPublicKey.
    pub fn subject_public_key(&self) -> &[u8] {
        parts(&self.spki_der).map(|parts| parts.key).unwrap_or_default()
    }

    /// Modulus and public exponent of an RSA key, most significant byte first, maybe with a zero byte in front.
    pub fn rsa_parts(&self) -> Option<(&[u8], &[u8])> {
        match self.algorithm {
            KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => rsa_parts(self.subject_public_key()),
            _ => None,
        }
    }

    /// SHA-256 of the SubjectPublicKeyInfo: what key pins are made of.
    pub fn spki_sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.spki_der).into()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm)
    }
}

/// As one would say it: `RSA 2048`, `EC P-256`, `Ed25519`.
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::RsaPss { bits } => write!(f, "RSA-PSS {bits}"),
            Self::Ec(curve) => write!(f, "EC {curve}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Dsa { bits } => write!(f, "DSA {bits}"),
            Self::Other(oid) => match oid.name() {
                Some(name) => f.write_str(name),
                None => fmt::Display::fmt(oid, f),
            },
        }
    }
}

impl KeyAlgorithm {
    /// Its size in bits, where that is known.
    pub fn bits(&self) -> Option<u32> {
        match self {
            Self::Rsa { bits } | Self::RsaPss { bits } | Self::Dsa { bits } => Some(*bits),
            Self::Ec(curve) => curve.bits(),
            Self::Ed25519 => Some(256),
            Self::Ed448 => Some(456),
            Self::Other(_) => None,
        }
    }
}

impl Curve {
    /// The size of its field in bits, where that is known.
    pub fn bits(&self) -> Option<u32> {
        match self {
            Self::P256 | Self::Secp256k1 | Self::BrainpoolP256 => Some(256),
            Self::P384 | Self::BrainpoolP384 => Some(384),
            Self::P521 => Some(521),
            Self::BrainpoolP512 => Some(512),
            Self::Other(_) | Self::Explicit => None,
        }
    }

    fn from_oid(content: &[u8]) -> Self {
        match content {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Self::P256,
            [0x2b, 0x81, 4, 0, 34] => Self::P384,
            [0x2b, 0x81, 4, 0, 35] => Self::P521,
            [0x2b, 0x81, 4, 0, 10] => Self::Secp256k1,
            [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7] => Self::BrainpoolP256,
            [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11] => Self::BrainpoolP384,
            [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13] => Self::BrainpoolP512,
            other => Self::Other(Oid::from_content(other)),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
            Self::BrainpoolP256 => "brainpoolP256r1",
            Self::BrainpoolP384 => "brainpoolP384r1",
            Self::BrainpoolP512 => "brainpoolP512r1",
            Self::Explicit => "with explicit parameters",
            Self::Other(oid) => return fmt::Display::fmt(oid, f),
        })
    }
}

struct Parts<'a> {
    algorithm: &'a [u8],
    parameters: Option<der::Element<'a>>,
    key: &'a [u8],
}

fn parts(spki_der: &[u8]) -> Option<Parts<'_>> {
    let (spki, []) = der::element(spki_der)? else { return None };
    let mut fields = Elements::new(spki.content);
    let identifier = fields.next().filter(|field| field.tag == der::SEQUENCE && spki.tag == der::SEQUENCE)?;
    let key = fields.next().filter(|field| field.tag == der::BIT_STRING)?;
    let mut identifier = Elements::new(identifier.content);
    let algorithm = identifier.next().filter(|field| field.tag == der::OBJECT_IDENTIFIER)?;
    let (_unused_bits, key) = key.content.split_first()?;
    Some(Parts { algorithm: algorithm.content, parameters: identifier.next(), key })
}

fn algorithm_of(parts: &Parts<'_>) -> KeyAlgorithm {
    let rsa_bits = || rsa_parts(parts.key).map_or(0, |(modulus, _)| bits_of(modulus));
    match parts.algorithm {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1] => KeyAlgorithm::Rsa { bits: rsa_bits() },
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10] => KeyAlgorithm::RsaPss { bits: rsa_bits() },
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => KeyAlgorithm::Ec(match parts.parameters {
            Some(curve) if curve.tag == der::OBJECT_IDENTIFIER => Curve::from_oid(curve.content),
            _ => Curve::Explicit,
        }),
        [0x2b, 0x65, 112] => KeyAlgorithm::Ed25519,
        [0x2b, 0x65, 113] => KeyAlgorithm::Ed448,
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => {
            let prime = parts.parameters.and_then(|parameters| Elements::new(parameters.content).next());
            KeyAlgorithm::Dsa { bits: prime.map_or(0, |prime| bits_of(prime.content)) }
        }
        other => KeyAlgorithm::Other(Oid::from_content(other)),
    }
}

fn rsa_parts(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let (key, _) = der::element(key)?;
    let mut numbers = Elements::new(key.content).take_while(|number| number.tag == der::INTEGER);
    Some((numbers.next()?.content, numbers.next()?.content))
}

/// How many bits a number has, counted from its highest that is set.
fn bits_of(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let Some(number @ [first, ..]) = number.get(zeros..) else { return 0 };
    u32::try_from(number.len()).unwrap_or(u32::MAX).saturating_mul(8) - first.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bits_from_the_highest_that_is_set() {
        assert_eq!(bits_of(&[0, 0x80, 0]), 16);
        assert_eq!(bits_of(&[0x7f, 0]), 15);
        assert_eq!(bits_of(&[0, 0]), 0);
        assert_eq!(bits_of(&[]), 0);
    }

    #[test]
    fn every_prefix_of_a_key_is_refused() {
        let spki = [0x30, 10, 0x30, 5, 6, 3, 0x2b, 0x65, 112, 3, 1, 0];
        assert_eq!(PublicKey::from_spki_der(&spki).unwrap().algorithm, KeyAlgorithm::Ed25519);
        for length in 0..spki.len() {
            assert!(PublicKey::from_spki_der(&spki[..length]).is_err());
        }
    }
}
