//! signature_algorithms and signature_algorithms_cert: the signatures the sender accepts, the preferred first.
//!
//! RFC 8446 section 4.2.3, RFC 5246 section 7.4.1.4.1. A client says it in its hello, a server in its CertificateRequest.
//!
//! ```text
//! struct {
//!     SignatureScheme supported_signature_algorithms<2..2^16-2>;
//! } SignatureSchemeList;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::SignatureScheme;

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<SignatureScheme> {
    r.vector16("supported_signature_algorithms", |r| r.list("algorithm"))
}
