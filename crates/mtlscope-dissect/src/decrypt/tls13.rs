//! Opens the records of one side of a TLS 1.3 connection, once one of its traffic secrets is known.
//!
//! RFC 8446 section 5.2:
//!
//! ```text
//! struct {
//!     opaque content[TLSPlaintext.length];
//!     ContentType type;
//!     uint8 zeros[length_of_padding];
//! } TLSInnerPlaintext;
//!
//! struct {
//!     ContentType opaque_type = application_data; /* 23 */
//!     ProtocolVersion legacy_record_version = 0x0303; /* TLS v1.2 */
//!     uint16 length;
//!     opaque encrypted_record[TLSCiphertext.length];
//! } TLSCiphertext;
//!
//! additional_data = TLSCiphertext.opaque_type || TLSCiphertext.legacy_record_version || TLSCiphertext.length
//! ```

use std::fmt;

use super::aead::{Aead, numbered_nonce};
use super::open_error::OpenError;
use super::schedule::{TrafficKeys, TrafficSecret};
use super::suite::{AeadCipher, BulkCipher, SuiteParameters};
use crate::tls::registry::{ContentType, ProtocolVersion};

/// Opens what one side writes under one traffic secret.
#[derive(Clone)]
pub struct Tls13Opener {
    suite: SuiteParameters,
    cipher: AeadCipher,
    secret: TrafficSecret,
    aead: Aead,
    iv: [u8; 12],
}

impl Tls13Opener {
    /// An opener for the records under `secret`.
    ///
    /// `None` if the suite is not one of TLS 1.3 (or a draft of it), or the secret is not as long as its hash.
    pub fn new(suite: SuiteParameters, secret: TrafficSecret) -> Option<Self> {
        let keys = TrafficKeys::of(&suite, &secret)?;
        Self::with_keys(suite, secret, &keys)
    }

    /// As [`Tls13Opener::new`], and the keys for the secret under which the side will write next: both together take
    /// hardly longer than one.
    pub(crate) fn with_next(
        suite: SuiteParameters,
        secret: TrafficSecret,
        next: TrafficSecret,
    ) -> Option<(Self, NextKeys)> {
        let [keys, next_keys] = TrafficKeys::of_both(&suite, [&secret, &next])?;
        Some((Self::with_keys(suite, secret, &keys)?, NextKeys { secret: next, keys: next_keys }))
    }

    fn with_keys(suite: SuiteParameters, secret: TrafficSecret, keys: &TrafficKeys) -> Option<Self> {
        let BulkCipher::Aead(cipher) = suite.cipher else { return None };
        if !suite.version.is_tls13() {
            return None;
        }
        Some(Self { suite, cipher, aead: Aead::new(cipher, &keys.key), iv: keys.iv, secret })
    }

    /// Opens one record. Afterwards `out` holds its content and nothing else, and the content's true type is returned;
    /// on an error `out` is empty.
    ///
    /// `sequence` counts the side's records under this secret, from 0. `fragment` is what follows the record's header.
    ///
    /// # Errors
    /// Says why it did not open. `BadPadding` means that it authenticated and held nothing but zeros.
    pub fn open(&self, sequence: u64, fragment: &[u8], out: &mut Vec<u8>) -> Result<ContentType, OpenError> {
        out.clear();
        let length = u16::try_from(fragment.len()).map_err(|_| OpenError::DoesNotAuthenticate)?.to_be_bytes();
        let header = [ContentType::APPLICATION_DATA.0, 0x03, 0x03, length[0], length[1]];
        let additional_data = if authenticates_header(self.suite.version) { &header[..] } else { &[] };
        self.aead.open(&numbered_nonce(&self.iv, sequence), additional_data, fragment, out)?;

        let Some(end) = out.iter().rposition(|byte| *byte != 0) else {
            out.clear();
            return Err(OpenError::BadPadding);
        };
        let content_type = out.get(end).copied().map_or(ContentType::INVALID, ContentType);
        out.truncate(end);
        Ok(content_type)
    }

    /// The opener for what the side writes after its next KeyUpdate; sequence numbers start again at 0.
    pub fn next_generation(&self) -> Self {
        let secret = self.secret.next_generation(self.suite.version);
        let keys = TrafficKeys::expand(&self.suite, &secret);
        Self { aead: Aead::new(self.cipher, &keys.key), iv: keys.iv, secret, ..*self }
    }

    /// What it opens.
    pub const fn suite(&self) -> &SuiteParameters {
        &self.suite
    }
}

/// The keys of a secret that is not in use yet.
pub(crate) struct NextKeys {
    secret: TrafficSecret,
    keys: TrafficKeys,
}

impl NextKeys {
    /// The opener for what is written under that secret; `None` if it is another one by now.
    pub(crate) fn opener(self, suite: SuiteParameters, secret: &TrafficSecret) -> Option<Tls13Opener> {
        if self.secret != *secret {
            return None;
        }
        Tls13Opener::with_keys(suite, self.secret, &self.keys)
    }
}

/// Never prints the keys.
impl fmt::Debug for NextKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextKeys(..)")
    }
}

/// Never prints the keys.
impl fmt::Debug for Tls13Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls13Opener").field("suite", &self.suite).field("keys", &"..").finish()
    }
}

/// Drafts before 25 had no additional data; Facebook's 0xfb17 is draft 23.
const fn authenticates_header(version: ProtocolVersion) -> bool {
    !matches!(version.0, 0x7f00..=0x7f18 | 0xfb17)
}

#[cfg(test)]
mod tests;
