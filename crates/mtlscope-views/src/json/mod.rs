//! Connections as JSON, one object a line. The shape is promised, and has a number.

mod safe;

pub mod v1;

pub(crate) use safe::Safe;
