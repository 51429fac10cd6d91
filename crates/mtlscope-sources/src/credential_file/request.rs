//! A request for a certificate (CSR), as one sends it to an authority. RFC 2986.

use openssl::error::ErrorStack;
use openssl::x509::X509ReqRef;

/// A request for a certificate. It is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateRequest {
    /// Whom the certificate shall be for: a Name as DER.
    pub subject: Vec<u8>,
    /// The key it shall be for: SubjectPublicKeyInfo as DER.
    pub public_key: Vec<u8>,
    /// Whether that key signed it.
    pub is_signed: bool,
}

impl CertificateRequest {
    pub(super) fn read(request: &X509ReqRef) -> Result<Self, ErrorStack> {
        let key = request.public_key()?;
        Ok(Self {
            subject: request.subject_name().to_der()?,
            public_key: key.public_key_to_der()?,
            is_signed: request.verify(&key).unwrap_or(false),
        })
    }
}
