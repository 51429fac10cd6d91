//! signed_certificate_timestamp: proof that a certificate stands in public logs.
//!
//! RFC 6962 section 3.3. Whoever asks sends it empty.
//!
//! ```text
//! opaque SerializedSCT<1..2^16-1>;
//!
//! struct {
//!     SerializedSCT sct_list <1..2^16-1>;
//! } SignedCertificateTimestampList;
//! ```

use crate::reader::{Reader, Trace};

/// The timestamps, as sent; none in a request.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<Box<[u8]>> {
    if !r.has_more() {
        return Vec::new();
    }
    r.vector16("sct_list", |r| {
        let mut list = Vec::new();
        while r.has_more() {
            list.push(r.opaque16("SerializedSCT").into());
        }
        list
    })
}
