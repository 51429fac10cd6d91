//! `x509ce`: extensions of certificates. RFC 5280 section 4.2.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{self, Element, Elements};

use super::super::named::{DECIMAL, Told, fields};
use super::super::tls::signed_certificate_timestamp;
use super::super::{Field, Kind};
use super::general_name::{self, GENERAL_NAMES, KINDS};
use super::name::{ATTRIBUTE, BMP_ALONE, INTEGER_ALONE, OCTETS_ALONE, UTC_ALONE};
use super::shape::{ANY, Member, Shape};
use super::{logotype, netscape, ocsp, policy};

fields! {
    BASIC_CONSTRAINTS = "x509ce.BasicConstraintsSyntax_element", Kind::Label, "Whether the subject is an authority.";
    CA = "x509ce.cA", Kind::Boolean, "Whether the subject is an authority.";
    PATH_LENGTH = "x509ce.pathLenConstraint", DECIMAL, "How many authorities may stand below this one.";
    AUTHORITY_KEY = "x509ce.AuthorityKeyIdentifier_element", Kind::Label, "Which key of the issuer has signed.";
    KEY_IDENTIFIER = "x509ce.keyIdentifier", Kind::Bytes, "The issuer's key, by its identifier.";
    AUTHORITY_ISSUER = "x509ce.authorityCertIssuer", DECIMAL, "Of whom the issuer has its certificate: how many names.";
    AUTHORITY_SERIAL = "x509ce.authorityCertSerialNumber", Kind::Bytes, "The serial number of the issuer's certificate.";
    SUBJECT_KEY = "x509ce.SubjectKeyIdentifier", Kind::Bytes, "The subject's key, by an identifier.";
    KEY_USAGE = "x509ce.KeyUsage", Kind::Bytes, "What the key may be used for, as bits.";
    DIGITAL_SIGNATURE = "x509ce.KeyUsage.digitalSignature", Kind::Boolean, "Whether the key may sign.";
    CONTENT_COMMITMENT = "x509ce.KeyUsage.contentCommitment", Kind::Boolean, "Whether the key may sign what cannot be denied.";
    KEY_ENCIPHERMENT = "x509ce.KeyUsage.keyEncipherment", Kind::Boolean, "Whether the key may encrypt keys.";
    DATA_ENCIPHERMENT = "x509ce.KeyUsage.dataEncipherment", Kind::Boolean, "Whether the key may encrypt data.";
    KEY_AGREEMENT = "x509ce.KeyUsage.keyAgreement", Kind::Boolean, "Whether the key may agree on secrets.";
    KEY_CERT_SIGN = "x509ce.KeyUsage.keyCertSign", Kind::Boolean, "Whether the key may sign certificates.";
    CRL_SIGN = "x509ce.KeyUsage.cRLSign", Kind::Boolean, "Whether the key may sign lists of revoked certificates.";
    ENCIPHER_ONLY = "x509ce.KeyUsage.encipherOnly", Kind::Boolean, "Whether secrets agreed on may only encrypt.";
    DECIPHER_ONLY = "x509ce.KeyUsage.decipherOnly", Kind::Boolean, "Whether secrets agreed on may only decrypt.";
    KEY_PURPOSES = "x509ce.KeyPurposeIDs", DECIMAL, "How many purposes the key may serve.";
    KEY_PURPOSE = "x509ce.KeyPurposeId", Kind::Oid, "A purpose: 1.3.6.1.5.5.7.3.2 is to be a client of TLS.";
    DISTRIBUTION_POINTS = "x509ce.CRLDistPointsSyntax", DECIMAL, "How many lists of revoked certificates there are.";
    DISTRIBUTION_POINT = "x509ce.DistributionPoint_element", Kind::Label, "A list of revoked certificates.";
    DISTRIBUTION_POINT_NAME = "x509ce.distributionPoint", DECIMAL, "How the place of the list is told: 0 in full.";
    FULL_NAME = "x509ce.fullName", DECIMAL, "How many names the place of the list has.";
    RELATIVE_NAME = "x509ce.nameRelativeToCRLIssuer", DECIMAL, "The place of the list, as a name below that of its issuer.";
    REASONS = "x509ce.reasons", Kind::Bytes, "For which reasons of revocation the list is.";
    CRL_ISSUER = "x509ce.cRLIssuer", DECIMAL, "Who gives the list: how many names.";
    NAME_CONSTRAINTS = "x509ce.NameConstraintsSyntax_element", Kind::Label, "For which names the authority may issue.";
    PERMITTED = "x509ce.permittedSubtrees", DECIMAL, "How many names it may issue for.";
    EXCLUDED = "x509ce.excludedSubtrees", DECIMAL, "How many names it may not issue for.";
    SUBTREE = "x509ce.GeneralSubtree_element", Kind::Label, "A name, and all below it.";
    SUBTREE_BASE = "x509ce.base", DECIMAL, "Which kind of name it is.";
    SUBTREE_MINIMUM = "x509ce.minimum", DECIMAL, "How far below the name it begins.";
    SUBTREE_MAXIMUM = "x509ce.maximum", DECIMAL, "How far below the name it ends.";
    POLICY_CONSTRAINTS = "x509ce.PolicyConstraintsSyntax_element", Kind::Label, "What is required of policies below the authority.";
    REQUIRE_POLICY = "x509ce.requireExplicitPolicy", DECIMAL, "After how many certificates a policy is required.";
    INHIBIT_MAPPING = "x509ce.inhibitPolicyMapping", DECIMAL, "After how many certificates policies may not be translated.";
    SKIP_CERTS = "x509ce.SkipCerts", DECIMAL, "After how many certificates \"any policy\" no longer counts.";
    POLICY_MAPPINGS = "x509ce.PolicyMappingsSyntax", DECIMAL, "How many policies are translated.";
    POLICY_MAPPING = "x509ce.PolicyMappingsSyntax_item_element", Kind::Label, "Two policies that are the same.";
    ISSUER_POLICY = "x509ce.issuerDomainPolicy", Kind::Oid, "A policy of the issuer.";
    SUBJECT_POLICY = "x509ce.subjectDomainPolicy", Kind::Oid, "The same policy, as the subject has it.";
    KEY_PERIOD = "x509ce.PrivateKeyUsagePeriod_element", Kind::Label, "From when until when the key may sign.";
    KEY_NOT_BEFORE = "x509ce.notBefore", Kind::AbsoluteTime, "From when the key may sign.";
    KEY_NOT_AFTER = "x509ce.notAfter", Kind::AbsoluteTime, "Until when the key may sign.";
    TEMPLATE = "x509ce.CertificateTemplate_element", Kind::Label, "The template of Microsoft's certificate services.";
    TEMPLATE_ID = "x509ce.templateID", Kind::Oid, "Which template it is.";
    TEMPLATE_MAJOR = "x509ce.templateMajorVersion", Kind::Signed, "The version of the template.";
    TEMPLATE_MINOR = "x509ce.templateMinorVersion", Kind::Signed, "The second part of the template's version.";
    ENTRUST = "x509ce.EntrustVersionInfo_element", Kind::Label, "With which software of Entrust the certificate was made.";
    ENTRUST_VERSION = "x509ce.entrustVers", Kind::Text, "The version of the software.";
    ENTRUST_FLAGS = "x509ce.entrustVersInfoFlags", Kind::Bytes, "What the software did, as bits.";
    ENTRUST_KEY_UPDATE = "x509ce.EntrustInfoFlags.keyUpdateAllowed", Kind::Boolean, "Whether the key may be renewed.";
    ENTRUST_NEW_EXTENSIONS = "x509ce.EntrustInfoFlags.newExtensions", Kind::Boolean, "Whether there are newer extensions.";
    ENTRUST_PKIX = "x509ce.EntrustInfoFlags.pKIXCertificate", Kind::Boolean, "Whether it is a certificate of the Internet's profile.";
    ENTRUST_ENTERPRISE = "x509ce.EntrustInfoFlags.enterpriseCategory", Kind::Boolean, "Whether it is for an enterprise.";
    ENTRUST_WEB = "x509ce.EntrustInfoFlags.webCategory", Kind::Boolean, "Whether it is for the web.";
    ENTRUST_SET = "x509ce.EntrustInfoFlags.sETCategory", Kind::Boolean, "Whether it is for payments.";
}

