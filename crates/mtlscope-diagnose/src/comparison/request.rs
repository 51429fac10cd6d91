//! What a CertificateRequest asks for that can differ between two connections.

use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;

use super::aspect::Aspect;
use super::aspect::Weight::{Decisive, Notable};

pub(super) fn asked(message: &Message) -> Vec<Aspect> {
    let Body::CertificateRequest(request) = &message.body else { return Vec::new() };
    let mut authorities: Vec<String> = message.authorities.iter().map(ToString::to_string).collect();
    // Servers send them in the order of a hash table or a folder.
    authorities.sort();
    vec![
        Aspect::several("certificate_authorities", Decisive, authorities),
        Aspect::several("certificate_types", Decisive, request.certificate_types()),
        Aspect::several("signature_algorithms", Decisive, request.signature_algorithms()),
        Aspect::several("signature_algorithms_cert", Notable, request.signature_algorithms_cert()),
        Aspect::one(
            "oid_filters",
            Decisive,
            Some(request.oid_filters().len()).filter(|count| *count > 0).map(|count| count.to_string()),
        ),
    ]
}
