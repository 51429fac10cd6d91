//! How a certificate was signed. RFC 5280 section 4.1.1.2; RSASSA-PSS, RFC 4055; ECDSA, RFC 5758; EdDSA, RFC 8410.
//!
//! ```text
//! AlgorithmIdentifier  ::=  SEQUENCE  {
//!      algorithm               OBJECT IDENTIFIER,
//!      parameters              ANY DEFINED BY algorithm OPTIONAL  }
//! ```

use std::fmt;

use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::AlgorithmIdentifier;

use super::Oid;

/// A signature algorithm with its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureAlgorithm {
    /// Its object identifier.
    pub oid: Oid,
    /// What it is, as far as we know it.
    pub kind: SignatureKind,
}

/// The algorithms a certificate can be signed with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SignatureKind {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS.
    RsaPss {
        /// What the message is hashed with.
        hash: HashAlgorithm,
        /// What the mask is made with.
        mask_hash: HashAlgorithm,
        /// The length of the salt in bytes.
        salt_length: u32,
    },
    /// ECDSA on whatever curve the key has.
    Ecdsa(HashAlgorithm),
    /// DSA.
    Dsa(HashAlgorithm),
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// One we do not know.
    Other,
}

/// The hash functions that signatures are made over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// MD2, long broken.
    Md2,
    /// MD5, broken.
    Md5,
    /// SHA-1, broken.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// One we do not know.
    Other,
}

impl SignatureAlgorithm {
    pub(super) fn from_parsed(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let oid = Oid::from_content(algorithm.algorithm.as_bytes());
        let kind = kind_of(oid.content(), algorithm);
        Self { oid, kind }
    }

    /// The hash of the message, where the algorithm has one of its own choice.
    pub fn hash(&self) -> Option<HashAlgorithm> {
        match self.kind {
            SignatureKind::RsaPkcs1(hash) | SignatureKind::Ecdsa(hash) | SignatureKind::Dsa(hash) => {
                Some(hash)
            }
            SignatureKind::RsaPss { hash, .. } => Some(hash),
            SignatureKind::Ed25519 | SignatureKind::Ed448 | SignatureKind::Other => None,
        }
    }
}

/// The name the RFCs give it; numbers with dots where there is none.
impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.oid.name()) {
            (SignatureKind::RsaPss { hash, .. }, _) => write!(f, "rsassaPss with {hash}"),
            (_, Some(name)) => f.write_str(name),
            (_, None) => fmt::Display::fmt(&self.oid, f),
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md2 => "MD2",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Other => "an unknown hash",
        })
    }
}

fn kind_of(oid: &[u8], algorithm: &AlgorithmIdentifier<'_>) -> SignatureKind {
    use HashAlgorithm::*;
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last] => match last {
            2 => SignatureKind::RsaPkcs1(Md2),
            4 => SignatureKind::RsaPkcs1(Md5),
            5 => SignatureKind::RsaPkcs1(Sha1),
            10 => pss(algorithm),
            11 => SignatureKind::RsaPkcs1(Sha256),
            12 => SignatureKind::RsaPkcs1(Sha384),
            13 => SignatureKind::RsaPkcs1(Sha512),
            14 => SignatureKind::RsaPkcs1(Sha224),
            _ => SignatureKind::Other,
        },
        [0x2b, 14, 3, 2, 29] => SignatureKind::RsaPkcs1(Sha1),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] => SignatureKind::Ecdsa(Sha1),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1] => SignatureKind::Ecdsa(Sha224),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2] => SignatureKind::Ecdsa(Sha256),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3] => SignatureKind::Ecdsa(Sha384),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4] => SignatureKind::Ecdsa(Sha512),
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3] => SignatureKind::Dsa(Sha1),
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1] => SignatureKind::Dsa(Sha224),
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2] => SignatureKind::Dsa(Sha256),
        [0x2b, 0x65, 112] => SignatureKind::Ed25519,
        [0x2b, 0x65, 113] => SignatureKind::Ed448,
        _ => SignatureKind::Other,
    }
}

/// RFC 4055 section 3.1: whatever is left out is SHA-1 and a salt of 20 bytes.
fn pss(algorithm: &AlgorithmIdentifier<'_>) -> SignatureKind {
    let Some(parameters) = algorithm.parameters.as_ref() else { return SignatureKind::Other };
    let Ok(parameters) = RsaSsaPssParams::try_from(parameters) else { return SignatureKind::Other };
    let Ok(mask) = parameters.mask_gen_algorithm() else { return SignatureKind::Other };
    SignatureKind::RsaPss {
        hash: hash_of(parameters.hash_algorithm_oid().as_bytes()),
        mask_hash: hash_of(mask.hash.as_bytes()),
        salt_length: parameters.salt_length(),
    }
}

fn hash_of(oid: &[u8]) -> HashAlgorithm {
    match oid {
        [0x2b, 14, 3, 2, 26] => HashAlgorithm::Sha1,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1] => HashAlgorithm::Sha256,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2] => HashAlgorithm::Sha384,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3] => HashAlgorithm::Sha512,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4] => HashAlgorithm::Sha224,
        _ => HashAlgorithm::Other,
    }
}
