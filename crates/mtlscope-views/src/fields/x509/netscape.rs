//! `ns_cert_exts`: what Netscape put into certificates before there were standards for it.

use super::super::Kind;
use super::super::named::fields;
use super::shape::Shape;

fields! {
    CERT_TYPE = "ns_cert_exts.CertType", Kind::Bytes, "What a certificate may be used for, as Netscape had it.";
    SSL_CLIENT = "ns.cert.exts.CertType.ssl.client", Kind::Boolean, "Whether it may be a client's.";
    SSL_SERVER = "ns.cert.exts.CertType.ssl.server", Kind::Boolean, "Whether it may be a server's.";
    SMIME = "ns.cert.exts.CertType.smime", Kind::Boolean, "Whether it may be used for mail.";
    OBJECT_SIGNING = "ns.cert.exts.CertType.object.signing", Kind::Boolean, "Whether it may sign programs.";
    RESERVED = "ns.cert.exts.CertType.reserved.for.future.use", Kind::Boolean, "A bit that means nothing.";
    SSL_CA = "ns.cert.exts.CertType.ssl.ca", Kind::Boolean, "Whether it may issue certificates for TLS.";
    SMIME_CA = "ns.cert.exts.CertType.smime.ca", Kind::Boolean, "Whether it may issue certificates for mail.";
    OBJECT_SIGNING_CA = "ns.cert.exts.CertType.object.signing.ca", Kind::Boolean, "Whether it may issue certificates that sign programs.";
    BASE_URL = "ns_cert_exts.BaseUrl", Kind::Text, "What the other URLs begin with.";
    REVOCATION_URL = "ns_cert_exts.RevocationUrl", Kind::Text, "Where to ask whether the certificate was revoked.";
    CA_REVOCATION_URL = "ns_cert_exts.CaRevocationUrl", Kind::Text, "Where to ask whether a certificate of the authority was revoked.";
    CERT_RENEWAL_URL = "ns_cert_exts.CertRenewalUrl", Kind::Text, "Where to renew the certificate.";
    CA_POLICY_URL = "ns_cert_exts.CaPolicyUrl", Kind::Text, "Where the authority's policy can be read.";
    SSL_SERVER_NAME = "ns_cert_exts.SslServerName", Kind::Text, "The host that the certificate is for.";
    COMMENT = "ns_cert_exts.Comment", Kind::Text, "A comment.";
}

static TYPES: Shape = Shape::Bits(
    &CERT_TYPE,
    &[&SSL_CLIENT, &SSL_SERVER, &SMIME, &OBJECT_SIGNING, &RESERVED, &SSL_CA, &SMIME_CA, &OBJECT_SIGNING_CA],
);

/// The shape of one of these, by the last part of its object identifier.
pub(super) fn shape(last: &str) -> Option<&'static Shape> {
    Some(match last {
        "1" => &TYPES,
        "2" => const { &Shape::Text(&BASE_URL) },
        "3" => const { &Shape::Text(&REVOCATION_URL) },
        "4" => const { &Shape::Text(&CA_REVOCATION_URL) },
        "7" => const { &Shape::Text(&CERT_RENEWAL_URL) },
        "8" => const { &Shape::Text(&CA_POLICY_URL) },
        "12" => const { &Shape::Text(&SSL_SERVER_NAME) },
        "13" => const { &Shape::Text(&COMMENT) },
        _ => return None,
    })
}
