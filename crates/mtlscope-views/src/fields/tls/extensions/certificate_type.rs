//! client_certificate_type and server_certificate_type.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, HEX8, fields};
use super::super::place::{Place, at, content};

fields! {
    TYPES_LENGTH = "tls.handshake.cert_type.types_len", DECIMAL, "How many kinds of certificate are offered.";
    TYPES = "tls.handshake.cert_type.types", Kind::Label, "The kinds of certificate that are offered.";
    TYPE = "tls.handshake.cert_type.type", HEX8, "A kind of certificate that is offered, or the one chosen.";
}

pub(super) static PLACES: &[Place] = &[
    at("certificate_types/length", &TYPES_LENGTH),
    content("certificate_types", &TYPES),
    at("certificate_types/certificate_type", &TYPE),
    at("certificate_type", &TYPE),
];
