//! CertificateVerify: the sender proves that it has the key of its certificate, by signing the handshake so far.
//!
//! RFC 8446 section 4.4.3, RFC 5246 section 7.4.8.
//!
//! ```text
//! struct {
//!     SignatureScheme algorithm;          /* not before TLS 1.2 */
//!     opaque signature<0..2^16-1>;
//! } CertificateVerify;
//! ```

use super::{Context, DigitallySigned};
use crate::reader::{Reader, Trace};
use crate::tls::registry::SignatureScheme;

/// The proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateVerify {
    /// How it was signed; `None` before TLS 1.2.
    pub algorithm: Option<SignatureScheme>,
    /// The signature itself.
    pub signature: Box<[u8]>,
}

impl CertificateVerify {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        let DigitallySigned { algorithm, signature } = DigitallySigned::parse(r, context);
        Self { algorithm, signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::handshake::{Body, vectors};

    #[test]
    fn the_algorithm_is_named_since_tls_12() {
        for (vector, algorithm) in [
            (&vectors::TLS13_CERTIFICATE_VERIFY, Some(SignatureScheme::RSA_PSS_RSAE_SHA256)),
            (&vectors::TLS12_CERTIFICATE_VERIFY, Some(SignatureScheme::RSA_PSS_RSAE_SHA256)),
            (&vectors::TLS11_CERTIFICATE_VERIFY, None),
        ] {
            let Body::CertificateVerify(verify) = vector.parse().body else { panic!() };
            assert_eq!((verify.algorithm, verify.signature.len()), (algorithm, 256), "{}", vector.name);
        }
    }
}
