//! The AEADs behind one door: a key once, then nonce, associated data, ciphertext and tag for each record.
//!
//! RFC 5116; for TLS: RFC 5288 (GCM), RFC 6655 and RFC 7251 (CCM), RFC 7905 (ChaCha20-Poly1305), RFC 6367 (Camellia), RFC
//! 6209 (ARIA).

use aes::{Aes128Enc, Aes256Enc};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::{U8, U12, U16};
use aes_gcm::aead::{AeadCore, AeadInOut, KeyInit, Tag};
use aria::{Aria128, Aria256};
use camellia::{Camellia128, Camellia256};
use ccm::Ccm;
use chacha20poly1305::ChaCha20Poly1305;
use zeroize::Zeroizing;

use super::open_error::OpenError;
use super::suite::AeadCipher;

/// An AEAD with its key set. Boxed where the round keys would make every flow's state large.
///
/// GCM and CCM only ever run AES forwards, so the decrypting half of the round keys is left out. `AesGcm` is GCM with any
/// cipher of such blocks.
#[derive(Clone)]
pub(super) enum Aead {
    Aes128Gcm(Box<AesGcm<Aes128Enc, U12>>),
    Aes256Gcm(Box<AesGcm<Aes256Enc, U12>>),
    Aes128Ccm(Box<Ccm<Aes128Enc, U16, U12>>),
    Aes256Ccm(Box<Ccm<Aes256Enc, U16, U12>>),
    Aes128Ccm8(Box<Ccm<Aes128Enc, U8, U12>>),
    Aes256Ccm8(Box<Ccm<Aes256Enc, U8, U12>>),
    ChaCha20Poly1305(ChaCha20Poly1305),
    Camellia128Gcm(Box<AesGcm<Camellia128, U12>>),
    Camellia256Gcm(Box<AesGcm<Camellia256, U12>>),
    Aria128Gcm(Box<AesGcm<Aria128, U12>>),
    Aria256Gcm(Box<AesGcm<Aria256, U12>>),
}

impl Aead {
    /// Sets the key: as many of the bytes as the cipher's keys have.
    pub(super) fn new(cipher: AeadCipher, key: &[u8; 32]) -> Self {
        let (half, _) = key.split_at(16);
        let mut short = Zeroizing::new([0; 16]);
        short.copy_from_slice(half);
        match cipher {
            AeadCipher::Aes128Gcm => Self::Aes128Gcm(Box::new(KeyInit::new(&(*short).into()))),
            AeadCipher::Aes256Gcm => Self::Aes256Gcm(Box::new(KeyInit::new(&(*key).into()))),
            AeadCipher::Aes128Ccm => Self::Aes128Ccm(Box::new(KeyInit::new(&(*short).into()))),
            AeadCipher::Aes256Ccm => Self::Aes256Ccm(Box::new(KeyInit::new(&(*key).into()))),
            AeadCipher::Aes128Ccm8 => Self::Aes128Ccm8(Box::new(KeyInit::new(&(*short).into()))),
            AeadCipher::Aes256Ccm8 => Self::Aes256Ccm8(Box::new(KeyInit::new(&(*key).into()))),
            AeadCipher::ChaCha20Poly1305 => Self::ChaCha20Poly1305(KeyInit::new(&(*key).into())),
            AeadCipher::Camellia128Gcm => Self::Camellia128Gcm(Box::new(KeyInit::new(&(*short).into()))),
            AeadCipher::Camellia256Gcm => Self::Camellia256Gcm(Box::new(KeyInit::new(&(*key).into()))),
            AeadCipher::Aria128Gcm => Self::Aria128Gcm(Box::new(KeyInit::new(&(*short).into()))),
            AeadCipher::Aria256Gcm => Self::Aria256Gcm(Box::new(KeyInit::new(&(*key).into()))),
        }
    }

    /// Length of its tag in bytes.
    pub(super) const fn tag_length(&self) -> usize {
        match self {
            Self::Aes128Ccm8(_) | Self::Aes256Ccm8(_) => 8,
            _ => 16,
        }
    }

    /// Opens `sealed` (ciphertext, then tag) into `out`, which holds the plaintext afterwards, or nothing on an error.
    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        associated_data: &[u8],
        sealed: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), OpenError> {
        match self {
            Self::Aes128Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aes256Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aes128Ccm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aes256Ccm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aes128Ccm8(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aes256Ccm8(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::ChaCha20Poly1305(aead) => open(aead, nonce, associated_data, sealed, out),
            Self::Camellia128Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Camellia256Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aria128Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
            Self::Aria256Gcm(aead) => open(&**aead, nonce, associated_data, sealed, out),
        }
    }
}

/// The nonce of record `sequence` where records carry none: the IV, with the number on its last 8 bytes.
///
/// RFC 8446 section 5.3, RFC 7905 section 2.
pub(super) fn numbered_nonce(iv: &[u8; 12], sequence: u64) -> [u8; 12] {
    let mut nonce = *iv;
    nonce.iter_mut().skip(4).zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
    nonce
}

fn open<A: AeadInOut + AeadCore<NonceSize = U12>>(
    aead: &A,
    nonce: &[u8; 12],
    associated_data: &[u8],
    sealed: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), OpenError> {
    out.clear();
    let length = sealed.len().checked_sub(Tag::<A>::default().len()).ok_or(OpenError::TooShort)?;
    let (ciphertext, tag) = sealed.split_at_checked(length).ok_or(OpenError::TooShort)?;
    let tag = Tag::<A>::try_from(tag).map_err(|_| OpenError::TooShort)?;

    out.extend_from_slice(ciphertext);
    let opened =
        aead.decrypt_inout_detached(&(*nonce).into(), associated_data, out.as_mut_slice().into(), &tag);
    opened.map_err(|_| {
        out.clear();
        OpenError::DoesNotAuthenticate
    })
}