static NAMES: Shape = Shape::List(&GENERAL_NAMES, &general_name::ONE);

static CONSTRAINTS: Shape = Shape::Sequence(
    &BASIC_CONSTRAINTS,
    &[Member(0x01, &Shape::Value(&CA)), Member(0x02, &Shape::Count(&PATH_LENGTH))],
);

static AUTHORITY_KEY_IDENTIFIER: Shape = Shape::Sequence(
    &AUTHORITY_KEY,
    &[
        Member(0x80, &Shape::Value(&KEY_IDENTIFIER)),
        Member(0xa1, &Shape::List(&AUTHORITY_ISSUER, &general_name::ONE)),
        Member(0x82, &Shape::Value(&AUTHORITY_SERIAL)),
    ],
);

static USAGE: Shape = Shape::Bits(
    &KEY_USAGE,
    &[
        &DIGITAL_SIGNATURE,
        &CONTENT_COMMITMENT,
        &KEY_ENCIPHERMENT,
        &DATA_ENCIPHERMENT,
        &KEY_AGREEMENT,
        &KEY_CERT_SIGN,
        &CRL_SIGN,
        &ENCIPHER_ONLY,
        &DECIPHER_ONLY,
    ],
);

static PURPOSES: Shape = Shape::List(&KEY_PURPOSES, &Shape::Value(&KEY_PURPOSE));

