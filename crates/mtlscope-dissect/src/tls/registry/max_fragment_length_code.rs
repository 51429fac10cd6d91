//! MaxFragmentLength: the largest record a client wants, as a code.

registry! {
    /// MaxFragmentLength. RFC 6066 section 4.
    pub struct MaxFragmentLengthCode(u8) {
        BYTES_512 = 1 => "2^9",
        BYTES_1024 = 2 => "2^10",
        BYTES_2048 = 3 => "2^11",
        BYTES_4096 = 4 => "2^12",
    }
}

impl MaxFragmentLengthCode {
    /// The largest record in bytes.
    pub const fn bytes(self) -> Option<u16> {
        match self.0 {
            1..=4 => Some(256 << self.0),
            _ => None,
        }
    }
}
