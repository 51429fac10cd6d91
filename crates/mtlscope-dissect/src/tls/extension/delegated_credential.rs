//! delegated_credential: a short-lived key that a certificate vouches for.
//!
//! RFC 9345 section 4. Who accepts one says with which signatures; who has one shows it beside its certificate.
//!
//! ```text
//! struct {
//!     SignatureScheme supported_signature_algorithms<2..2^16-2>;
//! } SignatureSchemeList;
//!
//! struct {
//!     uint32 valid_time;
//!     SignatureScheme dc_cert_verify_algorithm;
//!     opaque ASN1_subjectPublicKeyInfo<1..2^24-1>;
//! } Credential;
//!
//! struct {
//!     Credential cred;
//!     SignatureScheme algorithm;
//!     opaque signature<1..2^16-1>;
//! } DelegatedCredential;
//! ```

use super::signature_algorithms;
use crate::reader::{Reader, Trace};
use crate::tls::registry::{HandshakeType, SignatureScheme};

/// The readiness to accept a delegated credential, or one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DelegatedCredential {
    /// In a hello or a CertificateRequest: the signatures accepted.
    SupportedSignatureAlgorithms(Vec<SignatureScheme>),
    /// Beside a certificate: the credential.
    Credential(Box<Credential>),
}

/// A short-lived key, and the certificate's word for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// How many seconds after the certificate's start it ends.
    pub valid_time: u32,
    /// With which signature the holder proves itself.
    pub dc_cert_verify_algorithm: SignatureScheme,
    /// DER SubjectPublicKeyInfo.
    pub subject_public_key_info: Box<[u8]>,
    /// How the certificate's key signed it.
    pub algorithm: SignatureScheme,
    /// The signature of the certificate's key.
    pub signature: Box<[u8]>,
}

impl DelegatedCredential {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message != HandshakeType::CERTIFICATE {
            return Self::SupportedSignatureAlgorithms(signature_algorithms::parse(r));
        }
        Self::Credential(Box::new(Credential {
            valid_time: r.u32("valid_time"),
            dc_cert_verify_algorithm: r.registered("dc_cert_verify_algorithm"),
            subject_public_key_info: r.opaque24("ASN1_subjectPublicKeyInfo").into(),
            algorithm: r.registered("algorithm"),
            signature: r.opaque16("signature").into(),
        }))
    }
}
