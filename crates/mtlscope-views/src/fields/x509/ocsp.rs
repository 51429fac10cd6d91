//! `ocsp`: the word of an authority that a certificate is not revoked. RFC 6960 section 4.2.1.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{Element, Elements};

use super::super::named::{DECIMAL, Told, fields};
use super::super::{Kind, Value};
use super::certificate::CERTIFICATE;
use super::extension;
use super::name::NAME;
use super::shape::{Member, Shape};

fields! {
    OCSP = "ocsp", Kind::Protocol, "An OCSP response.";
    STATUS = "ocsp.responseStatus", DECIMAL, "Whether the responder answers at all; 0 where it does.";
    RESPONSE_BYTES = "ocsp.responseBytes_element", Kind::Label, "The answer.";
    RESPONSE_TYPE = "ocsp.responseType.id", Kind::Text, "Which kind of answer it is.";
    BASIC = "ocsp.BasicOCSPResponse_element", Kind::Label, "An answer of the usual kind.";
    DATA = "ocsp.tbsResponseData_element", Kind::Label, "What the responder signed.";
    VERSION = "ocsp.version", Kind::Signed, "The version of the answer; 0 is version 1.";
    RESPONDER = "ocsp.responderID", DECIMAL, "How the responder is told: 1 by its name, 2 by its key.";
    BY_NAME = "ocsp.byName", DECIMAL, "The responder's name; always 0, its parts are told by x509if and x509sat.";
    BY_KEY = "ocsp.byKey", Kind::Bytes, "The SHA-1 hash of the responder's key.";
    PRODUCED = "ocsp.producedAt", Kind::AbsoluteTime, "When the answer was signed.";
    RESPONSES = "ocsp.responses", DECIMAL, "Of how many certificates the answer tells.";
    SINGLE = "ocsp.SingleResponse_element", Kind::Label, "What is said of one certificate.";
    CERTIFICATE_ID = "ocsp.certID_element", Kind::Label, "Which certificate it is.";
    HASH_ALGORITHM = "ocsp.hashAlgorithm_element", Kind::Label, "With which hash the issuer is told.";
    ISSUER_NAME_HASH = "ocsp.issuerNameHash", Kind::Bytes, "The hash of the issuer's name.";
    ISSUER_KEY_HASH = "ocsp.issuerKeyHash", Kind::Bytes, "The hash of the issuer's key.";
    SERIAL_NUMBER = "ocsp.serialNumber", Kind::Bytes, "The serial number of the certificate.";
    CERTIFICATE_STATUS = "ocsp.certStatus", DECIMAL, "What is known of it: 0 good, 1 revoked, 2 unknown.";
    GOOD = "ocsp.good_element", Kind::Label, "The certificate is not revoked.";
    REVOKED = "ocsp.revoked_element", Kind::Label, "The certificate is revoked.";
    REVOCATION_TIME = "ocsp.revocationTime", Kind::AbsoluteTime, "When it was revoked.";
    REVOCATION_REASON = "ocsp.revocationReason", DECIMAL, "Why it was revoked.";
    UNKNOWN = "ocsp.unknown_element", Kind::Label, "The responder does not know the certificate.";
    THIS_UPDATE = "ocsp.thisUpdate", Kind::AbsoluteTime, "From when the answer is true.";
    NEXT_UPDATE = "ocsp.nextUpdate", Kind::AbsoluteTime, "Until when the answer is true.";
    SINGLE_EXTENSIONS = "ocsp.singleExtensions", DECIMAL, "How many extensions are about this certificate.";
    RESPONSE_EXTENSIONS = "ocsp.responseExtensions", DECIMAL, "How many extensions are about the answer.";
    EXTENSION = "pkix1explicit.Extension_element", Kind::Label, "An extension of an answer.";
    EXTENSION_ID = "pkix1explicit.id", Kind::Oid, "Which extension it is.";
    EXTENSION_CRITICAL = "pkix1explicit.critical", Kind::Boolean, "Whether who does not know the extension must refuse the answer.";
    ARCHIVE_CUTOFF = "ocsp.ArchiveCutoff", Kind::AbsoluteTime, "Until when back the responder knows of revocations.";
    ACCEPTABLE = "ocsp.AcceptableResponses", DECIMAL, "How many kinds of answer are taken.";
    ACCEPTABLE_ONE = "ocsp.AcceptableResponses_item", Kind::Oid, "A kind of answer that is taken.";
    NO_CHECK = "ocsp.NULL_element", Kind::Label, "The responder's own certificate need not be checked for revocation.";
    SIGNATURE_ALGORITHM = "ocsp.signatureAlgorithm_element", Kind::Label, "How the answer is signed.";
    SIGNATURE = "ocsp.signature", Kind::Bytes, "The responder's signature.";
    CERTIFICATES = "ocsp.certs", DECIMAL, "How many certificates come with the answer.";
    ONE_CERTIFICATE = "ocsp.Certificate_element", Kind::Label, "A certificate that comes with the answer.";
}

