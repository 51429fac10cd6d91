//! oid_filters.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at};

fields! {
    LENGTH = "tls.extension.oid_filters_length", DECIMAL, "The length of the list of filters.";
    OID_LENGTH = "tls.extension.oid_filters.oid_length", DECIMAL, "The length of the object identifier.";
    OID = "tls.extension.oid_filters.oid", Kind::Oid, "Which extension the client's certificate must have.";
    VALUES_LENGTH = "tls.extension.oid_filters.values_length", DECIMAL, "The length of what that extension must hold.";
}

pub(super) static PLACES: &[Place] = &[
    at("filters/length", &LENGTH),
    at("filters/OIDFilter/certificate_extension_oid/length", &OID_LENGTH),
    at("filters/OIDFilter/certificate_extension_oid/data", &OID),
    at("filters/OIDFilter/certificate_extension_values/length", &VALUES_LENGTH),
];
