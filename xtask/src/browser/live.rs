//! To come.
use super::Check;
pub(super) static CHECKS: &[Check] = &[];
