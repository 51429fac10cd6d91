//! RC4 (RFC 6101, 7465): a stream that goes on from record to record.

use rc4::cipher::StreamCipher;
use rc4::{KeyInit, Rc4};
use zeroize::Zeroizing;

/// The stream of one direction.
pub(super) struct Rc4Stream {
    cipher: Box<Rc4>,
    /// What came out of the cipher and was not used yet: a record may be tried more than once.
    ahead: Zeroizing<Vec<u8>>,
}

impl Rc4Stream {
    /// Sets the key.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        let cipher = Rc4::new_from_slice(key).ok().map(Box::new)?;
        Some(Self { cipher, ahead: Zeroizing::default() })
    }

    /// Appends the plaintext of a record. The stream stays where it is.
    pub(super) fn decipher(&mut self, fragment: &[u8], out: &mut Vec<u8>) {
        self.look_ahead(fragment.len());
        out.extend(fragment.iter().zip(self.ahead.iter()).map(|(byte, key)| byte ^ key));
    }

    /// Goes on by the length of a record.
    pub(super) fn pass(&mut self, length: usize) {
        self.look_ahead(length);
        self.ahead.drain(..length);
    }

    fn look_ahead(&mut self, length: usize) {
        let there = self.ahead.len();
        if there < length {
            self.ahead.resize(length, 0);
            if let Some(new) = self.ahead.get_mut(there..) {
                self.cipher.apply_keystream(new);
            }
        }
    }
}
