//! `x509af`, `x509ce`, `x509if`, `x509sat`, `pkix1explicit`, `pkix1implicit`, `pkcs1`, `ocsp`, `ns_cert_exts`: certificates, names and OCSP
//! responses, by Wireshark's names and with its values.
//!
//! What stands where is told by tables of ASN.1 shapes (`shape.rs`); certificates are not judged here, and of a broken one what can
//! be read is told.

mod certificate;
mod extension;
mod general_name;
mod key;
mod logotype;
mod name;
mod netscape;
mod ocsp;
mod policy;
mod shape;
mod strings;

use super::Field;
use super::named::Told;
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
    logotype::FIELDS,
    shape::FIELDS,
];

/// What the names of the fields begin with that certificates, names and OCSP responses tell of.
const PREFIXES: &[&str] =
    &["x509", "pkix1", "pkcs1.", "ocsp", "ns", "logotype", "ber.", "tls.sct.", "tls.handshake.sig_hash_"];

/// Every field of certificates and names.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    FAMILIES.iter().copied().flatten().copied()
}

/// Tells what a certificate says.
pub(super) fn certificate(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(PREFIXES) {
        certificate::CERTIFICATE.tell_first(der, told);
    }
}

/// Tells what an OCSP response says.
pub(super) fn ocsp_response(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(PREFIXES) {
        ocsp::RESPONSE.tell_first(der, told);
    }
}

/// Tells what a name says that stands alone.
pub(super) fn name(der: &[u8], told: &mut Told<'_>) {
    if told.wants_any(PREFIXES) {
        name::tell(der, told);
    }
}
