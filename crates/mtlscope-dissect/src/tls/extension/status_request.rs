//! status_request: the client wants proof that the server's certificate is not revoked (OCSP stapling).
//!
//! RFC 6066 section 8; in TLS 1.3, RFC 8446 section 4.4.2.1, the answer stands beside the certificate it is about, and a
//! server may ask the client for the same in its CertificateRequest.
//!
//! ```text
//! struct {
//!     CertificateStatusType status_type;
//!     select (status_type) {
//!         case ocsp: OCSPStatusRequest;
//!     } request;
//! } CertificateStatusRequest;
//!
//! struct {
//!     ResponderID responder_id_list<0..2^16-1>;
//!     Extensions  request_extensions;
//! } OCSPStatusRequest;
//!
//! opaque ResponderID<1..2^16-1>;
//! opaque Extensions<0..2^16-1>;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::handshake::CertificateStatus;
use crate::tls::registry::{CertificateStatusType, HandshakeType};

/// A request for a proof, or the proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StatusRequest {
    /// Empty: a server that will send a CertificateStatus, or one that asks the client for a proof without saying which.
    Empty,
    /// What proof is wanted.
    Request(Box<CertificateStatusRequest>),
    /// The proof, beside a certificate.
    Status(Box<CertificateStatus>),
}

/// What proof is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateStatusRequest {
    /// In which form.
    pub status_type: CertificateStatusType,
    /// Whose word is trusted, as DER; empty means the usual.
    pub responder_id_list: Vec<Box<[u8]>>,
    /// DER extensions of the request.
    pub request_extensions: Box<[u8]>,
}

impl StatusRequest {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if !r.has_more() {
            Self::Empty
        } else if message == HandshakeType::CERTIFICATE {
            Self::Status(Box::new(CertificateStatus::read(r)))
        } else {
            let status_type = r.registered("status_type");
            Self::Request(Box::new(CertificateStatusRequest::parse_request(r, status_type)))
        }
    }
}

impl CertificateStatusRequest {
    /// What follows the type: the same in status_request and status_request_v2.
    pub(super) fn parse_request<T: Trace>(
        r: &mut Reader<'_, '_, T>,
        status_type: CertificateStatusType,
    ) -> Self {
        let responder_id_list = r.vector16("responder_id_list", |r| {
            let mut list = Vec::new();
            while r.has_more() {
                list.push(r.opaque16("ResponderID").into());
            }
            list
        });
        Self { status_type, responder_id_list, request_extensions: r.opaque16("request_extensions").into() }
    }
}
