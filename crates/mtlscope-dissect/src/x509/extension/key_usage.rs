//! keyUsage: what the key may do. RFC 5280 section 4.2.1.3.
//!
//! ```text
//! KeyUsage ::= BIT STRING {
//!      digitalSignature        (0),
//!      nonRepudiation          (1), -- recent editions of X.509 have renamed this bit to contentCommitment
//!      keyEncipherment         (2),
//!      dataEncipherment        (3),
//!      keyAgreement            (4),
//!      keyCertSign             (5),
//!      cRLSign                 (6),
//!      encipherOnly            (7),
//!      decipherOnly            (8) }
//! ```

use std::fmt;

/// A set of uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage {
    bits: u16,
}

impl KeyUsage {
    /// Signing anything but certificates and revocation lists: what a handshake needs.
    pub const DIGITAL_SIGNATURE: Self = Self { bits: 1 };
    /// Signing what must not be denied later.
    pub const NON_REPUDIATION: Self = Self { bits: 1 << 1 };
    /// Transport of keys: RSA key exchange up to TLS 1.2.
    pub const KEY_ENCIPHERMENT: Self = Self { bits: 1 << 2 };
    /// Encryption of data itself.
    pub const DATA_ENCIPHERMENT: Self = Self { bits: 1 << 3 };
    /// Agreement of keys: static Diffie-Hellman.
    pub const KEY_AGREEMENT: Self = Self { bits: 1 << 4 };
    /// Signing certificates.
    pub const KEY_CERT_SIGN: Self = Self { bits: 1 << 5 };
    /// Signing revocation lists.
    pub const CRL_SIGN: Self = Self { bits: 1 << 6 };
    /// Key agreement, to encipher only.
    pub const ENCIPHER_ONLY: Self = Self { bits: 1 << 7 };
    /// Key agreement, to decipher only.
    pub const DECIPHER_ONLY: Self = Self { bits: 1 << 8 };

    /// From a number whose bit n is bit n of the RFC.
    pub const fn from_bits(bits: u16) -> Self {
        Self { bits }
    }

    /// A number whose bit n is bit n of the RFC.
    pub const fn bits(self) -> u16 {
        self.bits
    }

    /// Whether every use in `uses` is among these.
    pub const fn allows(self, uses: Self) -> bool {
        self.bits & uses.bits == uses.bits
    }

    /// The RFC's names of these uses, in its order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().enumerate().filter(move |(bit, _)| self.bits >> bit & 1 == 1).map(|(_, name)| *name)
    }
}

const NAMES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

/// The RFC's names, with commas between.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.names().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyUsage({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_its_uses_by_name_and_by_bit() {
        let usage = KeyUsage::from_bits(0b101);
        assert_eq!(usage.to_string(), "digitalSignature, keyEncipherment");
        assert!(usage.allows(KeyUsage::DIGITAL_SIGNATURE));
        assert!(!usage.allows(KeyUsage::KEY_CERT_SIGN));
        assert_eq!(KeyUsage::DECIPHER_ONLY.to_string(), "decipherOnly");
    }
}
