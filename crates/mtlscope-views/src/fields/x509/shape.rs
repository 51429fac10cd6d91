//! The shapes of ASN.1 structures, as tables: which of Wireshark's fields tells of which element.
//!
//! DER says of each element only its tag and its length; the shape says what it is. An element that does not fit its shape is
//! passed over, and the reading goes on behind it.

use mtlscope_dissect::x509::der::{self, Element, Elements};

use super::super::named::{DECIMAL, Told, fields};
use super::super::{Field, Kind, Value};
use super::{certificate, strings};

fields! {
    BITSTRING_PADDING = "ber.bitstring.padding", DECIMAL, "How many bits at the end of a BIT STRING do not count.";
}

/// What an element is.
pub(super) enum Shape {
    /// There, without a value.
    Label(&'static Field),
    /// A value.
    Value(&'static Field),
    /// A whole number that has no sign.
    Count(&'static Field),
    /// Text, by the alphabet that its tag names.
    Text(&'static Field),
    /// A UTCTime or GeneralizedTime.
    Time(&'static Field),
    /// SEQUENCE or SET.
    Sequence(&'static Field, &'static [Member]),
    /// SEQUENCE or SET that no field tells of.
    Parts(&'static [Member]),
    /// SEQUENCE OF or SET OF; the field tells how many.
    List(&'static Field, &'static Shape),
    /// CHOICE; the field tells which, counted from 0.
    Choice(&'static Field, &'static [Member]),
    /// A BIT STRING; its first bits are told one by one.
    Bits(&'static Field, &'static [&'static Field]),
    /// An AlgorithmIdentifier.
    Algorithm(&'static Field),
    /// What stands inside, in an element of its own.
    Inside(&'static Shape),
    /// What another element says this is.
    By(fn(&Element<'_>, &mut Told<'_>)),
}

/// A part of a structure: its tag, with its class and its constructed bit, and what it is.
pub(super) struct Member(pub(super) u8, pub(super) &'static Shape);

/// Any tag: of the few parts whose type something else tells.
pub(super) const ANY: u8 = 0;

impl Shape {
    /// Tells of an element of this shape.
    pub(super) fn tell(&self, element: &Element<'_>, told: &mut Told<'_>) {
        let content = element.content;
        match self {
            Self::Label(field) => told.put_label(field),
            Self::Value(field) => told.put_bytes(field, content),
            Self::Count(field) => told.put_bytes(
                field,
                content.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(content),
            ),
            Self::Text(field) => told.put(field, Value::Text(strings::text(element.tag, content).into())),
            Self::Time(field) => {
                if let Some(value) = strings::time(field.kind == Kind::Text, content) {
                    told.put(field, value);
                }
            }
            Self::Sequence(field, members) => {
                told.put_label(field);
                tell_members(members, content, told);
            }
            Self::Parts(members) => tell_members(members, content, told),
            Self::List(field, shape) => {
                told.put_number(field, Elements::new(content).count() as u64);
                for element in Elements::new(content) {
                    shape.tell(&element, told);
                }
            }
            Self::Choice(field, members) => {
                let chosen = members.iter().position(|member| member.fits(element.tag));
                if let Some(chosen) = chosen {
                    told.put_number(field, chosen as u64);
                    members[chosen].1.tell(element, told);
                }
            }
            Self::Bits(field, names) => tell_bits(field, names, content, told),
            Self::Algorithm(field) => {
                told.put_label(field);
                certificate::algorithm(content, told);
            }
            Self::Inside(shape) => {
                if let Some((inner, _)) = der::element(content) {
                    shape.tell(&inner, told);
                }
            }
            Self::By(tell) => tell(element, told),
        }
    }

    /// Tells of the first element of these bytes.
    pub(super) fn tell_first(&self, bytes: &[u8], told: &mut Told<'_>) {
        if let Some((element, _)) = der::element(bytes) {
            self.tell(&element, told);
        }
    }
}

impl Member {
    fn fits(&self, tag: u8) -> bool {
        self.0 == ANY || self.0 == tag
    }
}

/// Tells of the parts of a structure; those that are not there are passed over.
fn tell_members(mut members: &[Member], content: &[u8], told: &mut Told<'_>) {
    for element in Elements::new(content) {
        let Some(place) = members.iter().position(|member| member.fits(element.tag)) else { continue };
        members[place].1.tell(&element, told);
        members = &members[place + 1..];
    }
}

/// The bytes of a BIT STRING, and each bit that has a name: also those that it is too short for, which are not set.
fn tell_bits(field: &'static Field, names: &[&'static Field], content: &[u8], told: &mut Told<'_>) {
    let Some((unused, bits)) = content.split_first() else { return };
    told.put_number(&BITSTRING_PADDING, *unused);
    told.put_bytes(field, bits);
    for (bit, name) in names.iter().enumerate() {
        let is_set = bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
        told.put(name, Value::Boolean(is_set));
    }
}
