//! GeneralName, in `x509ce`: a name of any kind. RFC 5280 section 4.2.1.6.

use mtlscope_dissect::x509::Oid;
use mtlscope_dissect::x509::der::{Element, Elements};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::name::{NAME, UTF8_ALONE};
use super::shape::{Member, Shape};

fields! {
    GENERAL_NAMES = "x509ce.GeneralNames", DECIMAL, "How many names an extension has.";
    GENERAL_NAME = "x509ce.GeneralName", DECIMAL, "Which kind of name it is: 2 is dNSName.";
    OTHER_NAME = "x509ce.otherName_element", Kind::Label, "A name of a kind that an object identifier tells.";
    OTHER_NAME_TYPE = "x509ce.type_id", Kind::Oid, "Which kind of name it is.";
    RFC822_NAME = "x509ce.rfc822Name", Kind::Text, "A mail address.";
    DNS_NAME = "x509ce.dNSName", Kind::Text, "The name of a host.";
    X400_ADDRESS = "x509ce.x400Address_element", Kind::Label, "An address of X.400.";
    DIRECTORY_NAME = "x509ce.directoryName", DECIMAL, "A name as a subject has it; always 0.";
    EDI_PARTY_NAME = "x509ce.ediPartyName_element", Kind::Label, "A name of electronic data interchange.";
    URI = "x509ce.uniformResourceIdentifier", Kind::Text, "A URI.";
    IPV4 = "x509ce.IPAddress.ipv4", Kind::Ipv4, "An IPv4 address.";
    IPV6 = "x509ce.IPAddress.ipv6", Kind::Ipv6, "An IPv6 address.";
    REGISTERED_ID = "x509ce.registeredID", Kind::Oid, "An object identifier as a name.";
}

/// The kinds of name.
pub(super) static KINDS: &[Member] = &[
    Member(0xa0, &Shape::By(other_name)),
    Member(0x81, &Shape::Text(&RFC822_NAME)),
    Member(0x82, &Shape::Text(&DNS_NAME)),
    Member(0xa3, &Shape::Sequence(&X400_ADDRESS, &[])),
    Member(0xa4, &Shape::Inside(&DIRECTORY)),
    Member(0xa5, &Shape::Sequence(&EDI_PARTY_NAME, &[])),
    Member(0x86, &Shape::Text(&URI)),
    Member(0x87, &Shape::By(address)),
    Member(0x88, &Shape::Value(&REGISTERED_ID)),
];

/// One name.
pub(super) static ONE: Shape = Shape::Choice(&GENERAL_NAME, KINDS);

static DIRECTORY: Shape = Shape::By(|element, told| {
    told.put_number(&DIRECTORY_NAME, 0_u8);
    NAME.tell(element, told);
});

static PRINCIPAL: Shape = Shape::Inside(&Shape::Text(&UTF8_ALONE));

fn other_name(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_label(&OTHER_NAME);
    let mut parts = Elements::new(element.content);
    let Some(oid) = parts.next() else { return };
    told.put_bytes(&OTHER_NAME_TYPE, oid.content);
    // userPrincipalName
    if Oid::from_content(oid.content).to_string() == "1.3.6.1.4.1.311.20.2.3"
        && let Some(value) = parts.next()
    {
        PRINCIPAL.tell(&value, told);
    }
}

fn address(element: &Element<'_>, told: &mut Told<'_>) {
    told.put_bytes(if element.content.len() == 4 { &IPV4 } else { &IPV6 }, element.content);
}
