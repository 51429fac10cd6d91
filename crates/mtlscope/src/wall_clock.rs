//! What time it is, by the clock that packets are timed by.

use std::time::{SystemTime, UNIX_EPOCH};

use mtlscope_dissect::time::Timestamp;

/// This moment.
pub(crate) fn moment() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(since.as_secs().cast_signed(), since.subsec_nanos())
}
