//! CompressedCertificate: a Certificate message, packed.
//!
//! RFC 8879 section 4.
//!
//! ```text
//! struct {
//!     CertificateCompressionAlgorithm algorithm;
//!     uint24 uncompressed_length;
//!     opaque compressed_certificate_message<1..2^24-1>;
//! } CompressedCertificate;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::registry::CertificateCompressionAlgorithm;

/// A packed Certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompressedCertificate {
    /// How it is packed.
    pub algorithm: CertificateCompressionAlgorithm,
    /// How many bytes it says it unpacks to.
    pub uncompressed_length: u32,
    /// The body of a Certificate message, packed.
    pub compressed_certificate_message: Box<[u8]>,
}

impl CompressedCertificate {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self {
            algorithm: r.registered("algorithm"),
            uncompressed_length: r.u24("uncompressed_length"),
            compressed_certificate_message: r.opaque24("compressed_certificate_message").into(),
        }
    }
}
