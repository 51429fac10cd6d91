//! `certificates`: what a chain holds, its leaf first.

use std::sync::Arc;

use mtlscope_dissect::x509;
use serde::{Serialize, Serializer};

use super::kept::Kept;
use super::scalar::{Hex, Shown, day_and_time};

#[derive(Serialize)]
struct Certificate<'a> {
    subject: Shown<&'a x509::Name>,
    issuer: Shown<&'a x509::Name>,
    serial: Shown<&'a x509::SerialNumber>,
    #[serde(serialize_with = "day_and_time")]
    not_before: x509::Time,
    #[serde(serialize_with = "day_and_time")]
    not_after: x509::Time,
    sha256: Hex,
}

impl<'a> Certificate<'a> {
    fn of(certificate: &'a x509::Certificate) -> Self {
        Self {
            subject: Shown(&certificate.subject),
            issuer: Shown(&certificate.issuer),
            serial: Shown(&certificate.serial),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            sha256: Hex(certificate.sha256),
        }
    }
}

pub(in crate::json) struct Certificates<'a>(pub(in crate::json) &'a [Arc<x509::Certificate>]);

impl Serialize for Certificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|certificate| Certificate::of(certificate)))
    }
}

/// As [`Certificates`], where the same ones come again and again.
pub(super) struct KeptCertificates<'a>(pub(super) &'a [Arc<x509::Certificate>], pub(super) &'a Kept);

impl Serialize for KeptCertificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|certificate| KeptCertificate(certificate, self.1)))
    }
}

struct KeptCertificate<'a>(&'a x509::Certificate, &'a Kept);

impl Serialize for KeptCertificate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.1.certificates.serialize(&self.0.sha256, || Certificate::of(self.0), serializer)
    }
}
