//! oid_filters: what the client's certificate must hold, by certificate extension. TLS 1.3 only.
//!
//! RFC 8446 section 4.2.5.
//!
//! ```text
//! struct {
//!     opaque certificate_extension_oid<1..2^8-1>;
//!     opaque certificate_extension_values<0..2^16-1>;
//! } OIDFilter;
//!
//! struct {
//!     OIDFilter filters<0..2^16-1>;
//! } OIDFilterExtension;
//! ```

use crate::reader::{Reader, Trace};

/// One demand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OidFilter {
    /// Which certificate extension: a DER OBJECT IDENTIFIER.
    pub certificate_extension_oid: Box<[u8]>,
    /// What it must hold: DER, the extension's own type.
    pub certificate_extension_values: Box<[u8]>,
}

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<OidFilter> {
    r.vector16("filters", |r| {
        let mut filters = Vec::new();
        while r.has_more() {
            filters.push(r.group("OIDFilter", |r| OidFilter {
                certificate_extension_oid: r.opaque8("certificate_extension_oid").into(),
                certificate_extension_values: r.opaque16("certificate_extension_values").into(),
            }));
        }
        filters
    })
}
