//! Connections as JSON, one object a line. The shape is promised, and has a number.

mod safe;
#[cfg(test)]
mod published;
pub mod connect_v1;
pub mod v1;

pub(crate) use safe::Safe;
