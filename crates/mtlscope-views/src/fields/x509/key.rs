//! `pkcs1`, and of DSA `x509af`: keys, and the parameters of algorithms.

use mtlscope_dissect::x509::der::Element;

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::shape::{Member, Shape};

fields! {
    MODULUS = "pkcs1.modulus", Kind::Bytes, "The modulus of an RSA key.";
    PUBLIC_EXPONENT = "pkcs1.publicExponent", Kind::Signed, "The public exponent of an RSA key.";
    EC_PARAMETERS = "pkcs1.ECParameters", DECIMAL, "How the curve of a key is told: 1 by its name.";
    NAMED_CURVE = "pkcs1.namedCurve", Kind::Oid, "The curve of a key.";
    SPECIFIED_CURVE = "pkcs1.specifiedCurve_element", Kind::Label, "A curve that is written out.";
    VERSION = "pkcs1.version", Kind::Signed, "The version of a curve's description.";
    FIELD_ID = "pkcs1.fieldID_element", Kind::Label, "The field of a curve.";
    FIELD_TYPE = "pkcs1.fieldType", Kind::Oid, "Which kind of field it is.";
    CURVE = "pkcs1.curve_element", Kind::Label, "The equation of a curve.";
    A = "pkcs1.a", Kind::Bytes, "A number of the equation.";
    B = "pkcs1.b", Kind::Bytes, "A number of the equation.";
    SEED = "pkcs1.seed", Kind::Bytes, "What the curve was made from.";
    BASE = "pkcs1.base", Kind::Bytes, "The base point of a curve.";
    COFACTOR = "pkcs1.cofactor", Kind::Signed, "The cofactor of a curve.";
    DSS_PARAMETERS = "x509af.DSS_Params_element", Kind::Label, "The parameters of a DSA key.";
    DSS_P = "x509af.p", Kind::Bytes, "The prime of a DSA key.";
    DSS_Q = "x509af.q", Kind::Bytes, "The prime that divides the other less one.";
    DSS_G = "x509af.g", Kind::Bytes, "The generator of a DSA key.";
    PSS_PARAMETERS = "pkcs1.RSASSA_PSS_params_element", Kind::Label, "The parameters of RSA-PSS.";
    PSS_HASH = "pkcs1.hashAlgorithm_element", Kind::Label, "The hash of RSA-PSS.";
    PSS_MASK = "pkcs1.maskGenAlgorithm_element", Kind::Label, "The mask function of RSA-PSS.";
    PSS_SALT = "pkcs1.saltLength", Kind::Signed, "The length of RSA-PSS's salt.";
    PSS_TRAILER = "pkcs1.trailerField", Kind::Signed, "The trailer of RSA-PSS; always 1.";
    MASK_HASH = "pkcs1.HashAlgorithm_element", Kind::Label, "The hash of a mask function.";
}

/// The algorithm of RSA keys.
pub(super) const RSA: &str = "1.2.840.113549.1.1.1";

/// An RSA key.
pub(super) static RSA_KEY: Shape =
    Shape::Parts(&[Member(0x02, &Shape::Value(&MODULUS)), Member(0x02, &Shape::Value(&PUBLIC_EXPONENT))]);

static CURVES: Shape = Shape::Choice(
    &EC_PARAMETERS,
    &[Member(0x30, &Shape::Sequence(&SPECIFIED_CURVE, SPECIFIED)), Member(0x06, &Shape::Value(&NAMED_CURVE))],
);

const SPECIFIED: &[Member] = &[
    Member(0x02, &Shape::Value(&VERSION)),
    Member(0x30, &Shape::Sequence(&FIELD_ID, &[Member(0x06, &Shape::Value(&FIELD_TYPE))])),
    Member(
        0x30,
        &Shape::Sequence(
            &CURVE,
            &[
                Member(0x04, &Shape::Value(&A)),
                Member(0x04, &Shape::Value(&B)),
                Member(0x03, &Shape::Bits(&SEED, &[])),
            ],
        ),
    ),
    Member(0x04, &Shape::Value(&BASE)),
    // The order is too long for a number, and Wireshark does not show it by its name.
    Member(0x02, &Shape::By(|_, _| ())),
    Member(0x02, &Shape::Value(&COFACTOR)),
];

static PSS: Shape = Shape::Sequence(
    &PSS_PARAMETERS,
    &[
        Member(0xa0, &Shape::Inside(&Shape::Algorithm(&PSS_HASH))),
        Member(0xa1, &Shape::Inside(&Shape::Algorithm(&PSS_MASK))),
        Member(0xa2, &Shape::Inside(&Shape::Value(&PSS_SALT))),
        Member(0xa3, &Shape::Inside(&Shape::Value(&PSS_TRAILER))),
    ],
);

static DSS: Shape = Shape::Sequence(
    &DSS_PARAMETERS,
    &[
        Member(0x02, &Shape::Value(&DSS_P)),
        Member(0x02, &Shape::Value(&DSS_Q)),
        Member(0x02, &Shape::Value(&DSS_G)),
    ],
);

static MASK: Shape = Shape::Algorithm(&MASK_HASH);

/// Tells of the parameters of an algorithm, where there is something to tell.
pub(super) fn parameters(algorithm: &str, element: &Element<'_>, told: &mut Told<'_>) {
    match algorithm {
        "1.2.840.10045.2.1" => CURVES.tell(element, told),
        "1.2.840.10040.4.1" => DSS.tell(element, told),
        "1.2.840.113549.1.1.10" => PSS.tell(element, told),
        "1.2.840.113549.1.1.8" => MASK.tell(element, told),
        _ => {}
    }
}
