//! status_request and status_request_v2, and the answer.

use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at};

fields! {
    STATUS_TYPE = "tls.handshake.extensions_status_request_type", DECIMAL, "In which form a proof of non-revocation is wanted, or comes; 1 is OCSP.";
    LENGTH = "tls.handshake.extensions_status_request_len", DECIMAL, "The length of one wish.";
    LIST_LENGTH = "tls.handshake.extensions_status_request_list_len", DECIMAL, "The length of the list of wishes.";
    RESPONDERS_LENGTH = "tls.handshake.extensions_status_request_responder_ids_len", DECIMAL, "The length of the list of responders trusted.";
    EXTENSIONS_LENGTH = "tls.handshake.extensions_status_request_exts_len", DECIMAL, "The length of the extensions of the wish.";
    RESPONSE_LENGTH = "tls.handshake.ocsp_response_len", DECIMAL, "The length of an OCSP response.";
    RESPONSE_LIST_LENGTH = "tls.handshake.ocsp_response_list_len", DECIMAL, "The length of the list of OCSP responses.";
}

pub(super) static PLACES: &[Place] = &[
    at("status_type", &STATUS_TYPE),
    at("responder_id_list/length", &RESPONDERS_LENGTH),
    at("request_extensions/length", &EXTENSIONS_LENGTH),
];

pub(super) static V2_PLACES: &[Place] = &[
    at("certificate_status_req_list/length", &LIST_LENGTH),
    at("certificate_status_req_list/CertificateStatusRequestItemV2/status_type", &STATUS_TYPE),
    at("certificate_status_req_list/CertificateStatusRequestItemV2/request/length", &LENGTH),
    at(
        "certificate_status_req_list/CertificateStatusRequestItemV2/request/responder_id_list/length",
        &RESPONDERS_LENGTH,
    ),
    at(
        "certificate_status_req_list/CertificateStatusRequestItemV2/request/request_extensions/length",
        &EXTENSIONS_LENGTH,
    ),
];
