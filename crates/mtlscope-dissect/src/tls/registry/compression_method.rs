//! CompressionMethod: how records are compressed. Today none are.

registry! {
    /// CompressionMethod. RFC 3749 section 2; IANA "TLS Compression Method Identifiers".
    pub struct CompressionMethod(u8) {
        NULL = 0 => "NULL",
        DEFLATE = 1 => "DEFLATE",
        LZS = 64 => "LZS",
    }
}
