//! The handshake messages of a connection, as far as a CertificateVerify signs them.
//!
//! TLS 1.2: all messages from the ClientHello to the one before (RFC 5246 section 7.4.8). TLS 1.3: their hash, where a
//! first ClientHello that was answered by a HelloRetryRequest is replaced by its hash, and where a request after the
//! handshake begins again behind the client's Finished (RFC 8446 section 4.4).

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

use crate::decrypt::Prf;
use crate::tls::registry::{HandshakeType, ProtocolVersion, SignatureScheme};
use crate::tls::signed::{Covered, Signed, suite_hash};

/// By how many bytes the transcript grows at least.
const GROWTH: usize = 512;

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
            // Not twice as much as before: many connections may be in the middle of their handshakes at once. And not to
            // the byte: moving what is there for each small message cost more than noting the message.
            if self.messages.capacity() - self.messages.len() < message.len() {
                self.messages.reserve_exact(message.len().max(GROWTH));
            }
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

    /// The hash of all messages so far, as extended_master_secret takes it: RFC 7627 section 3. `None` if the transcript
    /// is not whole.
    pub(crate) fn session_hash(&self, prf: Prf) -> Option<Vec<u8>> {
        if self.incomplete || self.messages.is_empty() {
            return None;
        }
        let messages = &self.messages;
        Some(match prf {
            Prf::Sha384 => Sha384::digest(messages).to_vec(),
            Prf::Sha256 => Sha256::digest(messages).to_vec(),
            Prf::Md5Sha1 | Prf::Ssl3 => [&Md5::digest(messages)[..], &Sha1::digest(messages)[..]].concat(),
        })
    }

    /// Messages are missing, or nobody will ask: lets all go.
    pub(crate) fn give_up(&mut self) {
        *self = Self { messages: Vec::new(), handshake_length: self.handshake_length, incomplete: true };
    }

    /// What a CertificateVerify with this algorithm, sent now, signs. `None` if the transcript is not whole. Unless it is
    /// to be kept, the transcript goes with it.
    pub(crate) fn signed(
        &mut self,
        keep: bool,
        version: ProtocolVersion,
        cipher_suite: u16,
        algorithm: Option<SignatureScheme>,
        key_is_rsa: bool,
    ) -> Option<Signed> {
        if self.incomplete || self.messages.is_empty() {
            return None;
        }
        // Up to TLS 1.2 nothing behind the CertificateVerify is signed again.
        let messages = if keep { self.messages.clone() } else { std::mem::take(&mut self.messages) };
        if !keep {
            self.incomplete = true;
        }
        let covered = Covered::Messages(messages.into());
        Some(Signed { covered, version, cipher_suite, algorithm, key_is_rsa })
    }
}
