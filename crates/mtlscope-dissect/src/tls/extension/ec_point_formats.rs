//! ec_point_formats: how the sender can read points of a curve. Up to TLS 1.2.
//!
//! RFC 8422 section 5.1.2.
//!
//! ```text
//! struct {
//!     ECPointFormat ec_point_format_list<1..2^8-1>
//! } ECPointFormatList;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::EcPointFormat;

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<EcPointFormat> {
    r.vector8("ec_point_format_list", |r| r.list("ec_point_format"))
}