static REVOCATION_LISTS: Shape = Shape::List(
    &DISTRIBUTION_POINTS,
    &Shape::Sequence(
        &DISTRIBUTION_POINT,
        &[
            Member(0xa0, &Shape::Inside(&Shape::Choice(&DISTRIBUTION_POINT_NAME, PLACES))),
            Member(0x81, &Shape::Bits(&REASONS, &[])),
            Member(0xa2, &Shape::List(&CRL_ISSUER, &general_name::ONE)),
        ],
    ),
);

const PLACES: &[Member] = &[
    Member(0xa0, &Shape::List(&FULL_NAME, &general_name::ONE)),
    Member(0xa1, &Shape::List(&RELATIVE_NAME, &Shape::Sequence(&ATTRIBUTE, &[]))),
];

static NAMES_ALLOWED: Shape = Shape::Sequence(
    &NAME_CONSTRAINTS,
    &[
        Member(0xa0, &Shape::List(&PERMITTED, &Shape::Sequence(&SUBTREE, SUBTREE_PARTS))),
        Member(0xa1, &Shape::List(&EXCLUDED, &Shape::Sequence(&SUBTREE, SUBTREE_PARTS))),
    ],
);

const SUBTREE_PARTS: &[Member] = &[
    Member(ANY, &Shape::Choice(&SUBTREE_BASE, KINDS)),
    Member(0x80, &Shape::Count(&SUBTREE_MINIMUM)),
    Member(0x81, &Shape::Count(&SUBTREE_MAXIMUM)),
];

static POLICIES_REQUIRED: Shape = Shape::Sequence(
    &POLICY_CONSTRAINTS,
    &[Member(0x80, &Shape::Count(&REQUIRE_POLICY)), Member(0x81, &Shape::Count(&INHIBIT_MAPPING))],
);

static MAPPINGS: Shape = Shape::List(
    &POLICY_MAPPINGS,
    &Shape::Sequence(
        &POLICY_MAPPING,
        &[Member(0x06, &Shape::Value(&ISSUER_POLICY)), Member(0x06, &Shape::Value(&SUBJECT_POLICY))],
    ),
);

static PERIOD: Shape = Shape::Sequence(
    &KEY_PERIOD,
    &[Member(0x80, &Shape::Time(&KEY_NOT_BEFORE)), Member(0x81, &Shape::Time(&KEY_NOT_AFTER))],
);

