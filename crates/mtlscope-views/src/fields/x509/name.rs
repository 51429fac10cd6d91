//! `x509if`, `x509sat`: names, and the text in them.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{self, Element, Elements};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::shape::{Member, Shape};

fields! {
    RDN_SEQUENCE = "x509if.rdnSequence", DECIMAL, "How many parts a name has; of a subject, x509af.rdnSequence tells.";
    RDN = "x509if.RDNSequence_item", DECIMAL, "How many attributes a part of a name has: mostly one.";
    ATTRIBUTE = "x509if.RelativeDistinguishedName_item_element", Kind::Label, "An attribute in a name.";
    ATTRIBUTE_TYPE = "x509if.oid", Kind::Oid, "Which attribute it is: 2.5.4.3 is the common name.";
    COUNTRY_NAME = "x509sat.CountryName", Kind::Text, "A country.";
    DIRECTORY_STRING = "x509sat.DirectoryString", DECIMAL, "Which kind of string an attribute is.";
    TELETEX = "x509sat.teletexString", Kind::Text, "Text of an attribute, in an old alphabet.";
    PRINTABLE = "x509sat.printableString", Kind::Text, "Text of an attribute, in letters, digits and a few signs.";
    UNIVERSAL = "x509sat.universalString", Kind::Text, "Text of an attribute, four bytes a character.";
    BMP = "x509sat.bmpString", Kind::Text, "Text of an attribute, two bytes a character.";
    UTF8 = "x509sat.uTF8String", Kind::Text, "Text of an attribute, in UTF-8.";
    PRINTABLE_ALONE = "x509sat.PrintableString", Kind::Text, "Text of an attribute that is always printable, as a serial number.";
    IA5_ALONE = "x509sat.IA5String", Kind::Text, "Text of an attribute that is always ASCII, as a mail address.";
    BMP_ALONE = "x509sat.BMPString", Kind::Text, "The name of a template of Microsoft's certificate services.";
    UTF8_ALONE = "x509sat.UTF8String", Kind::Text, "A user principal name of Microsoft.";
    INTEGER_ALONE = "x509sat.Integer", Kind::Signed, "The version of a certificate authority of Microsoft's.";
    UTC_ALONE = "x509sat.UTCTime", Kind::Text, "When a list of revoked certificates is to come next, by Microsoft's services.";
    OCTETS_ALONE = "x509sat.OctetString", Kind::Bytes, "The hash of the certificate before, of an authority of Microsoft's.";
}

static STRINGS: &[Member] = &[
    Member(0x14, &Shape::Text(&TELETEX)),
    Member(0x13, &Shape::Text(&PRINTABLE)),
    Member(0x1c, &Shape::Text(&UNIVERSAL)),
    Member(0x1e, &Shape::Text(&BMP)),
    Member(0x0c, &Shape::Text(&UTF8)),
];

/// What a Name is made of, without its number of parts.
pub(super) static PARTS: Shape = Shape::List(&RDN, &Shape::By(attribute));

/// A Name, of which there is only one kind: a list of parts.
pub(super) static NAME: Shape = Shape::List(&RDN_SEQUENCE, &PARTS);

/// Tells of a name that stands alone: of its parts only.
pub(super) fn tell(der: &[u8], told: &mut Told<'_>) {
    let Some((name, _)) = der::element(der) else { return };
    for part in Elements::new(name.content) {
        PARTS.tell(&part, told);
    }
}

fn attribute(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&ATTRIBUTE);
    let mut parts = Elements::new(element.content);
    let Some(oid) = parts.next() else { return };
    told.put_bytes(&ATTRIBUTE_TYPE, oid.content);
    let Some(value) = parts.next() else { return };
    let shape = match &*Oid::from_content(oid.content).to_string() {
        // countryName, jurisdictionCountryName
        "2.5.4.6" | "1.3.6.1.4.1.311.60.2.1.3" => Shape::Text(&COUNTRY_NAME),
        // serialNumber, dnQualifier
        "2.5.4.5" | "2.5.4.46" => Shape::Text(&PRINTABLE_ALONE),
        // emailAddress, domainComponent
        "1.2.840.113549.1.9.1" | "0.9.2342.19200300.100.1.25" => Shape::Text(&IA5_ALONE),
        "2.5.4.3"
        | "2.5.4.4"
        | "2.5.4.7"
        | "2.5.4.8"
        | "2.5.4.9"
        | "2.5.4.10"
        | "2.5.4.11"
        | "2.5.4.12"
        | "2.5.4.13"
        | "2.5.4.15"
        | "2.5.4.17"
        | "2.5.4.18"
        | "2.5.4.41"
        | "2.5.4.42"
        | "2.5.4.43"
        | "2.5.4.44"
        | "2.5.4.65"
        | "1.3.6.1.4.1.311.60.2.1.1"
        | "1.3.6.1.4.1.311.60.2.1.2"
        | "0.9.2342.19200300.100.1.1" => Shape::Choice(&DIRECTORY_STRING, STRINGS),
        _ => return,
    };
    shape.tell(&value, told);
}
