//! signature_algorithms and signature_algorithms_cert, and a signature's algorithm wherever one is named.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, HEX16, fields};
use super::super::place::{Place, at, content, part};

fields! {
    SIGNATURE_ALGORITHMS_LENGTH = "tls.handshake.sig_hash_alg_len", DECIMAL, "The length of the list of signature algorithms.";
    SIGNATURE_ALGORITHMS = "tls.handshake.sig_hash_algs", Kind::Label, "The list of signature algorithms.";
    SIGNATURE_ALGORITHM = "tls.handshake.sig_hash_alg", HEX16, "A signature algorithm that is accepted, or the one used.";
    SIGNATURE_HASH = "tls.handshake.sig_hash_hash", DECIMAL, "The first byte of a signature algorithm: the hash, as TLS 1.2 had it.";
    SIGNATURE_KIND = "tls.handshake.sig_hash_sig", DECIMAL, "The second byte of a signature algorithm: the key, as TLS 1.2 had it.";
}

pub(super) static PLACES: &[Place] = &[
    at("supported_signature_algorithms/length", &SIGNATURE_ALGORITHMS_LENGTH),
    content("supported_signature_algorithms", &SIGNATURE_ALGORITHMS),
    at("supported_signature_algorithms/algorithm", &SIGNATURE_ALGORITHM),
    part("supported_signature_algorithms/algorithm", 0, 1, &SIGNATURE_HASH),
    part("supported_signature_algorithms/algorithm", 1, 2, &SIGNATURE_KIND),
];
