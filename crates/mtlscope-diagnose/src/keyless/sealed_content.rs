//! How many bytes of plain text a sealed record holds in TLS 1.2 and below, where the content type stands in clear.
//!
//! With an AEAD the length tells it exactly. In CBC mode the plain text is padded to a block, so there is a range of at most
//! sixteen lengths, if the side pads no more than it must (RFC 5246 section 6.2.3.2).

use mtlscope_dissect::decrypt::{BulkCipher, SuiteParameters};
use mtlscope_dissect::tls::registry::{CipherSuite, ProtocolVersion};

/// How records are protected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealing {
    suite: SuiteParameters,
    encrypt_then_mac: bool,
}

/// A range of lengths, both ends counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    pub(super) least: u32,
    pub(super) greatest: u32,
}

impl Range {
    pub(super) fn holds(self, length: u32) -> bool {
        (self.least..=self.greatest).contains(&length)
    }

    /// The length, where there is only one.
    pub(super) fn exact(self) -> Option<u32> {
        (self.least == self.greatest).then_some(self.least)
    }
}

impl Sealing {
    pub(super) fn of(suite: CipherSuite, version: ProtocolVersion, encrypt_then_mac: bool) -> Option<Self> {
        Some(Self { suite: SuiteParameters::of(suite.0, version)?, encrypt_then_mac })
    }

    /// The plain text of a record of this length; `None` where no record is so short.
    pub(super) fn content(&self, length: u16) -> Option<Range> {
        let length = u32::from(length).checked_sub(self.suite.explicit_nonce_length as u32)?;
        let mac = self.suite.mac.map_or(0, |mac| mac.length() as u32);
        match self.suite.cipher {
            BulkCipher::Aead(_) => {
                let exact = length.checked_sub(self.suite.tag_length as u32)?;
                Some(Range { least: exact, greatest: exact })
            }
            BulkCipher::Cbc(block) => {
                let block = block.block_length() as u32;
                // One byte at least is padding: its length.
                let without_mac = length.checked_sub(mac + 1)?;
                let padded = if self.encrypt_then_mac { length - mac } else { length };
                (padded.is_multiple_of(block)).then_some(Range {
                    least: (without_mac + 1).saturating_sub(block),
                    greatest: without_mac,
                })
            }
            BulkCipher::Null => {
                let exact = length.checked_sub(mac)?;
                Some(Range { least: exact, greatest: exact })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(suite: u16, version: ProtocolVersion, encrypt_then_mac: bool, length: u16) -> (u32, u32) {
        let sealing = Sealing::of(CipherSuite(suite), version, encrypt_then_mac).unwrap();
        let range = sealing.content(length).unwrap();
        (range.least, range.greatest)
    }

    #[test]
    fn an_aead_tells_the_length_and_a_block_cipher_a_range() {
        let tls12 = ProtocolVersion::TLS12;
        assert_eq!(content(0xc030, tls12, false, 28), (4, 4), "a HelloRequest in AES-GCM");
        assert_eq!(content(0xcca8, tls12, false, 20), (4, 4), "in ChaCha20");
        let (least, greatest) = content(0xc014, tls12, false, 64);
        assert!(least <= 16 && 16 <= greatest, "a Finished in AES-CBC with SHA-1: {least} to {greatest}");
        let (least, greatest) = content(0xc014, tls12, true, 68);
        assert!(least <= 16 && 16 <= greatest, "with encrypt_then_mac: {least} to {greatest}");
        let (least, greatest) = content(0xc014, ProtocolVersion::TLS10, false, 48);
        assert!(least <= 16 && 16 <= greatest, "in TLS 1.0, without an IV: {least} to {greatest}");
    }

    #[test]
    fn a_record_too_short_holds_nothing() {
        let sealing = Sealing::of(CipherSuite(0xc030), ProtocolVersion::TLS12, false).unwrap();
        assert_eq!(sealing.content(20), None);
    }
}
