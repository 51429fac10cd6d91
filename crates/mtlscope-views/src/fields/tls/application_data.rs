//! `tls.app_data`: application data.

use mtlscope_dissect::event::Record;

use super::super::Kind;
use super::super::named::{Told, fields};

fields! {
    APP_DATA = "tls.app_data", Kind::Bytes, "Application data as it was on the wire: encrypted, keys or not.";
}

/// Tells of a record of application data.
pub(super) fn tell(record: &Record, told: &mut Told<'_>) {
    told.put_bytes(&APP_DATA, &record.fragment);
}
