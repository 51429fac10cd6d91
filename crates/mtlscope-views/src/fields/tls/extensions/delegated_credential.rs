//! delegated_credential: the signatures accepted, or a credential.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at, content, part};
use super::signature_algorithms::{
    SIGNATURE_ALGORITHM, SIGNATURE_ALGORITHMS, SIGNATURE_ALGORITHMS_LENGTH, SIGNATURE_HASH, SIGNATURE_KIND,
};

fields! {
    VALID_TIME = "tls.handshake.cred.valid_time", DECIMAL, "How many seconds after the certificate's start the credential ends.";
    KEY_LENGTH = "tls.handshake.cred.pubkey_len", DECIMAL, "The length of the credential's key.";
    KEY = "tls.handshake.cred.pubkey", Kind::Bytes, "The credential's key.";
    SIGNATURE_LENGTH = "tls.handshake.cred.signature_len", DECIMAL, "The length of the certificate's signature of the credential.";
    SIGNATURE = "tls.handshake.cred.signature", Kind::Bytes, "The certificate's signature of the credential.";
}

pub(super) static PLACES: &[Place] = &[
    at("supported_signature_algorithms/length", &SIGNATURE_ALGORITHMS_LENGTH),
    content("supported_signature_algorithms", &SIGNATURE_ALGORITHMS),
    at("supported_signature_algorithms/algorithm", &SIGNATURE_ALGORITHM),
    part("supported_signature_algorithms/algorithm", 0, 1, &SIGNATURE_HASH),
    part("supported_signature_algorithms/algorithm", 1, 2, &SIGNATURE_KIND),
    at("valid_time", &VALID_TIME),
    at("dc_cert_verify_algorithm", &SIGNATURE_ALGORITHM),
    part("dc_cert_verify_algorithm", 0, 1, &SIGNATURE_HASH),
    part("dc_cert_verify_algorithm", 1, 2, &SIGNATURE_KIND),
    at("ASN1_subjectPublicKeyInfo/length", &KEY_LENGTH),
    at("ASN1_subjectPublicKeyInfo/data", &KEY),
    at("algorithm", &SIGNATURE_ALGORITHM),
    part("algorithm", 0, 1, &SIGNATURE_HASH),
    part("algorithm", 1, 2, &SIGNATURE_KIND),
    at("signature/length", &SIGNATURE_LENGTH),
    at("signature/data", &SIGNATURE),
];
