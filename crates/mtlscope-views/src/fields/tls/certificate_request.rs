//! CertificateRequest.

use super::super::named::{DECIMAL, Told, fields};
use super::super::{Kind, x509};
use super::certificate::{CONTEXT, CONTEXT_LENGTH};
use super::extensions::signature_algorithms::{
    SIGNATURE_ALGORITHM, SIGNATURE_ALGORITHMS, SIGNATURE_ALGORITHMS_LENGTH, SIGNATURE_HASH, SIGNATURE_KIND,
};
use super::place::{Place, at, content, part};

fields! {
    TYPES_COUNT = "tls.handshake.cert_types_count", DECIMAL, "How many kinds of key the server takes.";
    TYPES = "tls.handshake.cert_types", Kind::Label, "The kinds of key the server takes.";
    TYPE = "tls.handshake.cert_type", DECIMAL, "A kind of key the server takes; TLS 1.2 and before.";
    NAMES_LENGTH = "tls.handshake.dnames_len", DECIMAL, "The length of the list of authorities.";
    NAMES = "tls.handshake.dnames", Kind::Label, "The list of authorities that the sender believes.";
    NAME_LENGTH = "tls.handshake.dname_len", DECIMAL, "The length of the name of an authority.";
    NAME = "tls.handshake.dname", Kind::Label, "The name of an authority.";
}

pub(super) static PLACES: &[Place] = &[
    at("certificate_request_context/length", &CONTEXT_LENGTH),
    at("certificate_request_context/data", &CONTEXT),
    at("certificate_types/length", &TYPES_COUNT),
    content("certificate_types", &TYPES),
    at("certificate_types/certificate_type", &TYPE),
    at("supported_signature_algorithms/length", &SIGNATURE_ALGORITHMS_LENGTH),
    content("supported_signature_algorithms", &SIGNATURE_ALGORITHMS),
    at("supported_signature_algorithms/algorithm", &SIGNATURE_ALGORITHM),
    part("supported_signature_algorithms/algorithm", 0, 1, &SIGNATURE_HASH),
    part("supported_signature_algorithms/algorithm", 1, 2, &SIGNATURE_KIND),
    at("authorities/length", &NAMES_LENGTH),
    content("authorities", &NAMES),
    at("authorities/DistinguishedName/length", &NAME_LENGTH),
    at("authorities/DistinguishedName/data", &NAME).holding(name),
];

/// The name of an authority.
pub(super) fn name(der: &[u8], told: &mut Told<'_>) {
    x509::name(der, told);
}
