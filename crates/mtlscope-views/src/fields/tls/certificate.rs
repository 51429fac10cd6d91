//! Certificate, CompressedCertificate, CertificateStatus, CertificateURL.

use super::super::named::{DECIMAL, fields};
use super::super::{Kind, x509};
use super::extensions::status_request::{RESPONSE_LENGTH, RESPONSE_LIST_LENGTH, STATUS_TYPE};
use super::place::{Place, at, content};

fields! {
    CONTEXT_LENGTH = "tls.handshake.certificate_request_context_length", DECIMAL, "The length of the context.";
    CONTEXT = "tls.handshake.certificate_request_context", Kind::Bytes, "What ties a Certificate to the CertificateRequest it answers.";
    CERTIFICATES_LENGTH = "tls.handshake.certificates_length", DECIMAL, "The length of the list of certificates; 0 where there is none to show.";
    CERTIFICATES = "tls.handshake.certificates", Kind::Label, "The list of certificates.";
    CERTIFICATE_LENGTH = "tls.handshake.certificate_length", DECIMAL, "The length of one certificate.";
    CERTIFICATE = "tls.handshake.certificate", Kind::Bytes, "One certificate.";
    COMPRESSION_ALGORITHM = "tls.compress_certificate.algorithm", DECIMAL, "How a Certificate is packed, or may be.";
    UNCOMPRESSED_LENGTH = "tls.compress_certificate.uncompressed_length", DECIMAL, "How many bytes a packed Certificate unpacks to.";
    COMPRESSED_LENGTH = "tls.compress_certificate.compressed_certificate_message.length", DECIMAL, "The length of a packed Certificate.";
    COMPRESSED = "tls.compress_certificate.compressed_certificate_message", Kind::Bytes, "A packed Certificate.";
    URL_TYPE = "tls.handshake.cert_url_type", DECIMAL, "What the URLs of certificates lead to.";
    URL_LIST_LENGTH = "tls.handshake.cert_url.url_hash_len", DECIMAL, "The length of the list of URLs.";
    URL_LENGTH = "tls.handshake.cert_url.url_len", DECIMAL, "The length of a URL.";
    URL = "tls.handshake.cert_url.url", Kind::Text, "Where a certificate can be had.";
    URL_HASH = "tls.handshake.cert_url.sha1", Kind::Bytes, "The SHA-1 hash of what is to be found there.";
}

pub(super) static PLACES: &[Place] = &[
    at("certificate_request_context/length", &CONTEXT_LENGTH),
    at("certificate_request_context/data", &CONTEXT),
    at("certificate_list/length", &CERTIFICATES_LENGTH),
    content("certificate_list", &CERTIFICATES),
    at("certificate_list/CertificateEntry/cert_data/length", &CERTIFICATE_LENGTH),
    at("certificate_list/CertificateEntry/cert_data/data", &CERTIFICATE).holding(x509::certificate),
];

pub(super) static COMPRESSED_PLACES: &[Place] = &[
    at("algorithm", &COMPRESSION_ALGORITHM),
    at("uncompressed_length", &UNCOMPRESSED_LENGTH),
    at("compressed_certificate_message/length", &COMPRESSED_LENGTH),
    at("compressed_certificate_message/data", &COMPRESSED),
];

pub(super) static STATUS: &[Place] = &[
    at("status_type", &STATUS_TYPE),
    at("OCSPResponse/length", &RESPONSE_LENGTH),
    at("OCSPResponse/data", &x509::OCSP).holding(x509::ocsp_response),
    at("ocsp_response_list/length", &RESPONSE_LIST_LENGTH),
    at("ocsp_response_list/OCSPResponse/length", &RESPONSE_LENGTH),
    at("ocsp_response_list/OCSPResponse/data", &x509::OCSP).holding(x509::ocsp_response),
];

pub(super) static URL_PLACES: &[Place] = &[
    at("type", &URL_TYPE),
    at("url_and_hash_list/length", &URL_LIST_LENGTH),
    at("url_and_hash_list/URLAndHash/url/length", &URL_LENGTH),
    at("url_and_hash_list/URLAndHash/url/data", &URL),
    at("url_and_hash_list/URLAndHash/SHA1Hash", &URL_HASH),
];
