//! CertificateStatus: the server shows that its certificate is not revoked, so that the client need not ask.
//!
//! RFC 6066 section 8; several responses, RFC 6961. In TLS 1.3 the same structure is an extension of a CertificateEntry.
//!
//! ```text
//! struct {
//!     CertificateStatusType status_type;
//!     select (status_type) {
//!         case ocsp: OCSPResponse;
//!         case ocsp_multi: OCSPResponseList;
//!     } response;
//! } CertificateStatus;
//!
//! opaque OCSPResponse<1..2^24-1>;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::registry::CertificateStatusType;

/// A stapled answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateStatus {
    /// In which form.
    pub status_type: CertificateStatusType,
    /// DER OCSP responses: one, or with `ocsp_multi` one a certificate, where an empty one says nothing.
    pub responses: Vec<Box<[u8]>>,
}

impl CertificateStatus {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        Self::read(r)
    }

    /// As `parse`, also where it is an extension.
    pub(crate) fn read<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        let status_type = r.registered("status_type");
        let responses = match status_type {
            CertificateStatusType::OCSP => vec![r.opaque24("OCSPResponse").into()],
            CertificateStatusType::OCSP_MULTI => r.vector24("ocsp_response_list", |r| {
                let mut responses = Vec::new();
                while r.has_more() {
                    responses.push(r.opaque24("OCSPResponse").into());
                }
                responses
            }),
            _ => vec![r.rest("response").into()],
        };
        Self { status_type, responses }
    }
}
