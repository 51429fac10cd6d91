//! Certificate: who the sender says it is, its own certificate first. An empty list says "nobody".
//!
//! RFC 8446 section 4.4.2, RFC 5246 section 7.4.2.
//!
//! ```text
//! struct {                                        struct {
//!     opaque certificate_request_context               ASN.1Cert certificate_list<0..2^24-1>;
//!         <0..2^8-1>;                              } Certificate;                 /* TLS 1.2 */
//!     CertificateEntry certificate_list
//!         <0..2^24-1>;                             opaque ASN.1Cert<1..2^24-1>;
//! } Certificate;                  /* TLS 1.3 */
//!
//! struct {
//!     opaque cert_data<1..2^24-1>;
//!     Extension extensions<0..2^16-1>;
//! } CertificateEntry;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::extension::Extensions;
use crate::tls::registry::HandshakeType;

/// The chain of one end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Names the CertificateRequest that is answered; empty in the handshake, and before TLS 1.3.
    pub context: Box<[u8]>,
    /// The chain, the sender's own certificate first; empty where it has none to show.
    pub entries: Vec<CertificateEntry>,
}

/// One certificate of the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateEntry {
    /// DER: an X.509 certificate, or a SubjectPublicKeyInfo where raw public keys are agreed on.
    pub data: Box<[u8]>,
    /// What is said of this certificate (OCSP response, timestamps). TLS 1.3 only.
    pub extensions: Extensions,
}

impl Certificate {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        let is_tls13 = context.is_tls13().unwrap_or_else(|| !fills_list24(r.ahead()));
        let request_context =
            if is_tls13 { r.opaque8("certificate_request_context").into() } else { Box::default() };
        let entries = r.vector24("certificate_list", |r| {
            // Up to TLS 1.2 a raw public key has no list around it (RFC 7250 section 3). A list of certificates starts with
            // the first one's length, which would be three megabytes if it started with the tag of a SEQUENCE.
            if !is_tls13 && r.ahead().first() == Some(&0x30) {
                let data = r.rest("ASN.1_subjectPublicKeyInfo").into();
                return vec![CertificateEntry { data, extensions: Extensions::default() }];
            }
            let mut entries = Vec::with_capacity(if r.has_more() { 4 } else { 0 });
            while r.has_more() {
                entries.push(r.group("CertificateEntry", |r| CertificateEntry {
                    data: r.opaque24("cert_data").into(),
                    extensions: if is_tls13 {
                        Extensions::parse(r, HandshakeType::CERTIFICATE)
                    } else {
                        Extensions::default()
                    },
                }));
            }
            entries
        });
        Self { context: request_context, entries }
    }
}

/// Whether the bytes are a list with a length of three bytes, and nothing else: a Certificate before TLS 1.3.
fn fills_list24(bytes: &[u8]) -> bool {
    match *bytes {
        [a, b, c, ref rest @ ..] => u32::from_be_bytes([0, a, b, c]) as usize == rest.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::{Body, parse, vectors};
    use crate::tls::registry::ProtocolVersion;

    fn certificate(bytes: &[u8], version: Option<ProtocolVersion>) -> Certificate {
        let context = Context { version, ..Context::new(Side::Client) };
        let message = parse(HandshakeType::CERTIFICATE, bytes, &context);
        assert_eq!(message.notices(), []);
        match message.body {
            Body::Certificate(certificate) => certificate,
            body => panic!("{body:?}"),
        }
    }

    #[test]
    fn chains_of_both_versions_are_read() {
        let Body::Certificate(tls12) = vectors::TLS12_CERTIFICATE.parse().body else { panic!() };
        assert_eq!(tls12.entries.len(), 1);
        let Body::Certificate(tls13) = vectors::TLS13_CERTIFICATE.parse().body else { panic!() };
        assert_eq!(tls13.entries.len(), 2);
        for entry in tls12.entries.iter().chain(&tls13.entries) {
            assert_eq!(entry.data[..2], [0x30, 0x82]);
            assert_eq!(usize::from(u16::from_be_bytes([entry.data[2], entry.data[3]])) + 4, entry.data.len());
        }
    }

    #[test]
    fn an_empty_list_is_an_answer() {
        assert!(certificate(&[0, 0, 0], Some(ProtocolVersion::TLS12)).entries.is_empty());
        assert!(certificate(&[0, 0, 0, 0], Some(ProtocolVersion::TLS13)).entries.is_empty());
        assert!(certificate(&[0, 0, 0], None).entries.is_empty());
        assert!(certificate(&[0, 0, 0, 0], None).entries.is_empty());
        let later = certificate(&[1, 9, 0, 0, 0], None);
        assert_eq!((&*later.context, later.entries.len()), (&[9][..], 0));
    }

    #[test]
    fn a_raw_public_key_of_tls_12_stands_without_a_list() {
        let key = [0x30, 3, 1, 2, 3];
        let mut bytes = vec![0, 0, 5];
        bytes.extend(key);
        let certificate = certificate(&bytes, Some(ProtocolVersion::TLS12));
        assert_eq!(certificate.entries.len(), 1);
        assert_eq!(*certificate.entries[0].data, key);
    }
}
