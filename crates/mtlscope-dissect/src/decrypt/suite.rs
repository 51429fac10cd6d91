//! What a cipher suite's number means to its records: which cipher, how long its keys and nonces, which MAC, which PRF.
//!
//! RFC 5246 section 6.2.3 and appendix C; RFC 8446 appendix B.4. How the key was agreed on (RSA, ECDHE, PSK, ..) does
//! not matter once there is a secret, so all suites with one cipher share a row.
//!
//! Not here, and so answered with `None`: SM4, GOST and AEGIS suites, and the integrity-only ones of RFC 9150.

mod rows;

use crate::tls::registry::ProtocolVersion;
use rows::{TLS13, UP_TO_TLS12};

/// How records of one cipher suite in one protocol version are protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SuiteParameters {
    /// The version they are for.
    pub version: ProtocolVersion,
    /// What encrypts.
    pub cipher: BulkCipher,
    /// What authenticates; `None` where the cipher does so itself (AEAD).
    pub mac: Option<MacAlgorithm>,
    /// What derives keys from secrets.
    pub prf: Prf,
    /// Length of the cipher's key in bytes.
    pub key_length: usize,
    /// Of an export suite, the length of the secret part of the key in bytes: the rest is made of the hellos' randoms.
    pub export_key_length: Option<usize>,
    /// Length in bytes of the part of the nonce or IV that comes from the keys.
    pub fixed_iv_length: usize,
    /// Length in bytes of the part of the nonce or IV that each record carries before its ciphertext.
    pub explicit_nonce_length: usize,
    /// Length in bytes of the AEAD's tag; 0 without AEAD.
    pub tag_length: usize,
}

impl SuiteParameters {
    /// The parameters of a cipher suite, by its IANA number, in a version of TLS or DTLS.
    ///
    /// `None` for a suite we cannot open, for one that does not exist in that version, and for DTLS 1.3.
    pub fn of(cipher_suite: u16, version: ProtocolVersion) -> Option<Self> {
        let generation = Generation::of(version)?;
        let rows = if generation == Generation::Tls13 { TLS13 } else { UP_TO_TLS12 };
        let row = rows.iter().find(|row| row.numbers.contains(&cipher_suite))?;

        let (fixed_iv_length, explicit_nonce_length, tag_length) = match (row.cipher, generation) {
            (BulkCipher::Aead(_), Generation::Ssl3 | Generation::Tls10 | Generation::Tls11) => return None,
            (BulkCipher::Aead(aead), Generation::Tls13) => (12, 0, aead.tag_length()),
            (BulkCipher::Aead(AeadCipher::ChaCha20Poly1305), _) => (12, 0, 16),
            (BulkCipher::Aead(aead), _) => (4, 8, aead.tag_length()),
            // The IV of a record is the last ciphertext block of the one before it.
            (BulkCipher::Cbc(block), Generation::Ssl3 | Generation::Tls10) => (block.block_length(), 0, 0),
            (BulkCipher::Cbc(block), _) => (0, block.block_length(), 0),
            (BulkCipher::Rc4 | BulkCipher::Null, _) => (0, 0, 0),
        };
        Some(Self {
            version,
            cipher: row.cipher,
            mac: row.mac,
            prf: match generation {
                Generation::Ssl3 => Prf::Ssl3,
                Generation::Tls10 | Generation::Tls11 => Prf::Md5Sha1,
                Generation::Tls12 | Generation::Tls13 => row.prf,
            },
            key_length: row.cipher.key_length(),
            export_key_length: row.export_key_length,
            fixed_iv_length,
            explicit_nonce_length,
            tag_length,
        })
    }
}

/// What encrypts records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum BulkCipher {
    /// Authenticated encryption with associated data.
    Aead(AeadCipher),
    /// A block cipher in CBC mode, with a MAC beside it.
    Cbc(BlockCipher),
    /// The stream cipher, with a key of 128 bits and a MAC beside it.
    Rc4,
    /// No encryption, only a MAC.
    Null,
}

impl BulkCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aead(aead) => aead.key_length(),
            Self::Cbc(block) => block.key_length(),
            Self::Rc4 => 16,
            Self::Null => 0,
        }
    }
}

/// The AEADs of TLS. IANA "AEAD Algorithms".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum AeadCipher {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Ccm,
    Aes256Ccm,
    /// CCM with a tag of 8 bytes.
    Aes128Ccm8,
    /// CCM with a tag of 8 bytes.
    Aes256Ccm8,
    ChaCha20Poly1305,
    Camellia128Gcm,
    Camellia256Gcm,
    Aria128Gcm,
    Aria256Gcm,
}

impl AeadCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm
            | Self::Aes128Ccm
            | Self::Aes128Ccm8
            | Self::Camellia128Gcm
            | Self::Aria128Gcm => 16,
            Self::Aes256Gcm
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::ChaCha20Poly1305
            | Self::Camellia256Gcm
            | Self::Aria256Gcm => 32,
        }
    }

    /// Length of its tag in bytes.
    pub const fn tag_length(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            _ => 16,
        }
    }
}

