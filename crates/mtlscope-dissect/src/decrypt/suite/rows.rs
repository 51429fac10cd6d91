//! Every cipher suite that can be opened, by number: suites that protect records alike share a row.

use super::{AeadCipher, BlockCipher, BulkCipher, MacAlgorithm, Prf};

/// Suites that protect records alike.
pub(super) struct Row {
    pub(super) cipher: BulkCipher,
    pub(super) mac: Option<MacAlgorithm>,
    /// From TLS 1.2 on; before, every suite has its version's PRF.
    pub(super) prf: Prf,
    /// Of an export suite, the length of the secret part of its key.
    pub(super) export_key_length: Option<usize>,
    pub(super) numbers: &'static [u16],
}

/// IANA "TLS Cipher Suites" 0x13xx. RFC 8446 appendix B.4.
#[rustfmt::skip]
pub(super) static TLS13: &[Row] = &[
    aead(AeadCipher::Aes128Gcm, Prf::Sha256, &[0x1301]),
    aead(AeadCipher::Aes256Gcm, Prf::Sha384, &[0x1302]),
    aead(AeadCipher::ChaCha20Poly1305, Prf::Sha256, &[0x1303]),
    aead(AeadCipher::Aes128Ccm, Prf::Sha256, &[0x1304]),
    aead(AeadCipher::Aes128Ccm8, Prf::Sha256, &[0x1305]),
];

