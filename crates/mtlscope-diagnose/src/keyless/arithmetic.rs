//! The sums: how long a record is that holds a message of a known length, by cipher suite, hash and key type.
//!
//! A record of TLS 1.3 is as long as the messages in it, one byte for the content type, the padding if there is any, and
//! the tag of the cipher (RFC 8446 section 5.2). The cipher suite stands in clear in the ServerHello, so all but the
//! padding is known.

use std::fmt;

use mtlscope_dissect::tls::registry::CipherSuite;

/// The header of a handshake message: type and length.
pub(super) const HEADER: u32 = 4;
/// A Certificate without any: the header, the length of an empty context, the length of an empty list.
pub(super) const EMPTY_CERTIFICATE: u32 = HEADER + 1 + 3;
/// What a certificate costs in the list beside its DER: its length and the length of its extensions, of which a client has
/// none.
pub(super) const PER_CERTIFICATE: u32 = 3 + 2;
/// A CertificateVerify beside its signature: the header, the algorithm, the length.
pub(super) const BESIDE_SIGNATURE: u32 = HEADER + 2 + 2;
/// An alert: level and description.
const ALERT: u32 = 2;
/// The content type inside each record.
const CONTENT_TYPE: u32 = 1;
/// What JSSE adds to every record: sixteen bytes of zero.
pub(super) const JSSE_PADDING: u32 = 16;
/// The paddings that are fixed, and so can be told from the sizes of what they surround.
pub(super) const FIXED_PADDINGS: [u32; 2] = [0, JSSE_PADDING];
/// The least that a client's certificate and its proof take: a small certificate and the shortest signature (Ed25519).
pub(super) const LEAST_CERTIFICATE_AND_PROOF: u32 =
    EMPTY_CERTIFICATE + PER_CERTIFICATE + 120 + BESIDE_SIGNATURE + 64;

/// What a cipher suite of TLS 1.3 adds to a message, and how long its Finished is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sizes {
    /// The tag behind each record.
    pub(super) tag: u32,
    /// The hash, which is what a Finished holds.
    pub(super) hash: u32,
}

impl Sizes {
    /// Those of a suite of TLS 1.3; `None` for one that is not known.
    pub(super) fn of(suite: CipherSuite) -> Option<Self> {
        let (tag, hash) = match suite.0 {
            0x1301 | 0x1303 | 0x1304 | 0x00c6 | 0x00c7 => (16, 32),
            0x1302 => (16, 48),
            0x1305 => (8, 32),
            _ => return None,
        };
        Some(Self { tag, hash })
    }

    /// What a record of this length holds at most, all padding counted in.
    pub(super) fn content(self, length: u16) -> u32 {
        u32::from(length).saturating_sub(self.around())
    }

    /// What stands around the content of a record.
    pub(super) fn around(self) -> u32 {
        CONTENT_TYPE + self.tag
    }

    /// A Finished in plain text.
    pub(super) fn finished(self) -> u32 {
        HEADER + self.hash
    }

    /// Whether a record with this padding holds just a Finished.
    pub(super) fn is_finished(self, length: u16, padding: u32) -> bool {
        self.content(length) == self.finished() + padding
    }

    /// Whether a record with this padding is as long as an alert.
    pub(super) fn is_alert(self, length: u16, padding: u32) -> bool {
        self.content(length) == ALERT + padding
    }
}

/// A type of key, as far as the length of its signatures tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA, with so many bits.
    Rsa(u16),
    /// ECDSA with the curve P-256.
    EcdsaP256,
    /// ECDSA with the curve P-384.
    EcdsaP384,
    /// ECDSA with the curve P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// ML-DSA-44, -65 or -87.
    MlDsa(u8),
}

impl KeyType {
    /// All that are looked for, the usual first.
    pub(super) const ALL: [Self; 13] = [
        Self::Rsa(2048),
        Self::EcdsaP256,
        Self::Rsa(4096),
        Self::Rsa(3072),
        Self::EcdsaP384,
        Self::EcdsaP521,
        Self::Ed25519,
        Self::Ed448,
        Self::Rsa(1024),
        Self::Rsa(8192),
        Self::MlDsa(44),
        Self::MlDsa(65),
        Self::MlDsa(87),
    ];

    /// The least and the greatest length of its signatures. ECDSA's are two integers in DER, which lose their leading
    /// zeros: one in 2^16 would be shorter than said here.
    pub(super) fn signature(self) -> (u32, u32) {
        match self {
            Self::Rsa(bits) => (u32::from(bits) / 8, u32::from(bits) / 8),
            Self::EcdsaP256 => (68, 72),
            Self::EcdsaP384 => (100, 104),
            Self::EcdsaP521 => (135, 139),
            Self::Ed25519 => (64, 64),
            Self::Ed448 => (114, 114),
            Self::MlDsa(44) => (2420, 2420),
            Self::MlDsa(65) => (3309, 3309),
            Self::MlDsa(_) => (4627, 4627),
        }
    }

    /// The key whose CertificateVerify has this length, its header counted in.
    pub(super) fn of_certificate_verify(length: u32) -> Option<Self> {
        let signature = length.checked_sub(BESIDE_SIGNATURE)?;
        Self::ALL.into_iter().find(|key| {
            let (least, greatest) = key.signature();
            (least..=greatest).contains(&signature)
        })
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA with {bits} bits"),
            Self::EcdsaP256 => f.write_str("ECDSA with P-256"),
            Self::EcdsaP384 => f.write_str("ECDSA with P-384"),
            Self::EcdsaP521 => f.write_str("ECDSA with P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::MlDsa(level) => write!(f, "ML-DSA-{level}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_measured_on_real_stacks() {
        let sizes = |suite| Sizes::of(CipherSuite(suite)).unwrap();
        assert!(sizes(0x1301).is_finished(53, 0));
        assert!(sizes(0x1302).is_finished(69, 0));
        assert!(sizes(0x1302).is_finished(85, JSSE_PADDING));
        assert!(sizes(0x1305).is_finished(45, 0));
        assert!(sizes(0x1302).is_alert(19, 0));
        assert!(sizes(0x1303).is_alert(35, JSSE_PADDING));
        assert_eq!(sizes(0x1302).content(25), EMPTY_CERTIFICATE);
        assert_eq!(Sizes::of(CipherSuite(0xc02f)), None);
    }

    #[test]
    fn a_signature_tells_its_key() {
        for (record, key) in [
            (281, KeyType::Rsa(2048)),
            (537, KeyType::Rsa(4096)),
            (96, KeyType::EcdsaP256),
            (128, KeyType::EcdsaP384),
            (89, KeyType::Ed25519),
        ] {
            let length = Sizes { tag: 16, hash: 32 }.content(record);
            assert_eq!(KeyType::of_certificate_verify(length), Some(key), "{record}");
        }
        assert_eq!(KeyType::of_certificate_verify(4), None);
        assert_eq!(KeyType::of_certificate_verify(200), None);
    }

    #[test]
    fn no_two_keys_have_signatures_of_one_length() {
        for (place, key) in KeyType::ALL.iter().enumerate() {
            for other in &KeyType::ALL[place + 1..] {
                let ((a, b), (c, d)) = (key.signature(), other.signature());
                assert!(b < c || d < a, "{key} and {other}");
            }
        }
    }
}
