//! `x509af`: a certificate. RFC 5280 section 4.1.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{Element, Elements};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::name::{NAME, PARTS};
use super::shape::{ANY, Member, Shape};
use super::{extension, key};

fields! {
    SIGNED = "x509af.signedCertificate_element", Kind::Label, "What the issuer signed of a certificate: all but the signature.";
    VERSION = "x509af.version", Kind::Signed, "The version of a certificate: 2 stands for version 3.";
    SERIAL_NUMBER = "x509af.serialNumber", Kind::Bytes, "The number by which the issuer knows the certificate.";
    SIGNATURE = "x509af.signature_element", Kind::Label, "How the certificate is signed, as the issuer signed it.";
    ALGORITHM_ID = "x509af.algorithm.id", Kind::Oid, "An algorithm: of a signature, a key, a hash.";
    ISSUER = "x509af.issuer", DECIMAL, "The issuer's name; always 0, its parts are told by x509if and x509sat.";
    VALIDITY = "x509af.validity_element", Kind::Label, "From when until when the certificate is valid.";
    NOT_BEFORE = "x509af.notBefore", DECIMAL, "From when: 0 where x509af.utcTime tells, 1 where x509af.generalizedTime does.";
    NOT_AFTER = "x509af.notAfter", DECIMAL, "Until when: 0 where x509af.utcTime tells, 1 where x509af.generalizedTime does.";
    UTC_TIME = "x509af.utcTime", Kind::Text, "A time before the year 2050: when the certificate begins or ends.";
    GENERALIZED_TIME = "x509af.generalizedTime", Kind::AbsoluteTime, "A time from the year 2050: when the certificate begins or ends.";
    SUBJECT = "x509af.subject", DECIMAL, "The subject's name; always 0, its parts are told by x509if and x509sat.";
    SUBJECT_SEQUENCE = "x509af.rdnSequence", DECIMAL, "How many parts the subject's name has.";
    KEY_INFO = "x509af.subjectPublicKeyInfo_element", Kind::Label, "The subject's key and its algorithm.";
    KEY_ALGORITHM = "x509af.algorithm_element", Kind::Label, "The algorithm of the subject's key.";
    KEY = "x509af.subjectPublicKey", Kind::Bytes, "The subject's key.";
    EXTENSIONS = "x509af.extensions", DECIMAL, "How many extensions the certificate has.";
    EXTENSION = "x509af.Extension_element", Kind::Label, "An extension of a certificate.";
    EXTENSION_ID = "x509af.extension.id", Kind::Oid, "Which extension it is: 2.5.29.17 is subjectAltName.";
    CRITICAL = "x509af.critical", Kind::Boolean, "Whether who does not know the extension must refuse the certificate.";
    ALGORITHM_IDENTIFIER = "x509af.algorithmIdentifier_element", Kind::Label, "How the certificate is signed, beside the signature.";
    ENCRYPTED = "x509af.encrypted", Kind::Bytes, "The issuer's signature.";
}

/// A certificate.
pub(super) static CERTIFICATE: Shape = Shape::Parts(&[
    Member(0x30, &Shape::Sequence(&SIGNED, PARTS_OF_SIGNED)),
    Member(0x30, &Shape::Algorithm(&ALGORITHM_IDENTIFIER)),
    Member(0x03, &Shape::Bits(&ENCRYPTED, &[])),
]);

const PARTS_OF_SIGNED: &[Member] = &[
    Member(0xa0, &Shape::Inside(&Shape::Value(&VERSION))),
    Member(0x02, &Shape::Value(&SERIAL_NUMBER)),
    Member(0x30, &Shape::Algorithm(&SIGNATURE)),
    Member(0x30, &Shape::By(issuer)),
    Member(0x30, &Shape::Sequence(&VALIDITY, PARTS_OF_VALIDITY)),
    Member(0x30, &Shape::By(subject)),
    Member(0x30, &Shape::By(key_info)),
    Member(0xa3, &Shape::Inside(&Shape::List(&EXTENSIONS, &Shape::By(one_extension)))),
];

const PARTS_OF_VALIDITY: &[Member] =
    &[Member(ANY, &Shape::Choice(&NOT_BEFORE, TIMES)), Member(ANY, &Shape::Choice(&NOT_AFTER, TIMES))];

const TIMES: &[Member] =
    &[Member(0x17, &Shape::Time(&UTC_TIME)), Member(0x18, &Shape::Time(&GENERALIZED_TIME))];

fn issuer(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_number(&ISSUER, 0_u8);
    NAME.tell(element, told);
}

fn subject(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_number(&SUBJECT, 0_u8);
    Shape::List(&SUBJECT_SEQUENCE, &PARTS).tell(element, told);
}

fn key_info(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&KEY_INFO);
    let mut parts = Elements::new(element.content);
    let Some(identifier) = parts.next() else { return };
    told.put_label(&KEY_ALGORITHM);
    let algorithm = algorithm(identifier.content, told);
    let Some(key) = parts.next() else { return };
    match key.content.split_first() {
        // Wireshark steps over the padding of an RSA key.
        Some((_unused, bits)) if algorithm == key::RSA => {
            told.put_bytes(&KEY, bits);
            key::RSA_KEY.tell_first(bits, told);
        }
        _ => Shape::Bits(&KEY, &[]).tell(&key, told),
    }
}

/// Tells of the inside of an AlgorithmIdentifier. Gives the algorithm.
pub(super) fn algorithm(content: &[u8], told: &mut Told<'_>) -> String {
    let mut parts = Elements::new(content);
    let Some(oid) = parts.next() else { return String::new() };
    told.put_bytes(&ALGORITHM_ID, oid.content);
    let algorithm = Oid::from_content(oid.content).to_string();
    if let Some(parameters) = parts.next() {
        key::parameters(&algorithm, &parameters, told);
    }
    algorithm
}

fn one_extension(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&EXTENSION);
    extension::tell_one(element, &EXTENSION_ID, &CRITICAL, told);
}
