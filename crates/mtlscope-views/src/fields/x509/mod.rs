//! `x509af`, `x509ce`, `x509if`, `x509sat`, `pkix1explicit`, `pkix1implicit`, `pkcs1`, `ocsp`: certificates and names, by Wireshark's names and with its
//! values.
//!
//! What stands where is told by tables of ASN.1 shapes (`shape.rs`); certificates are not judged here, and one that is broken shows
//! what of it can be read.

mod certificate;
mod extension;
mod general_name;
mod key;
mod name;
mod netscape;
mod ocsp;
mod policy;
mod shape;
mod strings;

use super::Field;
use super::named::Told;
use super::tls::signed_certificate_timestamp;
pub(super) use ocsp::OCSP;

/// The families of fields.
static FAMILIES: &[&[&Field]] = &[
    certificate::FIELDS,
    name::FIELDS,
    key::FIELDS,
    extension::FIELDS,
    general_name::FIELDS,
    policy::FIELDS,
    netscape::FIELDS,
    ocsp::FIELDS,
];

/// Every field of certificates and names.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    FAMILIES.iter().copied().flatten().copied()
}

/// Tells what a certificate says.
pub(super) fn certificate(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(fields().chain(signed_certificate_timestamp::fields())) {
        certificate::CERTIFICATE.tell_first(der, told);
    }
}

/// Tells what an OCSP response says.
pub(super) fn ocsp_response(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(fields().chain(signed_certificate_timestamp::fields())) {
        ocsp::RESPONSE.tell_first(der, told);
    }
}

/// Tells what a name says that stands alone.
pub(super) fn name(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(name::FIELDS.iter().copied()) {
        name::tell(der, told);
    }
}
