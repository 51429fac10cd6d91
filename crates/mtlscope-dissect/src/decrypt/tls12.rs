//! Opens the records of one side of a connection up to TLS 1.2 (and DTLS 1.2), once its keys are known.
//!
//! RFC 5246 section 6.2.3; encrypt-then-MAC, RFC 7366; implicit IVs, RFC 2246 section 6.2.3.2; SSL 3.0, RFC 6101
//! section 5.2.3.
//!
//! ```text
//! struct {
//!     opaque nonce_explicit[SecurityParameters.record_iv_length];
//!     aead-ciphered struct { opaque content[TLSCompressed.length]; };
//! } GenericAEADCipher;
//!
//! struct {
//!     opaque IV[SecurityParameters.record_iv_length];
//!     block-ciphered struct {
//!         opaque content[TLSCompressed.length];
//!         opaque MAC[SecurityParameters.mac_length];
//!         uint8 padding[GenericBlockCipher.padding_length];
//!         uint8 padding_length;
//!     };
//! } GenericBlockCipher;
//!
//! stream-ciphered struct {
//!     opaque content[TLSCompressed.length];
//!     opaque MAC[SecurityParameters.mac_length];
//! } GenericStreamCipher;
//! ```
//!
//! Not here: compression (what comes out may still be compressed) and truncated_hmac.

use std::fmt;

use zeroize::Zeroizing;

use super::aead::{Aead, numbered_nonce};
use super::cbc::CbcCipher;
use super::mac::{MacHeader, RecordMac};
use super::open_error::OpenError;
use super::rc4::Rc4Stream;
use super::schedule::KeyBlock;
use super::suite::{BulkCipher, Prf, SuiteParameters};
use crate::side::Side;
use crate::tls::registry::{ContentType, ProtocolVersion};

/// Opens what one side writes after its ChangeCipherSpec.
pub struct Tls12Opener {
    suite: SuiteParameters,
    protection: Protection,
}

impl Tls12Opener {
    /// An opener for the records that `side` sends. `encrypt_then_mac` is whether the server agreed to that extension;
    /// it means nothing to suites without CBC.
    ///
    /// `None` for a suite of TLS 1.3.
    pub fn new(key_block: &KeyBlock, side: Side, encrypt_then_mac: bool) -> Option<Self> {
        let suite = *key_block.suite();
        if suite.version.is_tls13() {
            return None;
        }
        let keys = key_block.keys(side);
        let mac = |algorithm| match suite.prf {
            Prf::Ssl3 => RecordMac::ssl3(algorithm, keys.mac_key),
            _ => Some(RecordMac::new(algorithm, keys.mac_key)),
        };

        let protection = match suite.cipher {
            BulkCipher::Aead(cipher) => {
                let (mut key, mut iv) = (Zeroizing::new([0; 32]), [0; 12]);
                key.iter_mut().zip(keys.key).for_each(|(to, from)| *to = *from);
                iv.iter_mut().zip(keys.iv).for_each(|(to, from)| *to = *from);
                Protection::Aead { aead: Aead::new(cipher, &key), iv }
            }
            BulkCipher::Cbc(cipher) => Protection::Cbc {
                cipher: CbcCipher::new(cipher, keys.key)?,
                mac: mac(suite.mac?)?,
                encrypt_then_mac,
                last_block: iv_block(keys.iv),
            },
            BulkCipher::Rc4 => Protection::Rc4 { stream: Rc4Stream::new(keys.key)?, mac: mac(suite.mac?)? },
            BulkCipher::Null => Protection::Null { mac: mac(suite.mac?)? },
        };
        Some(Self { suite, protection })
    }

    /// Opens one record. Afterwards `out` holds its content and nothing else; on an error it is empty.
    ///
    /// `sequence` counts the side's records since its ChangeCipherSpec, from 0; in DTLS it is the epoch (16 bits) and
    /// the record's own number (48 bits). `content_type` and `record_version` are the record header's.
    ///
    /// # Errors
    /// Says why it did not open. The opener is then as it was before, so another sequence number can be tried.
    pub fn open(
        &mut self,
        sequence: u64,
        content_type: ContentType,
        record_version: ProtocolVersion,
        fragment: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), OpenError> {
        out.clear();
        let header = MacHeader { sequence, content_type, version: record_version };
        let opened = match &mut self.protection {
            Protection::Aead { aead, iv } => {
                open_aead(aead, iv, self.suite.explicit_nonce_length, &header, fragment, out)
            }
            Protection::Cbc { cipher, mac, encrypt_then_mac, last_block } => {
                let padding = if self.suite.prf == Prf::Ssl3 { Padding::Arbitrary } else { Padding::Lengths };
                let chained = (self.suite.explicit_nonce_length == 0).then_some(last_block);
                open_cbc(cipher, mac, *encrypt_then_mac, padding, chained, &header, fragment, out)
            }
            Protection::Rc4 { stream, mac } => {
                stream.decipher(fragment, out);
                strip_mac(mac, &header, out).inspect(|()| stream.pass(fragment.len()))
            }
            Protection::Null { mac } => {
                out.extend_from_slice(fragment);
                strip_mac(mac, &header, out)
            }
        };
        if opened.is_err() {
            out.clear();
        }
        opened
    }

    /// Tells of a record that was seen and not opened. Up to TLS 1.0 the next record's IV is in it, and RC4 goes on behind
    /// it; it is ignored elsewhere.
    pub fn pass_over(&mut self, fragment: &[u8]) {
        match &mut self.protection {
            Protection::Cbc { cipher, mac, encrypt_then_mac, last_block } => {
                let mac_length = if *encrypt_then_mac { mac.length() } else { 0 };
                let ciphertext =
                    fragment.get(..fragment.len().saturating_sub(mac_length)).unwrap_or_default();
                if let Some(start) = ciphertext.len().checked_sub(cipher.block_length()) {
                    *last_block = iv_block(ciphertext.get(start..).unwrap_or_default());
                }
            }
            Protection::Rc4 { stream, .. } => stream.pass(fragment.len()),
            Protection::Aead { .. } | Protection::Null { .. } => {}
        }
    }

