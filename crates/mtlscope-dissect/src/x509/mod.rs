//! X.509 certificates (RFC 5280): parsed, never judged. Judging is `mtlscope-diagnose`.
//!
//! The DER is read by the `x509-parser` crate; none of its types or errors leave this module.

pub mod certificate;
pub mod certificate_cache;
pub mod der;
pub mod extension;
pub mod general_name;
pub mod name;
mod name_cache;
pub mod ocsp;
pub mod oid;
#[cfg(test)]
mod openssl_comparison;
pub mod pem;
pub mod public_key;
pub mod serial_number;
pub mod signature_algorithm;
pub mod validity;

use std::fmt;

pub use certificate::Certificate;
pub use certificate_cache::CertificateCache;
pub use extension::Extensions;
pub use general_name::GeneralName;
pub use name::Name;
pub use name_cache::NameCache;
pub use ocsp::OcspResponse;
pub use oid::Oid;
pub use public_key::{Curve, KeyAlgorithm, PublicKey};
pub use serial_number::SerialNumber;
pub use signature_algorithm::{HashAlgorithm, SignatureAlgorithm, SignatureKind};
pub use validity::Time;

/// Bytes that are not what they should be. What a peer sent, so news and not a failure of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// What is wrong with them, in words.
    pub why: String,
}

impl Unreadable {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unreadable {}