/// IANA "TLS Cipher Suites", all other numbers: RFC 2712, 4132, 4162, 4279, 4785, 5054, 5246, 5288, 5289, 5487, 5489,
/// 5932, 6209, 6367, 6655, 7251, 7905, 8422, 8442, 8492. The likeliest rows first.
#[rustfmt::skip]
pub(super) static UP_TO_TLS12: &[Row] = &[
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

    // TLS_.._WITH_3DES_EDE_CBC_SHA
    cbc(BlockCipher::TripleDes, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0x001b, 0x001f, 0x008b, 0x008f, 0x0093,
        0xc003, 0xc008, 0xc00d, 0xc012, 0xc017, 0xc01a, 0xc01b, 0xc01c, 0xc034,
    ]),
    // TLS_KRB5_WITH_3DES_EDE_CBC_MD5
    cbc(BlockCipher::TripleDes, MacAlgorithm::Md5, Prf::Sha256, &[0x0023]),
    // TLS_.._WITH_RC4_128_SHA
    rc4(MacAlgorithm::Sha1, &[
        0x0005, 0x0020, 0x0066, 0x008a, 0x008e, 0x0092, 0xc002, 0xc007, 0xc00c, 0xc011, 0xc016, 0xc033,
    ]),
    // TLS_.._WITH_RC4_128_MD5
    rc4(MacAlgorithm::Md5, &[0x0004, 0x0018, 0x0024]),
    // TLS_.._WITH_CAMELLIA_128_CBC_SHA
    cbc(BlockCipher::Camellia128, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046,
    ]),
    // TLS_.._WITH_CAMELLIA_256_CBC_SHA
    cbc(BlockCipher::Camellia256, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0084, 0x0085, 0x0086, 0x0087, 0x0088, 0x0089,
    ]),
    // TLS_.._WITH_CAMELLIA_128_CBC_SHA256
    cbc(BlockCipher::Camellia128, MacAlgorithm::Sha256, Prf::Sha256, &[
        0x00ba, 0x00bb, 0x00bc, 0x00bd, 0x00be, 0x00bf,
        0xc072, 0xc074, 0xc076, 0xc078, 0xc094, 0xc096, 0xc098, 0xc09a,
    ]),
    // TLS_.._WITH_CAMELLIA_256_CBC_SHA256
    cbc(BlockCipher::Camellia256, MacAlgorithm::Sha256, Prf::Sha256, &[
        0x00c0, 0x00c1, 0x00c2, 0x00c3, 0x00c4, 0x00c5,
    ]),
    // TLS_.._WITH_CAMELLIA_256_CBC_SHA384
    cbc(BlockCipher::Camellia256, MacAlgorithm::Sha384, Prf::Sha384, &[
        0xc073, 0xc075, 0xc077, 0xc079, 0xc095, 0xc097, 0xc099, 0xc09b,
    ]),
    // TLS_.._WITH_CAMELLIA_128_GCM_SHA256
    aead(AeadCipher::Camellia128Gcm, Prf::Sha256, &[
        0xc07a, 0xc07c, 0xc07e, 0xc080, 0xc082, 0xc084, 0xc086, 0xc088, 0xc08a, 0xc08c, 0xc08e, 0xc090, 0xc092,
    ]),
    // TLS_.._WITH_CAMELLIA_256_GCM_SHA384
    aead(AeadCipher::Camellia256Gcm, Prf::Sha384, &[
        0xc07b, 0xc07d, 0xc07f, 0xc081, 0xc083, 0xc085, 0xc087, 0xc089, 0xc08b, 0xc08d, 0xc08f, 0xc091, 0xc093,
    ]),
    // TLS_.._WITH_ARIA_128_CBC_SHA256
    cbc(BlockCipher::Aria128, MacAlgorithm::Sha256, Prf::Sha256, &[
        0xc03c, 0xc03e, 0xc040, 0xc042, 0xc044, 0xc046, 0xc048, 0xc04a, 0xc04c, 0xc04e,
        0xc064, 0xc066, 0xc068, 0xc070,
    ]),
    // TLS_.._WITH_ARIA_256_CBC_SHA384
    cbc(BlockCipher::Aria256, MacAlgorithm::Sha384, Prf::Sha384, &[
        0xc03d, 0xc03f, 0xc041, 0xc043, 0xc045, 0xc047, 0xc049, 0xc04b, 0xc04d, 0xc04f,
        0xc065, 0xc067, 0xc069, 0xc071,
    ]),
    // TLS_.._WITH_ARIA_128_GCM_SHA256
    aead(AeadCipher::Aria128Gcm, Prf::Sha256, &[
        0xc050, 0xc052, 0xc054, 0xc056, 0xc058, 0xc05a, 0xc05c, 0xc05e, 0xc060, 0xc062, 0xc06a, 0xc06c, 0xc06e,
    ]),
    // TLS_.._WITH_ARIA_256_GCM_SHA384
    aead(AeadCipher::Aria256Gcm, Prf::Sha384, &[
        0xc051, 0xc053, 0xc055, 0xc057, 0xc059, 0xc05b, 0xc05d, 0xc05f, 0xc061, 0xc063, 0xc06b, 0xc06d, 0xc06f,
    ]),
    // TLS_.._WITH_SEED_CBC_SHA
    cbc(BlockCipher::Seed, MacAlgorithm::Sha1, Prf::Sha256, &[0x0096, 0x0097, 0x0098, 0x0099, 0x009a, 0x009b]),
    // TLS_.._WITH_IDEA_CBC_SHA
    cbc(BlockCipher::Idea, MacAlgorithm::Sha1, Prf::Sha256, &[0x0007, 0x0021]),
    // TLS_KRB5_WITH_IDEA_CBC_MD5
    cbc(BlockCipher::Idea, MacAlgorithm::Md5, Prf::Sha256, &[0x0025]),
    // TLS_.._WITH_DES_CBC_SHA
    cbc(BlockCipher::Des, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x001a, 0x001e,
    ]),
    // TLS_KRB5_WITH_DES_CBC_MD5
    cbc(BlockCipher::Des, MacAlgorithm::Md5, Prf::Sha256, &[0x0022]),

    // TLS_.._EXPORT_WITH_RC4_40_MD5 and .._SHA
    rc4(MacAlgorithm::Md5, &[0x0003, 0x0017, 0x002b]).export(5),
    rc4(MacAlgorithm::Sha1, &[0x0028]).export(5),
    // TLS_.._EXPORT_WITH_RC2_CBC_40_MD5 and .._SHA
    cbc(BlockCipher::Rc2, MacAlgorithm::Md5, Prf::Sha256, &[0x0006, 0x002a]).export(5),
    cbc(BlockCipher::Rc2, MacAlgorithm::Sha1, Prf::Sha256, &[0x0027]).export(5),
    // TLS_.._EXPORT_WITH_DES40_CBC_SHA and .._MD5
    cbc(BlockCipher::Des, MacAlgorithm::Sha1, Prf::Sha256, &[
        0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0019, 0x0026,
    ]).export(5),
    cbc(BlockCipher::Des, MacAlgorithm::Md5, Prf::Sha256, &[0x0029]).export(5),
    // TLS_.._EXPORT1024_WITH_DES_CBC_SHA and .._RC4_56_SHA, of a draft
    cbc(BlockCipher::Des, MacAlgorithm::Sha1, Prf::Sha256, &[0x0062, 0x0063]).export(8),
    rc4(MacAlgorithm::Sha1, &[0x0064, 0x0065]).export(7),

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
    Row { cipher: BulkCipher::Aead(cipher), mac: None, prf, export_key_length: None, numbers }
}

const fn cbc(cipher: BlockCipher, mac: MacAlgorithm, prf: Prf, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Cbc(cipher), mac: Some(mac), prf, export_key_length: None, numbers }
}

const fn null(mac: MacAlgorithm, prf: Prf, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Null, mac: Some(mac), prf, export_key_length: None, numbers }
}

const fn rc4(mac: MacAlgorithm, numbers: &'static [u16]) -> Row {
    Row { cipher: BulkCipher::Rc4, mac: Some(mac), prf: Prf::Sha256, export_key_length: None, numbers }
}

impl Row {
    const fn export(self, key_length: usize) -> Self {
        Self { export_key_length: Some(key_length), ..self }
    }
}
