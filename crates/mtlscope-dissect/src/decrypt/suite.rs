//! What a cipher suite's number means to its records: which cipher, how long its keys and nonces, which MAC, which PRF.
//!
//! RFC 5246 section 6.2.3 and appendix C; RFC 8446 appendix B.4. How the key was agreed on (RSA, ECDHE, PSK, ..) does
//! not matter once there is a secret, so all suites with one cipher share a row.
//!
//! Not here, and so answered with `None`: export, RC2, RC4, IDEA, DES, 3DES, SEED, Camellia, ARIA, SM4 and AEGIS suites,
//! and the integrity-only ones of RFC 9150.

use crate::tls::registry::ProtocolVersion;

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
            (BulkCipher::Null, _) => (0, 0, 0),
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
    /// No encryption, only a MAC.
    Null,
}

impl BulkCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aead(aead) => aead.key_length(),
            Self::Cbc(block) => block.key_length(),
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
}

impl AeadCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 => 16,
            Self::Aes256Gcm | Self::Aes256Ccm | Self::Aes256Ccm8 | Self::ChaCha20Poly1305 => 32,
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
}

impl BlockCipher {
    /// Length of its key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    /// Length of a block, and so of an IV, in bytes.
    pub const fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes256 => 16,
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

/// Suites that protect records alike.
struct Row {
    cipher: BulkCipher,
    mac: Option<MacAlgorithm>,
    /// From TLS 1.2 on; before, every suite has its version's PRF.
    prf: Prf,
    numbers: &'static [u16],
}

/// IANA "TLS Cipher Suites" 0x13xx. RFC 8446 appendix B.4.
#[rustfmt::skip]
static TLS13: &[Row] = &[
    aead(AeadCipher::Aes128Gcm, Prf::Sha256, &[0x1301]),
    aead(AeadCipher::Aes256Gcm, Prf::Sha384, &[0x1302]),
    aead(AeadCipher::ChaCha20Poly1305, Prf::Sha256, &[0x1303]),
    aead(AeadCipher::Aes128Ccm, Prf::Sha256, &[0x1304]),
    aead(AeadCipher::Aes128Ccm8, Prf::Sha256, &[0x1305]),
];

/// IANA "TLS Cipher Suites", all other numbers: RFC 2712, 4279, 4785, 5054, 5246, 5288, 5289, 5487, 5489, 6655, 7251,
/// 7905, 8422, 8442, 8492. The likeliest rows first.
#[rustfmt::skip]
static UP_TO_TLS12: &[Row] = &[
    // TLS_.._WITH_AES_128_GCM_SHA256
    aead(AeadCipher::Aes128Gcm, Prf::Sha256, &[
        0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a6, 0x00a8, 0x00aa, 0x00ac,
        0xc02b, 0xc02d, 0xc02f, 0xc031, 0xc0b0, 0xd001,
    ]),
    // TLS_.._WITH_AES_256_GCM_SHA384
    aead(AeadCipher::Aes256Gcm, Prf::Sha384, &[
        0x009d, 0x009f, 0x00a1, 0x00a3, 0x00a5, 0x00a7, 0x00a9, 0x00ab, 0x00ad,
        0xc02c, 0xc02e, 0xc030, 0xc032, 0xc0b1, 0xd002,
    ]),
    // TLS_.._WITH_CHACHA20_POLY1305_SHA256
    aead(AeadCipher::ChaCha20Poly1305, Prf::Sha256, &[
        0xcca8, 0xcca9, 0xccaa, 0xccab, 0xccac, 0xccad, 0xccae,
    ]),
    // TLS_.._WITH_AES_128_CCM and .._AES_128_CCM_SHA256
    aead(AeadCipher::Aes128Ccm, Prf::Sha256, &[0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac, 0xc0b2, 0xd005]),
    // TLS_.._WITH_AES_256_CCM
    aead(AeadCipher::Aes256Ccm, Prf::Sha256, &[0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad]),
    // TLS_.._WITH_AES_256_CCM_SHA384
    aead(AeadCipher::Aes256Ccm, Prf::Sha384, &[0xc0b3]),
    // TLS_.._WITH_AES_128_CCM_8 and .._AES_128_CCM_8_SHA256
    aead(AeadCipher::Aes128Ccm8, Prf::Sha256, &[0xc0a0, 0xc0a2, 0xc0a8, 0xc0aa, 0xc0ae, 0xd003]),
    // TLS_.._WITH_AES_256_CCM_8
    aead(AeadCipher::Aes256Ccm8, Prf::Sha256, &[0xc0a1, 0xc0a3, 0xc0a9, 0xc0ab, 0xc0af]),

    // TLS_.._WITH_AES_128_CBC_SHA
    cbc(BlockCipher::Aes128, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x002f, 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x008c, 0x0090, 0x0094,
        0xc004, 0xc009, 0xc00e, 0xc013, 0xc018, 0xc01d, 0xc01e, 0xc01f, 0xc035,
    ]),
    // TLS_.._WITH_AES_256_CBC_SHA
    cbc(BlockCipher::Aes256, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003a, 0x008d, 0x0091, 0x0095,
        0xc005, 0xc00a, 0xc00f, 0xc014, 0xc019, 0xc020, 0xc021, 0xc022, 0xc036,
    ]),
    // TLS_.._WITH_AES_128_CBC_SHA256
    cbc(BlockCipher::Aes128, MacAlgorithm::Sha256, Prf::Sha256, &[
        0x003c, 0x003e, 0x003f, 0x0040, 0x0067, 0x006c, 0x00ae, 0x00b2, 0x00b6,
        0xc023, 0xc025, 0xc027, 0xc029, 0xc037,
    ]),
    // TLS_.._WITH_AES_256_CBC_SHA256
    cbc(BlockCipher::Aes256, MacAlgorithm::Sha256, Prf::Sha256, &[
        0x003d, 0x0068, 0x0069, 0x006a, 0x006b, 0x006d,
    ]),
    // TLS_.._WITH_AES_256_CBC_SHA384
    cbc(BlockCipher::Aes256, MacAlgorithm::Sha384, Prf::Sha384, &[
        0x00af, 0x00b3, 0x00b7, 0xc024, 0xc026, 0xc028, 0xc02a, 0xc038,
    ]),

    // TLS_.._WITH_NULL_MD5
    null(MacAlgorithm::Md5, Prf::Sha256, &[0x0001]),
    // TLS_.._WITH_NULL_SHA
    null(MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0002, 0x002c, 0x002d, 0x002e, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015, 0xc039,
    ]),
    // TLS_.._WITH_NULL_SHA256
    null(MacAlgorithm::Sha256, Prf::Sha256, &[0x003b, 0x00b0, 0x00b4, 0x00b8, 0xc03a]),
    // TLS_.._WITH_NULL_SHA384
    null(MacAlgorithm::Sha384, Prf::Sha384, &[0x00b1, 0x00b5, 0x00b9, 0xc03b]),
];

const fn aead(cipher: AeadCipher, prf: Prf, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Aead(cipher), mac: None, prf, numbers }
}

const fn cbc(cipher: BlockCipher, mac: MacAlgorithm, prf: Prf, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Cbc(cipher), mac: Some(mac), prf, numbers }
}

const fn null(mac: MacAlgorithm, prf: Prf, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Null, mac: Some(mac), prf, numbers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_suite_is_in_two_rows() {
        let mut numbers: Vec<u16> =
            UP_TO_TLS12.iter().chain(TLS13).flat_map(|row| row.numbers).copied().collect();
        // As many as IANA lists with these ciphers; a number lost or doubled shows here.
        assert_eq!(numbers.len(), 150);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 150);
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
            (0x0005, ProtocolVersion::TLS12), // RC4
            (0x00ff, ProtocolVersion::TLS12), // TLS_EMPTY_RENEGOTIATION_INFO_SCSV
            (0x0a0a, ProtocolVersion::TLS12), // GREASE
        ];
        for (suite, version) in nothing {
            assert_eq!(SuiteParameters::of(suite, version), None, "0x{suite:04x} in {version}");
        }
    }
}
