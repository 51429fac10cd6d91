//! The rules, in the order in which readers should meet their findings.

use crate::rule::Rule;

/// Every rule.
pub static RULES: &[&Rule] = &[];
