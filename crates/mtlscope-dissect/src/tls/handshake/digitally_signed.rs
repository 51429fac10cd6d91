//! A signature and the algorithm it was made with, as they stand in ServerKeyExchange and CertificateVerify.
//!
//! RFC 5246 section 4.7. Before TLS 1.2 the algorithm is not named: it follows from the key.
//!
//! ```text
//! struct {
//!    SignatureAndHashAlgorithm algorithm;
//!    opaque signature<0..2^16-1>;
//! } DigitallySigned;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::registry::SignatureScheme;

/// A signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DigitallySigned {
    /// How it was made; `None` before TLS 1.2.
    pub algorithm: Option<SignatureScheme>,
    /// The signature itself.
    pub signature: Box<[u8]>,
}

impl DigitallySigned {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        // Without a known version the length tells: only where no algorithm stands before it does it fit at once.
        let named = context.names_signature_algorithms().unwrap_or_else(|| match *r.ahead() {
            [high, low, ref rest @ ..] => usize::from(u16::from_be_bytes([high, low])) != rest.len(),
            _ => true,
        });
        let algorithm = named.then(|| r.registered("algorithm"));
        let signature = r.opaque16("signature").into();
        Self { algorithm, signature }
    }
}
