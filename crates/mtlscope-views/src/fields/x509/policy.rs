//! Policies under which a certificate was given, and where to ask about it: `x509ce`, `pkix1explicit`, `pkix1implicit`. RFC 5280 section
//! 4.2.1.4 and 4.2.2.1.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{Element, Elements};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::general_name;
use super::shape::{ANY, Member, Shape};

fields! {
    POLICIES = "x509ce.CertificatePoliciesSyntax", DECIMAL, "How many policies the certificate names.";
    POLICY = "x509ce.PolicyInformation_element", Kind::Label, "A policy.";
    POLICY_ID = "x509ce.policyIdentifier", Kind::Oid, "Which policy it is.";
    QUALIFIERS = "x509ce.policyQualifiers", DECIMAL, "How many things are said of the policy.";
    QUALIFIER = "x509ce.PolicyQualifierInfo_element", Kind::Label, "Something said of a policy.";
    QUALIFIER_ID = "x509ce.id", Kind::Oid, "What is said of a policy: where it can be read, or a notice.";
    CPS_URI = "pkix1explicit.DirectoryString", Kind::Text, "Where a policy can be read.";
    USER_NOTICE = "pkix1implicit.UserNotice_element", Kind::Label, "A notice to be shown to people.";
    NOTICE_REFERENCE = "pkix1implicit.noticeRef_element", Kind::Label, "Where the notice stands.";
    ORGANIZATION = "pkix1implicit.organization", DECIMAL, "Which kind of string names who has written the notice.";
    NOTICE_NUMBERS = "pkix1implicit.noticeNumbers", DECIMAL, "How many numbers the notice has.";
    NOTICE_NUMBER = "pkix1implicit.noticeNumbers_item", Kind::Signed, "A number of the notice.";
    EXPLICIT_TEXT = "pkix1implicit.explicitText", DECIMAL, "Which kind of string the notice is.";
    IA5_STRING = "pkix1implicit.ia5String", Kind::Text, "Text of a notice, in ASCII.";
    VISIBLE_STRING = "pkix1implicit.visibleString", Kind::Text, "Text of a notice, in visible ASCII.";
    BMP_STRING = "pkix1implicit.bmpString", Kind::Text, "Text of a notice, two bytes a character.";
    UTF8_STRING = "pkix1implicit.utf8String", Kind::Text, "Text of a notice, in UTF-8.";
    ACCESS_SYNTAX = "pkix1implicit.AuthorityInfoAccessSyntax", DECIMAL, "How many places there are to ask about the certificate.";
    ACCESS = "pkix1implicit.AccessDescription_element", Kind::Label, "A place to ask about the certificate.";
    ACCESS_METHOD = "pkix1implicit.accessMethod", Kind::Oid, "What is to be had there: an OCSP response, the issuer.";
    ACCESS_LOCATION = "pkix1implicit.accessLocation", DECIMAL, "Which kind of name the place has: 6 is a URI.";
}

/// certificatePolicies.
pub(super) static CERTIFICATE_POLICIES: Shape = Shape::List(
    &POLICIES,
    &Shape::Sequence(
        &POLICY,
        &[
            Member(0x06, &Shape::Value(&POLICY_ID)),
            Member(0x30, &Shape::List(&QUALIFIERS, &Shape::By(qualifier))),
        ],
    ),
);

/// authorityInfoAccess.
pub(super) static AUTHORITY_INFO_ACCESS: Shape = Shape::List(
    &ACCESS_SYNTAX,
    &Shape::Sequence(
        &ACCESS,
        &[
            Member(0x06, &Shape::Value(&ACCESS_METHOD)),
            Member(ANY, &Shape::Choice(&ACCESS_LOCATION, general_name::KINDS)),
        ],
    ),
);

static NOTICE: Shape = Shape::Sequence(
    &USER_NOTICE,
    &[
        Member(0x30, &Shape::Sequence(&NOTICE_REFERENCE, REFERENCE)),
        Member(ANY, &Shape::Choice(&EXPLICIT_TEXT, TEXTS)),
    ],
);

const REFERENCE: &[Member] = &[
    Member(ANY, &Shape::Choice(&ORGANIZATION, TEXTS)),
    Member(0x30, &Shape::List(&NOTICE_NUMBERS, &Shape::Value(&NOTICE_NUMBER))),
];

const TEXTS: &[Member] = &[
    Member(0x16, &Shape::Text(&IA5_STRING)),
    Member(0x1a, &Shape::Text(&VISIBLE_STRING)),
    Member(0x1e, &Shape::Text(&BMP_STRING)),
    Member(0x0c, &Shape::Text(&UTF8_STRING)),
];

fn qualifier(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&QUALIFIER);
    let mut parts = Elements::new(element.content);
    let Some(oid) = parts.next() else { return };
    told.put_bytes(&QUALIFIER_ID, oid.content);
    let Some(value) = parts.next() else { return };
    match &*Oid::from_content(oid.content).to_string() {
        "1.3.6.1.5.5.7.2.1" => Shape::Text(&CPS_URI).tell(&value, told),
        "1.3.6.1.5.5.7.2.2" => NOTICE.tell(&value, told),
        _ => {}
    }
}
