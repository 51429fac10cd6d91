//! Connections as JSON, one object a line. The shape is promised, and has a number.

mod credential;
mod line;
mod safe;
#[cfg(test)]
mod published;
pub mod connect_v1;
pub mod v1;

pub use credential::write_credential;
pub(crate) use safe::Safe;
