//! The serial number of a certificate: up to 20 bytes, unique for its issuer. RFC 5280 section 4.1.2.2.

use std::fmt;

use crate::reader::hex;

/// A serial number, as the bytes of a DER INTEGER.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SerialNumber(Box<[u8]>);

impl SerialNumber {
    /// From the content bytes of the INTEGER.
    pub fn from_content(content: &[u8]) -> Self {
        Self(content.into())
    }

    /// The content bytes of the INTEGER: a first byte of 0 where the number would else be negative.
    pub fn content(&self) -> &[u8] {
        &self.0
    }
}

/// Lower-case hex, two digits a byte, without the zero bytes in front.
impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zeros = self.0.iter().take_while(|byte| **byte == 0).count().min(self.0.len().saturating_sub(1));
        f.write_str(&hex(self.0.get(zeros..).unwrap_or_default()))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_no_sign_byte() {
        assert_eq!(SerialNumber::from_content(&[0, 0x9a, 1]).to_string(), "9a01");
        assert_eq!(SerialNumber::from_content(&[0]).to_string(), "00");
        assert_eq!(SerialNumber::from_content(&[]).to_string(), "");
    }
}
