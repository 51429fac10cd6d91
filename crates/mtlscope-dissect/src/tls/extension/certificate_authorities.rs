//! certificate_authorities: the authorities the sender believes. In TLS 1.2 the same list is a field of CertificateRequest.
//!
//! RFC 8446 section 4.2.4, RFC 5246 section 7.4.4.
//!
//! ```text
//! opaque DistinguishedName<1..2^16-1>;
//!
//! struct {
//!     DistinguishedName authorities<3..2^16-1>;
//! } CertificateAuthoritiesExtension;
//! ```

use crate::reader::{Reader, Trace};

/// The authorities.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CertificateAuthorities {
    /// Their names as DER, in the order sent.
    pub authorities: Vec<Box<[u8]>>,
}

impl CertificateAuthorities {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        let authorities = r.vector16("authorities", |r| {
            let mut authorities = Vec::new();
            while r.has_more() {
                authorities.push(r.opaque16("DistinguishedName").into());
            }
            authorities
        });
        Self { authorities }
    }
}
