//! CertificateVerify and Finished.

use super::super::Kind;
use super::super::named::{DECIMAL, fields};
use super::extensions::signature_algorithms::{SIGNATURE_ALGORITHM, SIGNATURE_HASH, SIGNATURE_KIND};
use super::place::{Place, at, part};

fields! {
    SIGNATURE_LENGTH = "tls.handshake.client_cert_vrfy.sig_len", DECIMAL, "The length of the proof.";
    SIGNATURE = "tls.handshake.client_cert_vrfy.sig", Kind::Bytes, "The proof: a signature of the handshake so far, of either side.";
    VERIFY_DATA = "tls.handshake.verify_data", Kind::Label, "The code with which a side ends its handshake.";
}

pub(super) static PLACES: &[Place] = &[
    at("algorithm", &SIGNATURE_ALGORITHM),
    part("algorithm", 0, 1, &SIGNATURE_HASH),
    part("algorithm", 1, 2, &SIGNATURE_KIND),
    at("signature/length", &SIGNATURE_LENGTH),
    at("signature/data", &SIGNATURE),
    at("verify_data", &VERIFY_DATA),
];