static MICROSOFT_TEMPLATE: Shape = Shape::Sequence(
    &TEMPLATE,
    &[
        Member(0x06, &Shape::Value(&TEMPLATE_ID)),
        Member(0x02, &Shape::Value(&TEMPLATE_MAJOR)),
        Member(0x02, &Shape::Value(&TEMPLATE_MINOR)),
    ],
);

static ENTRUST_VERSION_INFO: Shape = Shape::Sequence(
    &ENTRUST,
    &[
        Member(0x1b, &Shape::Text(&ENTRUST_VERSION)),
        Member(
            0x03,
            &Shape::Bits(
                &ENTRUST_FLAGS,
                &[
                    &ENTRUST_KEY_UPDATE,
                    &ENTRUST_NEW_EXTENSIONS,
                    &ENTRUST_PKIX,
                    &ENTRUST_ENTERPRISE,
                    &ENTRUST_WEB,
                    &ENTRUST_SET,
                ],
            ),
        ),
    ],
);

static TIMESTAMPS: Shape =
    Shape::By(|element: &Element<'_>, told| signed_certificate_timestamp::tell(element.content, told));

/// Tells of an extension; `id` and `critical` are the fields of its head.
pub(super) fn tell_one(
    element: &Element<'_>,
    id: &'static Field,
    critical: &'static Field,
    told: &mut Told<'_>,
) {
    let mut oid = String::new();
    for part in Elements::new(element.content) {
        match part.tag {
            0x06 => {
                told.put_bytes(id, part.content);
                oid = Oid::from_content(part.content).to_string();
            }
            0x01 => told.put_bytes(critical, part.content),
            0x04 => tell_content(&oid, part.content, told),
            _ => {}
        }
    }
}

fn tell_content(oid: &str, content: &[u8], told: &mut Told<'_>) {
    if let (Some(shape), Some((element, _))) = (shape(oid), der::element(content)) {
        shape.tell(&element, told);
    }
}

fn shape(oid: &str) -> Option<&'static Shape> {
    if let Some(last) = oid.strip_prefix("2.16.840.1.113730.1.") {
        return netscape::shape(last);
    }
    if let Some(last) = oid.strip_prefix("1.3.6.1.5.5.7.48.1.") {
        return ocsp::extension_shape(last);
    }
    Some(match oid {
        "2.5.29.14" => const { &Shape::Value(&SUBJECT_KEY) },
        "2.5.29.15" => &USAGE,
        "2.5.29.16" => &PERIOD,
        "2.5.29.17" | "2.5.29.18" => &NAMES,
        "2.5.29.19" => &CONSTRAINTS,
        "2.5.29.30" => &NAMES_ALLOWED,
        "2.5.29.31" | "2.5.29.46" => &REVOCATION_LISTS,
        "2.5.29.32" | "1.3.6.1.4.1.311.21.10" => &policy::CERTIFICATE_POLICIES,
        "2.5.29.33" => &MAPPINGS,
        "2.5.29.35" => &AUTHORITY_KEY_IDENTIFIER,
        "2.5.29.36" => &POLICIES_REQUIRED,
        "2.5.29.37" => &PURPOSES,
        "2.5.29.54" => const { &Shape::Count(&SKIP_CERTS) },
        "1.3.6.1.5.5.7.1.1" => &policy::AUTHORITY_INFO_ACCESS,
        "1.3.6.1.5.5.7.1.12" => &logotype::LOGOTYPE,
        "1.3.6.1.4.1.311.20.2" => const { &Shape::Text(&BMP_ALONE) },
        "1.3.6.1.4.1.311.21.1" => const { &Shape::Value(&INTEGER_ALONE) },
        "1.3.6.1.4.1.311.21.2" => const { &Shape::Value(&OCTETS_ALONE) },
        "1.3.6.1.4.1.311.21.4" => const { &Shape::Time(&UTC_ALONE) },
        "1.3.6.1.4.1.311.21.7" => &MICROSOFT_TEMPLATE,
        "1.3.6.1.4.1.11129.2.4.2" | "1.3.6.1.4.1.11129.2.4.5" => &TIMESTAMPS,
        "1.2.840.113533.7.65.0" => &ENTRUST_VERSION_INFO,
        _ => return None,
    })
}