/// Block ciphers used in CBC mode.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum BlockCipher {
    Aes128,
    Aes256,
    Camellia128,
    Camellia256,
    Aria128,
    Aria256,
    Seed,
    Idea,
    /// With all bits of its key in use.
    Rc2,
    Des,
    TripleDes,
}

impl BlockCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Camellia128 | Self::Aria128 | Self::Seed | Self::Idea | Self::Rc2 => 16,
            Self::Aes256 | Self::Camellia256 | Self::Aria256 => 32,
            Self::Des => 8,
            Self::TripleDes => 24,
        }
    }

    /// Length of a block, and so of an IV, in bytes.
    pub const fn block_length(self) -> usize {
        match self {
            Self::Idea | Self::Rc2 | Self::Des | Self::TripleDes => 8,
            _ => 16,
        }
    }
}

/// The hash of a record's MAC: HMAC in TLS, its predecessor in SSL 3.0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum MacAlgorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

impl MacAlgorithm {
    /// Length of the MAC, and of its key, in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// How keys come from secrets: the pseudorandom function up to TLS 1.2, and the hash of HKDF in TLS 1.3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Prf {
    /// MD5 over SHA-1 with letters, RFC 6101 section 6.2.2.
    Ssl3,
    /// P_MD5 xor P_SHA-1, RFC 2246 section 5.
    Md5Sha1,
    /// P_SHA256, RFC 5246 section 5; HKDF-SHA256.
    Sha256,
    /// P_SHA384; HKDF-SHA384.
    Sha384,
}

/// The versions that differ in how they protect a record; DTLS counts as the TLS it follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generation {
    Ssl3,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

