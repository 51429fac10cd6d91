//! ECPointFormat: how points of a curve are written.

registry! {
    /// ECPointFormat. RFC 8422 section 5.1.2; IANA "TLS EC Point Formats".
    pub struct EcPointFormat(u8) {
        UNCOMPRESSED = 0 => "uncompressed",
        ANSIX962_COMPRESSED_PRIME = 1 => "ansiX962_compressed_prime",
        ANSIX962_COMPRESSED_CHAR2 = 2 => "ansiX962_compressed_char2",
    }
}
