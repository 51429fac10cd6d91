//! CertificateRequest: the server asks the client to prove who it is, and says whom it would believe.
//!
//! TLS 1.2, RFC 5246 section 7.4.4; TLS 1.3, RFC 8446 section 4.3.2. The two share a name and a number and nothing else, so
//! they are two types, with one set of questions to ask of both.
//!
//! ```text
//! struct {                                              struct {
//!     ClientCertificateType certificate_types               opaque certificate_request_context<0..2^8-1>;
//!         <1..2^8-1>;                                       Extension extensions<2..2^16-1>;
//!     SignatureAndHashAlgorithm                         } CertificateRequest;              /* TLS 1.3 */
//!         supported_signature_algorithms<2..2^16-2>;
//!     DistinguishedName certificate_authorities
//!         <0..2^16-1>;
//! } CertificateRequest;                   /* TLS 1.2 */
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::extension::{CertificateAuthorities, ExtensionBody, Extensions, OidFilter};
use crate::tls::registry::{ClientCertificateType, ExtensionType, HandshakeType, SignatureScheme};

/// What the server wants of the client's certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CertificateRequest {
    /// Up to TLS 1.2.
    Tls12 {
        /// The kinds of key the server takes.
        certificate_types: Vec<ClientCertificateType>,
        /// The signatures the server takes; `None` before TLS 1.2, which has no such field.
        signature_algorithms: Option<Vec<SignatureScheme>>,
        /// The DER names of the authorities the server believes; empty means any.
        authorities: Vec<Box<[u8]>>,
    },
    /// TLS 1.3.
    Tls13 {
        /// To be repeated in the answer; empty in the handshake, something unique after it.
        context: Box<[u8]>,
        /// What the server wants.
        extensions: Extensions,
    },
}

impl CertificateRequest {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        // A TLS 1.2 request names at least one type, a TLS 1.3 request in the handshake has an empty context.
        let is_tls13 = context.is_tls13().unwrap_or_else(|| r.ahead().first() == Some(&0));
        if is_tls13 {
            return Self::Tls13 {
                context: r.opaque8("certificate_request_context").into(),
                extensions: Extensions::parse(r, HandshakeType::CERTIFICATE_REQUEST),
            };
        }
        let certificate_types = r.vector8("certificate_types", |r| r.list("certificate_type"));
        // Without a known version: where the next length reaches the end, it is that of the authorities.
        let named = context.names_signature_algorithms().unwrap_or_else(|| match *r.ahead() {
            [high, low, ref rest @ ..] => usize::from(u16::from_be_bytes([high, low])) != rest.len(),
            _ => true,
        });
        let signature_algorithms =
            named.then(|| r.vector16("supported_signature_algorithms", |r| r.list("algorithm")));
        let authorities = CertificateAuthorities::parse(r).authorities;
        Self::Tls12 { certificate_types, signature_algorithms, authorities }
    }

    /// The DER names of the authorities the server believes; empty means it does not say, and any may do.
    pub fn authorities(&self) -> &[Box<[u8]>] {
        match self {
            Self::Tls12 { authorities, .. } => authorities,
            Self::Tls13 { extensions, .. } => match extensions.body(ExtensionType::CERTIFICATE_AUTHORITIES) {
                Some(ExtensionBody::CertificateAuthorities(CertificateAuthorities { authorities })) => {
                    authorities
                }
                _ => &[],
            },
        }
    }

    /// The signatures the server takes; empty before TLS 1.2.
    pub fn signature_algorithms(&self) -> &[SignatureScheme] {
        match self {
            Self::Tls12 { signature_algorithms, .. } => signature_algorithms.as_deref().unwrap_or_default(),
            Self::Tls13 { extensions, .. } => extensions.signature_algorithms(),
        }
    }

    /// The signatures the server takes in certificates; empty where it does not tell them apart, and before TLS 1.3.
    pub fn signature_algorithms_cert(&self) -> &[SignatureScheme] {
        match self {
            Self::Tls12 { .. } => &[],
            Self::Tls13 { extensions, .. } => extensions.signature_algorithms_cert(),
        }
    }

    /// The kinds of key the server takes; empty in TLS 1.3, which leaves that to the signatures.
    pub fn certificate_types(&self) -> &[ClientCertificateType] {
        match self {
            Self::Tls12 { certificate_types, .. } => certificate_types,
            Self::Tls13 { .. } => &[],
        }
    }

    /// What certificate extensions the client's certificate must hold. TLS 1.3 only.
    pub fn oid_filters(&self) -> &[OidFilter] {
        match self {
            Self::Tls12 { .. } => &[],
            Self::Tls13 { extensions, .. } => match extensions.body(ExtensionType::OID_FILTERS) {
                Some(ExtensionBody::OidFilters(filters)) => filters,
                _ => &[],
            },
        }
    }

    /// The extensions; `None` before TLS 1.3.
    pub fn extensions(&self) -> Option<&Extensions> {
        match self {
            Self::Tls12 { .. } => None,
            Self::Tls13 { extensions, .. } => Some(extensions),
        }
    }

    /// To be repeated in the answer; empty except for a request after the handshake of TLS 1.3.
    pub fn context(&self) -> &[u8] {
        match self {
            Self::Tls12 { .. } => &[],
            Self::Tls13 { context, .. } => context,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::handshake::{Body, vectors};

    fn request(vector: &vectors::Vector) -> CertificateRequest {
        match vector.parse().body {
            Body::CertificateRequest(request) => *request,
            body => panic!("{body:?}"),
        }
    }

    #[test]
    fn a_request_of_tls_12_is_read() {
        let request = request(&vectors::TLS12_CERTIFICATE_REQUEST);
        assert_eq!(
            request.certificate_types(),
            [
                ClientCertificateType::RSA_SIGN,
                ClientCertificateType::DSS_SIGN,
                ClientCertificateType::ECDSA_SIGN
            ]
        );
        assert_eq!(request.signature_algorithms().len(), 20);
        assert_eq!(request.signature_algorithms()[0], SignatureScheme::ECDSA_SECP256R1_SHA256);
        assert_eq!(request.authorities().len(), 1);
        assert_eq!(request.authorities()[0].len(), 51);
        assert!(request.authorities()[0].ends_with(b"Lab Root CA"));
        assert!(request.extensions().is_none() && request.context().is_empty());
    }

    #[test]
    fn a_request_of_tls_11_names_no_signatures() {
        let request = request(&vectors::TLS11_CERTIFICATE_REQUEST);
        assert!(request.signature_algorithms().is_empty());
        assert!(matches!(request, CertificateRequest::Tls12 { signature_algorithms: None, .. }));
        assert!(request.authorities()[0].ends_with(b"Lab Root CA"));
    }

    #[test]
    fn a_request_of_tls_13_is_read() {
        let request = request(&vectors::TLS13_CERTIFICATE_REQUEST);
        assert!(matches!(request, CertificateRequest::Tls13 { .. }));
        assert!(request.certificate_types().is_empty() && request.context().is_empty());
        assert_eq!(request.signature_algorithms().len(), 16);
        assert_eq!(request.authorities().len(), 1);
        assert!(request.authorities()[0].ends_with(b"Lab Root CA"));
        assert!(request.signature_algorithms_cert().is_empty() && request.oid_filters().is_empty());
    }

    #[test]
    fn a_request_after_the_handshake_has_a_context() {
        assert_eq!(request(&vectors::POST_HANDSHAKE_CERTIFICATE_REQUEST).context().len(), 32);
    }
}
