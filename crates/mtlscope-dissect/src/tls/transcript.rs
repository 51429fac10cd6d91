//! The handshake messages of a connection, as far as a CertificateVerify signs them.
//!
//! TLS 1.2: all messages from the ClientHello to the one before (RFC 5246 section 7.4.8). TLS 1.3: their hash, where a
//! first ClientHello that was answered by a HelloRetryRequest is replaced by its hash, and where a request after the
//! handshake begins again behind the client's Finished (RFC 8446 section 4.4).

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::tls::message::Signed;
use crate::tls::registry::{HandshakeType, ProtocolVersion, SignatureScheme};

/// The messages so far.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    messages: Vec<u8>,
    /// Length up to the client's Finished, once that was seen: where requests after the handshake begin.
    handshake_length: Option<usize>,
    /// Whether messages are missing or let go.
    incomplete: bool,
}

impl Transcript {
    /// Begins anew with a ClientHello.
    pub(crate) fn begin(&mut self, client_hello: &[u8]) {
        *self = Self { messages: client_hello.to_vec(), handshake_length: None, incomplete: false };
    }

    /// Adds a message, header included.
    pub(crate) fn add(&mut self, message: &[u8], limit: usize) {
        if self.incomplete {
            return;
        }
        if self.messages.len() + message.len() > limit {
            self.give_up();
        } else {
            self.messages.extend_from_slice(message);
        }
    }

    /// A HelloRetryRequest: what stands before it is replaced by its hash.
    pub(crate) fn retry(&mut self, cipher_suite: u16) {
        let hash = suite_hash(cipher_suite, &self.messages);
        self.messages = vec![HandshakeType::MESSAGE_HASH.0, 0, 0, hash.len() as u8];
        self.messages.extend_from_slice(&hash);
    }

    /// The client's Finished was added: the handshake is over.
    pub(crate) fn handshake_ends(&mut self) {
        self.handshake_length = Some(self.messages.len());
    }

    /// A request after the handshake begins.
    pub(crate) fn request_after_handshake(&mut self) {
        if let Some(length) = self.handshake_length {
            self.messages.truncate(length);
        }
    }

    /// Whether the handshake is over.
    pub(crate) fn is_after_handshake(&self) -> bool {
        self.handshake_length.is_some()
    }

    /// Messages are missing, or nobody will ask: lets all go.
    pub(crate) fn give_up(&mut self) {
        *self = Self { messages: Vec::new(), handshake_length: self.handshake_length, incomplete: true };
    }

    /// What a CertificateVerify with this algorithm, sent now, signs. `None` if the transcript is not whole.
    pub(crate) fn signed(
        &self,
        version: ProtocolVersion,
        cipher_suite: u16,
        algorithm: Option<SignatureScheme>,
        key_is_rsa: bool,
    ) -> Option<Signed> {
        if self.incomplete || self.messages.is_empty() {
            return None;
        }
        let messages = &self.messages;
        if version.is_tls13() {
            return Some(Signed::TranscriptHash(suite_hash(cipher_suite, messages)));
        }
        let Some(algorithm) = algorithm else {
            // TLS 1.1 and below, RFC 4346 section 7.4.8: MD5 and SHA-1 for RSA, SHA-1 alone for DSA and ECDSA. SSL 3.0
            // mixes the master secret in, which we leave alone.
            if version == ProtocolVersion::SSL3 {
                return None;
            }
            let sha1 = Sha1::digest(messages);
            return Some(Signed::Hash(if key_is_rsa {
                [&Md5::digest(messages)[..], &sha1[..]].concat().into()
            } else {
                sha1[..].into()
            }));
        };
        Some(match algorithm.0 {
            // Ed25519, Ed448: they hash for themselves, twice.
            0x0807 | 0x0808 => Signed::Messages(messages.as_slice().into()),
            // RSA-PSS with SHA-256, SHA-384, SHA-512.
            0x0804 | 0x0809 => Signed::Hash(Sha256::digest(messages)[..].into()),
            0x0805 | 0x080a => Signed::Hash(Sha384::digest(messages)[..].into()),
            0x0806 | 0x080b => Signed::Hash(Sha512::digest(messages)[..].into()),
            // RFC 5246 section 7.4.1.4.1: the high byte is the hash.
            number => Signed::Hash(match number >> 8 {
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
fn suite_hash(cipher_suite: u16, bytes: &[u8]) -> Box<[u8]> {
    match cipher_suite {
        // TLS_AES_256_GCM_SHA384, and the suites of RFC 8998 stay with SM3, which we do not have.
        0x1302 => Sha384::digest(bytes)[..].into(),
        _ => Sha256::digest(bytes)[..].into(),
    }
}
