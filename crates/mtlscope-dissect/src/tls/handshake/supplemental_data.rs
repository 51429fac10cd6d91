//! SupplementalData: something for the application, sent within the handshake.
//!
//! RFC 4680 section 2.
//!
//! ```text
//! struct {
//!     SupplementalDataEntry supp_data<1..2^24-1>;
//! } SupplementalData;
//!
//! struct {
//!     SupplementalDataType supp_data_type;
//!     uint16 supp_data_length;
//!     select(SupplementalDataType) { }
//! } SupplementalDataEntry;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};

/// Data for the application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplementalData {
    /// The entries, in order.
    pub entries: Vec<SupplementalDataEntry>,
}

/// One piece of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplementalDataEntry {
    /// What it is.
    pub data_type: u16,
    /// The bytes.
    pub data: Box<[u8]>,
}

impl SupplementalData {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        let entries = r.vector24("supp_data", |r| {
            let mut entries = Vec::new();
            while r.has_more() {
                entries.push(r.group("SupplementalDataEntry", |r| SupplementalDataEntry {
                    data_type: r.u16("supp_data_type"),
                    data: r.opaque16("supp_data").into(),
                }));
            }
            entries
        });
        Self { entries }
    }
}