impl Generation {
    fn of(version: ProtocolVersion) -> Option<Self> {
        match version {
            ProtocolVersion::SSL3 => Some(Self::Ssl3),
            ProtocolVersion::TLS10 => Some(Self::Tls10),
            ProtocolVersion::TLS11 | ProtocolVersion::DTLS10 => Some(Self::Tls11),
            ProtocolVersion::TLS12 | ProtocolVersion::DTLS12 => Some(Self::Tls12),
            draft_or_final if draft_or_final.is_tls13() => Some(Self::Tls13),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::registry::CipherSuite;

    #[test]
    fn no_suite_is_in_two_rows() {
        let mut numbers: Vec<u16> =
            UP_TO_TLS12.iter().chain(TLS13).flat_map(|row| row.numbers).copied().collect();
        // As many as IANA lists with these ciphers; a number lost or doubled shows here.
        assert_eq!(numbers.len(), 341);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 341);
    }

    #[test]
    fn every_suite_is_in_the_row_of_its_name() {
        for row in UP_TO_TLS12.iter().chain(TLS13) {
            let cipher = match row.cipher {
                BulkCipher::Aead(AeadCipher::Aes128Gcm) => "_AES_128_GCM_SHA256",
                BulkCipher::Aead(AeadCipher::Aes256Gcm) => "_AES_256_GCM_SHA384",
                BulkCipher::Aead(AeadCipher::Aes128Ccm | AeadCipher::Aes128Ccm8) => "_AES_128_CCM",
                BulkCipher::Aead(AeadCipher::Aes256Ccm | AeadCipher::Aes256Ccm8) => "_AES_256_CCM",
                BulkCipher::Aead(AeadCipher::ChaCha20Poly1305) => "_CHACHA20_POLY1305_SHA256",
                BulkCipher::Aead(AeadCipher::Camellia128Gcm) => "_CAMELLIA_128_GCM_SHA256",
                BulkCipher::Aead(AeadCipher::Camellia256Gcm) => "_CAMELLIA_256_GCM_SHA384",
                BulkCipher::Aead(AeadCipher::Aria128Gcm) => "_ARIA_128_GCM_SHA256",
                BulkCipher::Aead(AeadCipher::Aria256Gcm) => "_ARIA_256_GCM_SHA384",
                BulkCipher::Cbc(BlockCipher::Aes128) => "_AES_128_CBC_",
                BulkCipher::Cbc(BlockCipher::Aes256) => "_AES_256_CBC_",
                BulkCipher::Cbc(BlockCipher::Camellia128) => "_CAMELLIA_128_CBC_",
                BulkCipher::Cbc(BlockCipher::Camellia256) => "_CAMELLIA_256_CBC_",
                BulkCipher::Cbc(BlockCipher::Aria128) => "_ARIA_128_CBC_",
                BulkCipher::Cbc(BlockCipher::Aria256) => "_ARIA_256_CBC_",
                BulkCipher::Cbc(BlockCipher::Seed) => "_SEED_CBC_",
                BulkCipher::Cbc(BlockCipher::Idea) => "_IDEA_CBC_",
                BulkCipher::Cbc(BlockCipher::Rc2) => "_RC2_CBC_40_",
                BulkCipher::Cbc(BlockCipher::Des) if row.export_key_length == Some(5) => "_DES",
                BulkCipher::Cbc(BlockCipher::Des) => "_DES_CBC_",
                BulkCipher::Cbc(BlockCipher::TripleDes) => "_3DES_EDE_CBC_",
                BulkCipher::Rc4 if row.export_key_length == Some(5) => "_RC4_40_",
                BulkCipher::Rc4 if row.export_key_length == Some(7) => "_RC4_56_",
                BulkCipher::Rc4 => "_RC4_128_",
                BulkCipher::Null => "_NULL_",
            };
            let mac = match row.mac {
                None => "",
                Some(MacAlgorithm::Md5) => "_MD5",
                Some(MacAlgorithm::Sha1) => "_SHA",
                Some(MacAlgorithm::Sha256) => "_SHA256",
                Some(MacAlgorithm::Sha384) => "_SHA384",
            };
            for number in row.numbers {
                let name = CipherSuite(*number).name().expect("a suite that IANA knows");
                assert!(
                    name.contains(cipher) && name.ends_with(mac),
                    "0x{number:04x} {name}: {cipher} {mac}"
                );
                assert_eq!(row.export_key_length.is_some(), name.contains("_EXPORT"), "{name}");
            }
        }
    }

    #[test]
    fn knows_the_lengths_of_every_kind() {
        #[rustfmt::skip]
        let cases = [
            // suite, version, key, fixed IV, explicit nonce, tag, MAC, PRF
            (0x1302, ProtocolVersion::TLS13, (32, 12, 0, 16, 0, Prf::Sha384)),
            (0x1305, ProtocolVersion::TLS13, (16, 12, 0, 8, 0, Prf::Sha256)),
            (0x1301, ProtocolVersion(0x7f17), (16, 12, 0, 16, 0, Prf::Sha256)),
            (0xc02f, ProtocolVersion::TLS12, (16, 4, 8, 16, 0, Prf::Sha256)),
            (0xc030, ProtocolVersion::DTLS12, (32, 4, 8, 16, 0, Prf::Sha384)),
            (0xc0ae, ProtocolVersion::TLS12, (16, 4, 8, 8, 0, Prf::Sha256)),
            (0xcca8, ProtocolVersion::TLS12, (32, 12, 0, 16, 0, Prf::Sha256)),
            (0xc028, ProtocolVersion::TLS12, (32, 0, 16, 0, 48, Prf::Sha384)),
            (0x002f, ProtocolVersion::TLS12, (16, 0, 16, 0, 20, Prf::Sha256)),
            (0x002f, ProtocolVersion::TLS11, (16, 0, 16, 0, 20, Prf::Md5Sha1)),
            (0x002f, ProtocolVersion::DTLS10, (16, 0, 16, 0, 20, Prf::Md5Sha1)),
            (0x0035, ProtocolVersion::TLS10, (32, 16, 0, 0, 20, Prf::Md5Sha1)),
            (0x0035, ProtocolVersion::SSL3, (32, 16, 0, 0, 20, Prf::Ssl3)),
            (0x0001, ProtocolVersion::TLS10, (0, 0, 0, 0, 16, Prf::Md5Sha1)),
            (0x0005, ProtocolVersion::TLS12, (16, 0, 0, 0, 20, Prf::Sha256)),
            (0x000a, ProtocolVersion::TLS10, (24, 8, 0, 0, 20, Prf::Md5Sha1)),
            (0x000a, ProtocolVersion::TLS12, (24, 0, 8, 0, 20, Prf::Sha256)),
            (0x0003, ProtocolVersion::SSL3, (16, 0, 0, 0, 16, Prf::Ssl3)),
            (0x0006, ProtocolVersion::TLS10, (16, 8, 0, 0, 16, Prf::Md5Sha1)),
            (0xc07b, ProtocolVersion::TLS12, (32, 4, 8, 16, 0, Prf::Sha384)),
        ];
        for (suite, version, expected) in cases {
            let found = SuiteParameters::of(suite, version).expect("a suite we know");
            let mac_length = found.mac.map_or(0, MacAlgorithm::length);
            let lengths = (found.key_length, found.fixed_iv_length, found.explicit_nonce_length);
            let seen = (lengths.0, lengths.1, lengths.2, found.tag_length, mac_length, found.prf);
            assert_eq!(seen, expected, "0x{suite:04x} in {version}");
        }
    }

    #[test]
    fn knows_no_suite_outside_its_versions() {
        let nothing = [
            (0x1301, ProtocolVersion::TLS12),
            (0x1301, ProtocolVersion::DTLS13),
            (0xc02f, ProtocolVersion::TLS13),
            (0xc02f, ProtocolVersion::TLS11),
            (0xc02f, ProtocolVersion(0x0399)),
            (0x0000, ProtocolVersion::TLS12), // TLS_NULL_WITH_NULL_NULL
            (0x00ff, ProtocolVersion::TLS12), // TLS_EMPTY_RENEGOTIATION_INFO_SCSV
            (0x0a0a, ProtocolVersion::TLS12), // GREASE
        ];
        for (suite, version) in nothing {
            assert_eq!(SuiteParameters::of(suite, version), None, "0x{suite:04x} in {version}");
        }
    }
}