    /// Sets the IV of the next record where IVs are chained (up to TLS 1.0): the last ciphertext block before it.
    pub fn set_chained_iv(&mut self, block: &[u8]) {
        if let Protection::Cbc { last_block, .. } = &mut self.protection {
            *last_block = iv_block(block);
        }
    }

    /// What it opens.
    pub const fn suite(&self) -> &SuiteParameters {
        &self.suite
    }
}

/// Never prints the keys.
impl fmt::Debug for Tls12Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls12Opener").field("suite", &self.suite).field("keys", &"..").finish()
    }
}

enum Protection {
    Aead { aead: Aead, iv: [u8; 12] },
    Cbc { cipher: CbcCipher, mac: RecordMac, encrypt_then_mac: bool, last_block: [u8; 16] },
    Rc4 { stream: Rc4Stream, mac: RecordMac },
    Null { mac: RecordMac },
}

/// A block that becomes an IV; of ciphers with shorter blocks, its first bytes.
fn iv_block(block: &[u8]) -> [u8; 16] {
    let mut iv = [0; 16];
    iv.iter_mut().zip(block).for_each(|(to, from)| *to = *from);
    iv
}

/// What the bytes before `padding_length` must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// Each the length again: TLS.
    Lengths,
    /// Anything, but less than a block: SSL 3.0.
    Arbitrary,
}

/// RFC 5246 section 6.2.3.3:
///
/// ```text
/// additional_data = seq_num + TLSCompressed.type + TLSCompressed.version + TLSCompressed.length;
/// ```
fn open_aead(
    aead: &Aead,
    iv: &[u8; 12],
    explicit_nonce_length: usize,
    header: &MacHeader,
    fragment: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), OpenError> {
    let (explicit, sealed) = fragment.split_at_checked(explicit_nonce_length).ok_or(OpenError::TooShort)?;
    let nonce = if explicit.is_empty() {
        numbered_nonce(iv, header.sequence)
    } else {
        let mut nonce = *iv;
        nonce.iter_mut().rev().zip(explicit.iter().rev()).for_each(|(to, from)| *to = *from);
        nonce
    };

    let length = sealed.len().checked_sub(aead.tag_length()).ok_or(OpenError::TooShort)?;
    let length = u16::try_from(length).map_err(|_| OpenError::DoesNotAuthenticate)?.to_be_bytes();
    let [s0, s1, s2, s3, s4, s5, s6, s7] = header.sequence.to_be_bytes();
    let [major, minor] = header.version.0.to_be_bytes();
    let additional_data =
        [s0, s1, s2, s3, s4, s5, s6, s7, header.content_type.0, major, minor, length[0], length[1]];
    aead.open(&nonce, &additional_data, sealed, out)
}

#[expect(clippy::too_many_arguments, reason = "the parts of an opener, taken apart once")]
fn open_cbc(
    cipher: &CbcCipher,
    mac: &RecordMac,
    encrypt_then_mac: bool,
    padding: Padding,
    chained: Option<&mut [u8; 16]>,
    header: &MacHeader,
    fragment: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), OpenError> {
    let enciphered = if encrypt_then_mac {
        let length = fragment.len().checked_sub(mac.length()).ok_or(OpenError::TooShort)?;
        let (enciphered, tag) = fragment.split_at_checked(length).ok_or(OpenError::TooShort)?;
        mac.check(header, [enciphered, b""], tag)?;
        enciphered
    } else {
        fragment
    };

    let block_length = cipher.block_length();
    let (iv, ciphertext) = match &chained {
        Some(last_block) => (**last_block, enciphered),
        None => enciphered
            .split_at_checked(block_length)
            .map(|(iv, rest)| (iv_block(iv), rest))
            .ok_or(OpenError::TooShort)?,
    };
    // An empty record still has its padding.
    let start_of_last = ciphertext.len().checked_sub(block_length).ok_or(OpenError::TooShort)?;
    if ciphertext.len() % block_length != 0 {
        return Err(OpenError::TooShort);
    }

    out.extend_from_slice(ciphertext);
    cipher.decrypt(&iv, ciphertext, out);
    strip_padding(padding, block_length, out)?;
    if !encrypt_then_mac {
        strip_mac(mac, header, out)?;
    }
    if let Some(last_block) = chained {
        *last_block = iv_block(ciphertext.get(start_of_last..).unwrap_or_default());
    }
    Ok(())
}

fn strip_padding(padding: Padding, block_length: usize, out: &mut Vec<u8>) -> Result<(), OpenError> {
    let padding_length = *out.last().ok_or(OpenError::TooShort)?;
    let content = out.len().checked_sub(usize::from(padding_length) + 1).ok_or(OpenError::BadPadding)?;
    let good = match padding {
        Padding::Lengths => out.iter().skip(content).all(|byte| *byte == padding_length),
        Padding::Arbitrary => usize::from(padding_length) < block_length,
    };
    if !good {
        return Err(OpenError::BadPadding);
    }
    out.truncate(content);
    Ok(())
}

fn strip_mac(mac: &RecordMac, header: &MacHeader, out: &mut Vec<u8>) -> Result<(), OpenError> {
    let length = out.len().checked_sub(mac.length()).ok_or(OpenError::TooShort)?;
    let (content, tag) = out.split_at_checked(length).ok_or(OpenError::TooShort)?;
    mac.check(header, [content, b""], tag)?;
    out.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests;
