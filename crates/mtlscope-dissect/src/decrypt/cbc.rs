//! The block ciphers in CBC mode behind one door, deciphering only.
//!
//! RFC 5246 section 6.2.3.2; the ciphers besides AES: RFC 4132 and 5932 (Camellia), 4162 (SEED), 6209 (ARIA), 5469 (DES and
//! IDEA), 2246 (RC2, 3DES).

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use aes::{Aes128Dec, Aes256Dec};
use aria::{Aria128, Aria256};
use camellia::{Camellia128, Camellia256};
use des::{Des, TdesEde3};
use idea::Idea;
use rc2::Rc2;

use super::seed::Seed;
use super::suite::BlockCipher;

/// A block cipher with its key set.
pub(super) enum CbcCipher {
    Aes128(Box<Aes128Dec>),
    Aes256(Box<Aes256Dec>),
    Camellia128(Box<Camellia128>),
    Camellia256(Box<Camellia256>),
    Aria128(Box<Aria128>),
    Aria256(Box<Aria256>),
    Seed(Box<Seed>),
    Idea(Box<Idea>),
    Rc2(Box<Rc2>),
    Des(Box<Des>),
    TripleDes(Box<TdesEde3>),
}

impl CbcCipher {
    /// Sets the key; `None` if it is not as long as the cipher's keys are.
    pub(super) fn new(cipher: BlockCipher, key: &[u8]) -> Option<Self> {
        Some(match cipher {
            BlockCipher::Aes128 => Self::Aes128(keyed(key)?),
            BlockCipher::Aes256 => Self::Aes256(keyed(key)?),
            BlockCipher::Camellia128 => Self::Camellia128(keyed(key)?),
            BlockCipher::Camellia256 => Self::Camellia256(keyed(key)?),
            BlockCipher::Aria128 => Self::Aria128(keyed(key)?),
            BlockCipher::Aria256 => Self::Aria256(keyed(key)?),
            BlockCipher::Seed => Self::Seed(Box::new(Seed::new(key.try_into().ok()?))),
            BlockCipher::Idea => Self::Idea(keyed(key)?),
            BlockCipher::Rc2 => Self::Rc2(keyed(key)?),
            BlockCipher::Des => Self::Des(keyed(key)?),
            BlockCipher::TripleDes => Self::TripleDes(keyed(key)?),
        })
    }

    /// Length of a block in bytes.
    pub(super) const fn block_length(&self) -> usize {
        match self {
            Self::Idea(_) | Self::Rc2(_) | Self::Des(_) | Self::TripleDes(_) => 8,
            _ => 16,
        }
    }

    /// Deciphers `blocks`, which start as a copy of `ciphertext`. Of the IV, as much counts as a block is long.
    ///
    /// All blocks go through the cipher at once, which lets it work on several in parallel; the chaining is undone
    /// afterwards from the untouched ciphertext.
    pub(super) fn decrypt(&self, iv: &[u8; 16], ciphertext: &[u8], blocks: &mut [u8]) {
        match self {
            Self::Aes128(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Aes256(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Camellia128(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Camellia256(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Aria128(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Aria256(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Seed(cipher) => cipher.decrypt_blocks(blocks),
            Self::Idea(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Rc2(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::Des(cipher) => decrypt_blocks(&**cipher, blocks),
            Self::TripleDes(cipher) => decrypt_blocks(&**cipher, blocks),
        }
        let previous = iv.iter().take(self.block_length()).chain(ciphertext);
        blocks.iter_mut().zip(previous).for_each(|(byte, chained)| *byte ^= chained);
    }
}

fn keyed<C: KeyInit>(key: &[u8]) -> Option<Box<C>> {
    C::new_from_slice(key).ok().map(Box::new)
}

fn decrypt_blocks<C: BlockCipherDecrypt>(cipher: &C, blocks: &mut [u8]) {
    let (whole, _) = Array::slice_as_chunks_mut(blocks);
    cipher.decrypt_blocks(whole);
}
