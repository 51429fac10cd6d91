//! authorityKeyIdentifier: which key of the issuer signed this. RFC 5280 section 4.2.1.1.
//!
//! ```text
//! AuthorityKeyIdentifier ::= SEQUENCE {
//!      keyIdentifier             [0] KeyIdentifier           OPTIONAL,
//!      authorityCertIssuer       [1] GeneralNames            OPTIONAL,
//!      authorityCertSerialNumber [2] CertificateSerialNumber OPTIONAL  }
//! ```

use crate::x509::{GeneralName, SerialNumber};

/// What authorityKeyIdentifier says of the issuer's certificate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuthorityKeyIdentifier {
    /// Its subjectKeyIdentifier.
    pub key_identifier: Option<Box<[u8]>>,
    /// The names of its issuer.
    pub issuer: Vec<GeneralName>,
    /// Its serial number.
    pub serial: Option<SerialNumber>,
}
