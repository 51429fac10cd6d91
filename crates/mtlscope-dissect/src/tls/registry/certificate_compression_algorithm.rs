//! CertificateCompressionAlgorithm: how a CompressedCertificate is packed.

use super::grease;

registry! {
    /// CertificateCompressionAlgorithm. RFC 8879 section 7.3; IANA "TLS Certificate Compression Algorithm IDs".
    pub struct CertificateCompressionAlgorithm(u16) greased by grease::is_grease_u16 {
        ZLIB = 0x0001 => "zlib",
        BROTLI = 0x0002 => "brotli",
        ZSTD = 0x0003 => "zstd",
    }
}
