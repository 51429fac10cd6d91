//! basicConstraints: whether this is a certificate authority, and how many may stand below it. RFC 5280 section 4.2.1.9.
//!
//! ```text
//! BasicConstraints ::= SEQUENCE {
//!      cA                      BOOLEAN DEFAULT FALSE,
//!      pathLenConstraint       INTEGER (0..MAX) OPTIONAL }
//! ```

/// What basicConstraints says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BasicConstraints {
    /// Whether the subject may issue certificates.
    pub ca: bool,
    /// How many intermediate certificates may stand between this one and a leaf; `None` for any number.
    pub path_length: Option<u32>,
}
