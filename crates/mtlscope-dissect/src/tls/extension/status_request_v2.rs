//! status_request_v2: as status_request, also for the authorities' certificates. Up to TLS 1.2.
//!
//! RFC 6961 section 2.2.
//!
//! ```text
//! struct {
//!     CertificateStatusType status_type;
//!     uint16 request_length;
//!     select (status_type) {
//!         case ocsp: OCSPStatusRequest;
//!         case ocsp_multi: OCSPStatusRequest;
//!     } request;
//! } CertificateStatusRequestItemV2;
//!
//! struct {
//!     CertificateStatusRequestItemV2 certificate_status_req_list<1..2^16-1>;
//! } CertificateStatusRequestListV2;
//! ```

use super::CertificateStatusRequest;
use crate::reader::{Reader, Trace};

/// What proofs are wanted, the preferred first; empty in a server's answer.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<CertificateStatusRequest> {
    if !r.has_more() {
        return Vec::new();
    }
    r.vector16("certificate_status_req_list", |r| {
        let mut list = Vec::new();
        while r.has_more() {
            list.push(r.group("CertificateStatusRequestItemV2", |r| {
                let status_type = r.registered("status_type");
                r.vector16("request", |r| CertificateStatusRequest::parse_request(r, status_type))
            }));
        }
        list
    })
}
