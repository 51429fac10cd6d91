//! Private RSA keys of servers, which open what clients encrypted to them: the premaster secret of RSA key exchange.
//!
//! RFC 5246 section 7.4.7.1:
//!
//! ```text
//! struct { ProtocolVersion client_version; opaque random[46]; } PreMasterSecret;
//! struct { public-key-encrypted PreMasterSecret pre_master_secret; } EncryptedPreMasterSecret;
//! ```
//!
//! One opening takes a millisecond, so what was opened is remembered, and attempts in vain are counted: a flood of
//! messages that no key opens costs no more than a second.

use std::collections::VecDeque;
use std::fmt;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Attempts in vain, over all connections, after which no more are made.
const FAILURES_ALLOWED: u32 = 1000;

/// Openings remembered: who resends a handshake, or shows it twice, does so soon.
const REMEMBERED: usize = 256;

/// The keys given.
#[derive(Default)]
pub struct RsaKeys {
    keys: Vec<RsaPrivateKey>,
    opened: HashMap<[u8; 32], Option<Premaster>, RandomState>,
    order: VecDeque<[u8; 32]>,
    failures: u32,
}

/// A premaster secret.
pub type Premaster = Zeroizing<[u8; 48]>;

impl RsaKeys {
    /// Takes a private key: DER, PKCS#1 or PKCS#8. Whether it is one that can be used.
    pub fn add(&mut self, der: &[u8]) -> bool {
        let key = RsaPrivateKey::from_pkcs1_der(der).ok().or_else(|| RsaPrivateKey::from_pkcs8_der(der).ok());
        match key {
            Some(key) if self.keys.contains(&key) => true,
            Some(key) => {
                self.keys.push(key);
                true
            }
            None => false,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether there is one with this modulus, most significant byte first.
    pub fn has(&self, modulus: &[u8]) -> bool {
        self.keys.iter().any(|key| is_modulus_of(modulus, key))
    }

    /// Whether so much was tried in vain that nothing is tried any more.
    pub fn are_given_up(&self) -> bool {
        self.failures >= FAILURES_ALLOWED
    }

    /// The premaster secret in what a client encrypted. `modulus` is that of the server's certificate; where the
    /// certificate was not seen, every key of the right length is tried.
    pub fn premaster(&mut self, encrypted: &[u8], modulus: Option<&[u8]>) -> Option<Premaster> {
        let fits = |key: &&RsaPrivateKey| {
            key.size() == encrypted.len() && modulus.is_none_or(|modulus| is_modulus_of(modulus, key))
        };
        if !self.keys.iter().any(|key| fits(&key)) {
            return None;
        }
        let name: [u8; 32] = Sha256::digest(encrypted).into();
        if let Some(known) = self.opened.get(&name) {
            return known.clone();
        }
        if self.are_given_up() {
            return None;
        }
        let opened = self.keys.iter().filter(fits).find_map(|key| open(key, encrypted));
        if opened.is_none() {
            self.failures += 1;
        }
        self.opened.insert(name, opened.clone());
        self.order.push_back(name);
        if self.order.len() > REMEMBERED
            && let Some(eldest) = self.order.pop_front()
        {
            self.opened.remove(&eldest);
        }
        opened
    }
}

fn open(key: &RsaPrivateKey, encrypted: &[u8]) -> Option<Premaster> {
    let plain = Zeroizing::new(key.decrypt(Pkcs1v15Encrypt, encrypted).ok()?);
    // Its first bytes should be the version that the client offered; some clients wrote the one agreed on.
    let mut premaster = Zeroizing::new([0; 48]);
    (plain.len() == 48).then(|| premaster.copy_from_slice(&plain))?;
    Some(premaster)
}

fn is_modulus_of(modulus: &[u8], key: &RsaPrivateKey) -> bool {
    let significant = modulus.iter().position(|byte| *byte != 0).and_then(|start| modulus.get(start..));
    significant.is_some_and(|modulus| key.n().to_bytes_be() == modulus)
}

/// Never prints the keys.
impl fmt::Debug for RsaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKeys")
            .field("keys", &self.keys.len())
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::hex::hex;
    use super::*;

    // Both made with openssl 3.0: `genrsa -traditional 512`, and `pkeyutl -encrypt` of 03 03 and 46 times 07.
    const KEY: &str = include_str!("rsa_key/key.hex");
    const ENCRYPTED: &str = include_str!("rsa_key/encrypted.hex");

    fn keys() -> RsaKeys {
        let mut keys = RsaKeys::default();
        assert!(keys.add(&hex(KEY)));
        keys
    }

    fn expected() -> Premaster {
        let mut premaster = Zeroizing::new([7; 48]);
        premaster[..2].copy_from_slice(&[3, 3]);
        premaster
    }

    #[test]
    fn opens_what_openssl_encrypted() {
        let mut keys = keys();
        let modulus = keys.keys[0].n().to_bytes_be();
        for modulus in [None, Some(modulus.as_slice()), Some(&[&[0], modulus.as_slice()].concat())] {
            assert_eq!(keys.premaster(&hex(ENCRYPTED), modulus), Some(expected()));
        }
        assert_eq!(keys.premaster(&hex(ENCRYPTED), Some(&[9; 64])), None);
        assert!(keys.has(&modulus) && !keys.has(&[9; 64]) && !keys.has(&[]));
    }

    #[test]
    fn what_does_not_open_is_counted_once_and_given_up_in_the_end() {
        let mut keys = keys();
        let mut changed = hex(ENCRYPTED);
        for place in 0..changed.len() {
            changed[place] ^= 1;
            assert_eq!(keys.premaster(&changed, None), None);
            assert_eq!(keys.premaster(&changed, None), None);
            changed[place] ^= 1;
        }
        assert_eq!(keys.failures, 64);
        for end in 0..changed.len() {
            assert_eq!(keys.premaster(&changed[..end], None), None);
        }
        assert_eq!(keys.failures, 64, "another length than the key's costs nothing");
        keys.failures = FAILURES_ALLOWED;
        assert_eq!(keys.premaster(&changed, None), None);
        assert!(keys.are_given_up());
    }

    #[test]
    fn remembers_a_bounded_number() {
        let mut keys = keys();
        for number in 0..REMEMBERED as u64 + 9 {
            let mut encrypted = vec![0; 56];
            encrypted.extend(number.to_be_bytes());
            keys.premaster(&encrypted, None);
        }
        assert_eq!((keys.opened.len(), keys.order.len()), (REMEMBERED, REMEMBERED));
    }

    #[test]
    fn takes_no_part_of_a_key_and_survives_every_changed_byte() {
        let der = hex(KEY);
        let mut keys = RsaKeys::default();
        for end in 0..der.len() {
            assert!(!keys.add(&der[..end]));
        }
        for place in 0..der.len() {
            let mut changed = der.clone();
            changed[place] ^= 0x81;
            keys.add(&changed);
            keys.premaster(&hex(ENCRYPTED), None);
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", keys()), "RsaKeys { keys: 1, failures: 0, .. }");
    }
}
