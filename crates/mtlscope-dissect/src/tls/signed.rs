//! What the signature of a CertificateVerify covers.
//!
//! TLS 1.2 and below: the handshake messages so far (RFC 5246 section 7.4.8); TLS 1.3: their hash, in a frame of its own
//! (RFC 8446 section 4.4.3). Hashing costs more than all else that is done with a message, so it waits until somebody
//! asks.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::tls::registry::{ProtocolVersion, SignatureScheme};

/// The transcript that a CertificateVerify signs, and what tells how it is hashed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    pub(crate) covered: Covered,
    pub(crate) version: ProtocolVersion,
    pub(crate) cipher_suite: u16,
    pub(crate) algorithm: Option<SignatureScheme>,
    pub(crate) key_is_rsa: bool,
}

/// What a signature covers, before or after it was hashed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Covered {
    Messages(Box<[u8]>),
    Content(Option<SignedContent>),
}

/// What goes into the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignedContent {
    /// The handshake messages, hashed with the hash of the signature algorithm (TLS 1.2 and below; MD5 and SHA-1 one
    /// after the other where RSA signs in TLS 1.1 and below).
    Hash(Box<[u8]>),
    /// The handshake messages, where the algorithm hashes for itself (Ed25519 and Ed448 in TLS 1.2).
    Messages(Box<[u8]>),
    /// The transcript hash of TLS 1.3.
    TranscriptHash(Box<[u8]>),
}

impl Signed {
    /// Hashes what is covered now, and lets the messages go: some four kilobytes less to hold, for some three microseconds.
    pub fn condense(&mut self) {
        if let Covered::Messages(_) = self.covered {
            self.covered = Covered::Content(self.content());
        }
    }

    /// What goes into the signature. `None` for SSL 3.0, which mixes the master secret in, and for a hash we do not know.
    pub fn content(&self) -> Option<SignedContent> {
        let messages = match &self.covered {
            Covered::Messages(messages) => messages,
            Covered::Content(content) => return content.clone(),
        };
        if self.version.is_tls13() {
            return Some(SignedContent::TranscriptHash(suite_hash(self.cipher_suite, messages)));
        }
        let Some(algorithm) = self.algorithm else {
            // TLS 1.1 and below, RFC 4346 section 7.4.8: MD5 and SHA-1 for RSA, SHA-1 alone for DSA and ECDSA.
            if self.version == ProtocolVersion::SSL3 {
                return None;
            }
            let sha1 = Sha1::digest(messages);
            return Some(SignedContent::Hash(if self.key_is_rsa {
                [&Md5::digest(messages)[..], &sha1[..]].concat().into()
            } else {
                sha1[..].into()
            }));
        };
        Some(match algorithm.0 {
            0x0807 | 0x0808 => SignedContent::Messages(messages.clone()),
            // RSA-PSS with SHA-256, SHA-384, SHA-512.
            0x0804 | 0x0809 => SignedContent::Hash(Sha256::digest(messages)[..].into()),
            0x0805 | 0x080a => SignedContent::Hash(Sha384::digest(messages)[..].into()),
            0x0806 | 0x080b => SignedContent::Hash(Sha512::digest(messages)[..].into()),
            // RFC 5246 section 7.4.1.4.1: the high byte is the hash.
            number => SignedContent::Hash(match number >> 8 {
                1 => Md5::digest(messages)[..].into(),
                2 => Sha1::digest(messages)[..].into(),
                3 => Sha224::digest(messages)[..].into(),
                4 => Sha256::digest(messages)[..].into(),
                5 => Sha384::digest(messages)[..].into(),
                6 => Sha512::digest(messages)[..].into(),
                _ => return None,
            }),
        })
    }
}

/// The hash of a TLS 1.3 suite. RFC 8446 appendix B.4.
pub(crate) fn suite_hash(cipher_suite: u16, bytes: &[u8]) -> Box<[u8]> {
    match cipher_suite {
        // TLS_AES_256_GCM_SHA384, and the suites of RFC 8998 stay with SM3, which we do not have.
        0x1302 => Sha384::digest(bytes)[..].into(),
        _ => Sha256::digest(bytes)[..].into(),
    }
}