/// An OCSP response.
pub(super) static RESPONSE: Shape = Shape::Parts(&[
    Member(0x0a, &Shape::Value(&STATUS)),
    Member(0xa0, &Shape::Inside(&Shape::By(response_bytes))),
]);

fn response_bytes(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&RESPONSE_BYTES);
    let mut parts = Elements::new(element.content);
    let Some(oid) = parts.next() else { return };
    let kind = Oid::from_content(oid.content).to_string();
    let is_basic = kind == "1.3.6.1.5.5.7.48.1.1";
    told.put(&RESPONSE_TYPE, Value::Text(kind.into()));
    if let Some(answer) = parts.next().filter(|_| is_basic) {
        ANSWER.tell_first(answer.content, told);
    }
}

static ANSWER: Shape = Shape::Sequence(
    &BASIC,
    &[
        Member(0x30, &Shape::Sequence(&DATA, PARTS_OF_DATA)),
        Member(0x30, &Shape::Algorithm(&SIGNATURE_ALGORITHM)),
        Member(0x03, &Shape::Bits(&SIGNATURE, &[])),
        Member(0xa0, &Shape::Inside(&Shape::List(&CERTIFICATES, &Shape::By(certificate)))),
    ],
);

const PARTS_OF_DATA: &[Member] = &[
    Member(0xa0, &Shape::Inside(&Shape::Value(&VERSION))),
    Member(0xa1, &Shape::Inside(&Shape::By(responder_by_name))),
    Member(0xa2, &Shape::Inside(&Shape::By(responder_by_key))),
    Member(0x18, &Shape::Time(&PRODUCED)),
    Member(0x30, &Shape::List(&RESPONSES, &Shape::Sequence(&SINGLE, PARTS_OF_SINGLE))),
    Member(0xa1, &Shape::Inside(&Shape::List(&RESPONSE_EXTENSIONS, &Shape::By(one_extension)))),
];

const PARTS_OF_SINGLE: &[Member] = &[
    Member(0x30, &Shape::Sequence(&CERTIFICATE_ID, PARTS_OF_ID)),
    Member(0x80, &Shape::By(|_, told| tell_status(0, &GOOD, told))),
    Member(0xa1, &Shape::By(revoked)),
    Member(0x82, &Shape::By(|_, told| tell_status(2, &UNKNOWN, told))),
    Member(0x18, &Shape::Time(&THIS_UPDATE)),
    Member(0xa0, &Shape::Inside(&Shape::Time(&NEXT_UPDATE))),
    Member(0xa1, &Shape::Inside(&Shape::List(&SINGLE_EXTENSIONS, &Shape::By(one_extension)))),
];

const PARTS_OF_ID: &[Member] = &[
    Member(0x30, &Shape::Algorithm(&HASH_ALGORITHM)),
    Member(0x04, &Shape::Value(&ISSUER_NAME_HASH)),
    Member(0x04, &Shape::Value(&ISSUER_KEY_HASH)),
    Member(0x02, &Shape::Value(&SERIAL_NUMBER)),
];

static REVOCATION: Shape = Shape::Parts(&[
    Member(0x18, &Shape::Time(&REVOCATION_TIME)),
    Member(0xa0, &Shape::Inside(&Shape::Value(&REVOCATION_REASON))),
]);

fn responder_by_name(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_number(&RESPONDER, 1_u8);
    told.put_number(&BY_NAME, 0_u8);
    NAME.tell(element, told);
}

fn responder_by_key(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_number(&RESPONDER, 2_u8);
    told.put_bytes(&BY_KEY, element.content);
}

fn tell_status(status: u8, label: &'static super::Field, told: &mut Told<'_>) {
    told.put_number(&CERTIFICATE_STATUS, status);
    told.put_label(label);
}

fn revoked(element: &Element<'_>, told: &mut Told<'_>) {
    tell_status(1, &REVOKED, told);
    REVOCATION.tell(element, told);
}

fn certificate(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&ONE_CERTIFICATE);
    CERTIFICATE.tell(element, told);
}

fn one_extension(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&EXTENSION);
    extension::tell_one(element, &EXTENSION_ID, &EXTENSION_CRITICAL, told);
}

/// The shape of an extension of an answer, or of a responder's certificate, by the last part of its object identifier.
pub(super) fn extension_shape(last: &str) -> Option<&'static Shape> {
    static ACCEPTABLES: Shape = Shape::List(&ACCEPTABLE, &Shape::Value(&ACCEPTABLE_ONE));
    Some(match last {
        "4" => &ACCEPTABLES,
        "5" => const { &Shape::Label(&NO_CHECK) },
        "6" => const { &Shape::Time(&ARCHIVE_CUTOFF) },
        _ => return None,
    })
}
