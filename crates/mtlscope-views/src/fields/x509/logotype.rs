//! `logotypecertextn`: pictures of issuers in old certificates. RFC 3709 section 4.1.

use super::super::Kind;
use super::super::named::{DECIMAL, fields};
use super::shape::{Member, Shape};

fields! {
    EXTENSION = "logotypecertextn.LogotypeExtn_element", Kind::Label, "Pictures that stand for those in the certificate.";
    ISSUER_LOGO = "logotypecertextn.issuerLogo", DECIMAL, "How the issuer's picture is told: 0 directly.";
    SUBJECT_LOGO = "logotypecertextn.subjectLogo", DECIMAL, "How the subject's picture is told: 0 directly.";
    DIRECT = "logotypecertextn.direct_element", Kind::Label, "What there is to see and hear.";
    IMAGES = "logotypecertextn.image", DECIMAL, "How many pictures there are.";
    IMAGE = "logotypecertextn.LogotypeImage_element", Kind::Label, "A picture.";
    DETAILS = "logotypecertextn.imageDetails_element", Kind::Label, "What the picture is and where.";
    MEDIA_TYPE = "logotypecertextn.mediaType", Kind::Text, "The media type of the picture.";
    HASHES = "logotypecertextn.logotypeHash", DECIMAL, "How many hashes of the picture there are.";
    HASH = "logotypecertextn.HashAlgAndValue_element", Kind::Label, "A hash of the picture.";
    HASH_ALGORITHM = "logotypecertextn.hashAlg_element", Kind::Label, "Which hash it is.";
    HASH_VALUE = "logotypecertextn.hashValue", Kind::Bytes, "The hash.";
    URIS = "logotypecertextn.logotypeURI", DECIMAL, "At how many places the picture can be had.";
    URI = "logotypecertextn.logotypeURI_item", Kind::Text, "Where the picture can be had.";
}

/// The extension.
pub(super) static LOGOTYPE: Shape = Shape::Sequence(
    &EXTENSION,
    &[
        Member(0xa1, &Shape::Inside(&Shape::Choice(&ISSUER_LOGO, KINDS))),
        Member(0xa2, &Shape::Inside(&Shape::Choice(&SUBJECT_LOGO, KINDS))),
    ],
);

const KINDS: &[Member] = &[Member(0xa0, &Shape::Sequence(&DIRECT, DATA))];

const DATA: &[Member] = &[Member(
    0x30,
    &Shape::List(
        &IMAGES,
        &Shape::Sequence(&IMAGE, &[Member(0x30, &Shape::Sequence(&DETAILS, PARTS_OF_DETAILS))]),
    ),
)];

const PARTS_OF_DETAILS: &[Member] = &[
    Member(0x16, &Shape::Text(&MEDIA_TYPE)),
    Member(0x30, &Shape::List(&HASHES, &Shape::Sequence(&HASH, PARTS_OF_HASH))),
    Member(0x30, &Shape::List(&URIS, &Shape::Text(&URI))),
];

const PARTS_OF_HASH: &[Member] =
    &[Member(0x30, &Shape::Algorithm(&HASH_ALGORITHM)), Member(0x04, &Shape::Value(&HASH_VALUE))];
