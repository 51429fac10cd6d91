//! nameConstraints: the names an authority may give out. RFC 5280 section 4.2.1.10.
//!
//! ```text
//! NameConstraints ::= SEQUENCE {
//!      permittedSubtrees       [0]     GeneralSubtrees OPTIONAL,
//!      excludedSubtrees        [1]     GeneralSubtrees OPTIONAL }
//! ```

use crate::x509::GeneralName;

/// What nameConstraints says. A name must be within one of the permitted of its kind, if any, and in none excluded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameConstraints {
    /// Names below these may be given out.
    pub permitted: Vec<GeneralName>,
    /// Names below these must not be.
    pub excluded: Vec<GeneralName>,
}
