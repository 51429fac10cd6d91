//! A private key: what certificate it can be for, and a signature made with it for those who want to be sure.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};

use super::pkcs12::is_unsupported;
use super::{CredentialError, Opening, der};
use crate::legacy_provider;

/// A private key.
pub struct PrivateKey {
    key: PKey<Private>,
    /// Whether it was encrypted in its file.
    pub was_encrypted: bool,
}

/// A signature as in a handshake, over [`Probe::MESSAGE`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The SignatureScheme of TLS 1.3. RFC 8446 section 4.2.3.
    pub scheme: u16,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Probe {
    /// What is signed. It is no handshake's, so the signature is of no use to anybody.
    pub const MESSAGE: &'static [u8] = b"mtlscope asks whether this key is that of the certificate";
}

const WHAT: &str = "private key";

impl PrivateKey {
    pub(super) fn new(key: PKey<Private>, was_encrypted: bool) -> Self {
        Self { key, was_encrypted }
    }

    /// The key for OpenSSL.
    pub fn key(&self) -> &PKey<Private> {
        &self.key
    }

    /// The public key that belongs to it, or that it claims to belong to: SubjectPublicKeyInfo as DER.
    pub fn public_key(&self) -> Result<Vec<u8>, ErrorStack> {
        self.key.public_key_to_der()
    }

    /// The key as DER (PKCS#1), if it is an RSA key. Wiped when dropped.
    pub fn rsa_der(&self) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        self.key.rsa().ok()?.private_key_to_der().ok().map(zeroize::Zeroizing::new)
    }

    /// A signature made with it. `None` where TLS knows no signature of such a key.
    pub fn probe(&self) -> Option<Probe> {
        let (scheme, digest) = match (self.key.id(), self.key.bits()) {
            (Id::RSA, _) => (0x0804, MessageDigest::sha256()),
            (Id::RSA_PSS, _) => (0x0809, MessageDigest::sha256()),
            (Id::EC, 0..=256) => (0x0403, MessageDigest::sha256()),
            (Id::EC, 257..=384) => (0x0503, MessageDigest::sha384()),
            (Id::EC, _) => (0x0603, MessageDigest::sha512()),
            (Id::ED25519, _) => (0x0807, MessageDigest::null()),
            _ => return None,
        };
        let mut signer = match scheme {
            0x0807 => Signer::new_without_digest(&self.key),
            _ => Signer::new(digest, &self.key),
        }
        .ok()?;
        if matches!(self.key.id(), Id::RSA | Id::RSA_PSS) {
            signer.set_rsa_padding(Padding::PKCS1_PSS).ok()?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).ok()?;
        }
        // A key that cannot sign is false as well; it fails here, and an empty signature fits nothing.
        let signature = signer.sign_oneshot_to_vec(Probe::MESSAGE).unwrap_or_default();
        Some(Probe { scheme, signature })
    }

    /// From a PEM block, encrypted or not.
    pub(super) fn from_pem(text: &[u8], opening: &Opening<'_>) -> Result<Self, CredentialError> {
        decrypted(opening, |answer| PKey::private_key_from_pem_callback(text, answer))
    }

    /// From an EncryptedPrivateKeyInfo.
    pub(super) fn from_encrypted_pkcs8(
        content: &[u8],
        opening: &Opening<'_>,
    ) -> Result<Self, CredentialError> {
        decrypted(opening, |answer| PKey::private_key_from_pkcs8_callback(content, answer))
    }
}

/// Without the key.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("was_encrypted", &self.was_encrypted).finish_non_exhaustive()
    }
}

/// Whether this is an EncryptedPrivateKeyInfo: a SEQUENCE of an AlgorithmIdentifier and an OCTET STRING. RFC 5958.
pub(super) fn is_encrypted_pkcs8(content: &[u8]) -> bool {
    // The algorithms all stand below pkcs-5 (1.2.840.113549.1.5) or pkcs-12PbeIds (1.2.840.113549.1.12.1).
    const BELOW: [&[u8]; 2] = [
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01],
    ];
    let start = content.get(..24).unwrap_or(content);
    let oid = start.windows(2).position(|window| matches!(window, [0x06, 0x09 | 0x0a]));
    oid.and_then(|place| start.get(place + 2..))
        .is_some_and(|oid| BELOW.iter().any(|below| oid.starts_with(below)))
}

/// Asks OpenSSL for a key, and answers when it asks for the passphrase. Without an answer it would ask the terminal.
fn decrypted(
    opening: &Opening<'_>,
    open: impl Fn(&mut dyn FnMut(&mut [u8]) -> Result<usize, ErrorStack>) -> Result<PKey<Private>, ErrorStack>,
) -> Result<PrivateKey, CredentialError> {
    let mut was_asked = false;
    let mut attempt = || {
        let mut answer = |buffer: &mut [u8]| {
            was_asked = true;
            let passphrase = opening.passphrase.map_or("", |passphrase| passphrase.expose()).as_bytes();
            Ok(match buffer.get_mut(..passphrase.len()) {
                Some(place) => {
                    place.copy_from_slice(passphrase);
                    passphrase.len()
                }
                None => 0,
            })
        };
        open(&mut answer)
    };
    let mut result = attempt();
    if result.as_ref().is_err_and(is_unsupported)
        && let Ok(_loaded) = legacy_provider::load()
    {
        result = attempt();
    }
    let name = opening.name.to_owned();
    match result {
        Ok(key) => Ok(PrivateKey::new(key, was_asked)),
        Err(error) if was_asked && is_unsupported(&error) && opening.passphrase.is_some() => {
            Err(CredentialError::UnknownEncryption { name, what: WHAT, cause: der::told(&error) })
        }
        Err(_) if was_asked => Err(match opening.passphrase {
            Some(_) => CredentialError::WrongPassphrase { name, what: WHAT },
            None => CredentialError::PassphraseNeeded { name, what: WHAT },
        }),
        Err(error) => Err(CredentialError::Damaged { name, what: WHAT.to_owned(), cause: der::told(&error) }),
    }
}
