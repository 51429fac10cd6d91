//! Keys of the four kinds that mutual TLS is done with.

use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPrivate, Id, PKey, PKeyRef, Private};
use openssl::rsa::Rsa;

/// A kind of key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum KeyKind {
    /// RSA with 2048 bits. Takes a tenth of a second or more to make.
    Rsa2048,
    /// ECDSA on P-256.
    #[default]
    P256,
    /// ECDSA on P-384.
    P384,
    /// Ed25519. Browsers take no such certificates.
    Ed25519,
}

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rsa2048, Self::P256, Self::P384, Self::Ed25519];

    /// `rsa`, `p256`, `p384`, `ed25519`: as it is typed, and as it stands in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Makes a key.
    pub fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        match self {
            Self::Rsa2048 => rsa(2048),
            Self::P256 => ec(Nid::X9_62_PRIME256V1),
            Self::P384 => ec(Nid::SECP384R1),
            Self::Ed25519 => PKey::generate_ed25519(),
        }
    }
}

/// An RSA key of any size; the zoo wants a small one.
pub(super) fn rsa(bits: u32) -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(bits)?)
}

fn ec(curve: Nid) -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(curve)?)?)
}

/// The hash that goes with a key: none for Ed25519, which hashes by itself.
pub(super) fn digest_for<T: HasPrivate>(key: &PKeyRef<T>) -> MessageDigest {
    match key.id() {
        Id::ED25519 | Id::ED448 => MessageDigest::null(),
        Id::EC if key.bits() > 256 => MessageDigest::sha384(),
        _ => MessageDigest::sha256(),
    }
}
