//! compress_certificate: how the other end may pack its Certificate.
//!
//! RFC 8879 section 3.
//!
//! ```text
//! struct {
//!     CertificateCompressionAlgorithm algorithms<2..2^8-2>;
//! } CertificateCompressionAlgorithms;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::CertificateCompressionAlgorithm;

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<CertificateCompressionAlgorithm> {
    r.vector8("algorithms", |r| r.list("algorithm"))
}
