//! The name of a subject or an issuer. RFC 5280 section 4.1.2.4; as text, RFC 4514; compared, RFC 5280 section 7.1.
//!
//! ```text
//! Name ::= CHOICE { rdnSequence  RDNSequence }
//! RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
//! RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
//! AttributeTypeAndValue ::= SEQUENCE {
//!   type     AttributeType,
//!   value    AttributeValue }
//! ```

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::der::{self, Elements};
use super::oid::write_dotted;
use super::{Oid, Unreadable};
use crate::printable::{write_char_safely, write_escaped, write_safely};

/// A distinguished name. Equal where the DER is equal; see [`Name::matches`] for what RFC 5280 calls a match.
///
/// Cheap to clone. Its text, its hash and the form in which it is compared are made when first asked for, and once: the same
/// few names are shown and compared with every connection of a capture.
#[derive(Clone)]
pub struct Name(Arc<Shared>);

struct Shared {
    der: Box<[u8]>,
    text: OnceLock<Box<str>>,
    sha256: OnceLock<[u8; 32]>,
    folded: OnceLock<Box<[u8]>>,
}

/// One attribute of a name: a type and its value.
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    /// Which relative distinguished name it stands in, from 0 in the order of the DER. Those of a multi-valued one share it.
    pub rdn: usize,
    kind: &'a [u8],
    value: der::Element<'a>,
}

impl Name {
    /// From its DER. Fails where that is no RDNSequence, or where something follows it.
    pub fn from_der(der: &[u8]) -> Result<Self, Unreadable> {
        if is_rdn_sequence(der) {
            Ok(Self::from_read(der))
        } else {
            Err(Unreadable::because("a name that is no RDNSequence"))
        }
    }

    /// From DER that was already found to be a name.
    pub(super) fn from_read(der: &[u8]) -> Self {
        Self(Arc::new(Shared {
            der: der.into(),
            text: OnceLock::new(),
            sha256: OnceLock::new(),
            folded: OnceLock::new(),
        }))
    }

    /// Its DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of its DER.
    pub fn der_sha256(&self) -> [u8; 32] {
        *self.0.sha256.get_or_init(|| Sha256::digest(self.der()).into())
    }

    /// Whether it has no attribute: a subject whose names are all in the subjectAltName extension.
    pub fn is_empty(&self) -> bool {
        self.attributes().next().is_none()
    }

    /// Its attributes, in the order of the DER, which is from the widest to the narrowest.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.rdns().enumerate().flat_map(|(rdn, set)| attributes_of(rdn, set))
    }

    /// Its narrowest common name, safe to print.
    pub fn common_name(&self) -> Option<String> {
        const COMMON_NAME: &[u8] = &[0x55, 4, 3];
        let last = self.attributes().filter(|attribute| attribute.kind == COMMON_NAME).last()?;
        let mut text = String::new();
        write_safely(&mut text, &last.value()).ok()?;
        Some(text)
    }

    /// Whether two names are the same to RFC 5280 section 7.1: case does not count, nor do the kind of string or the
    /// number of spaces, nor the order within a multi-valued relative distinguished name.
    pub fn matches(&self, other: &Self) -> bool {
        self == other || self.folded() == other.folded()
    }

    /// Whether its widest parts are all of `base`, by the same comparison: what name constraints ask. A name is below
    /// itself, and everything is below the empty name.
    pub fn is_below(&self, base: &Self) -> bool {
        self.folded().starts_with(base.folded())
    }

    /// What two names that match have in common: of each relative distinguished name its length and its attributes, those of a
    /// multi-valued one in order, their values folded. Whole parts of it are those of a wider name.
    fn folded(&self) -> &[u8] {
        self.0.folded.get_or_init(|| {
            let mut folded = Vec::new();
            for set in self.rdns() {
                let mut attributes: Vec<Vec<u8>> = attributes_of(0, set).map(|one| fold(&one)).collect();
                attributes.sort_unstable();
                put_with_length(&mut folded, &attributes.concat());
            }
            folded.into()
        })
    }

    fn write_text(&self, f: &mut impl Write) -> fmt::Result {
        let sets: Vec<&[u8]> = self.rdns().collect();
        for (place, set) in sets.into_iter().rev().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            let attributes: Vec<Attribute<'_>> = attributes_of(0, set).collect();
            for (place, attribute) in attributes.iter().rev().enumerate() {
                if place > 0 {
                    f.write_str("+")?;
                }
                write_attribute(f, attribute)?;
            }
        }
        Ok(())
    }

    fn rdns(&self) -> impl Iterator<Item = &[u8]> {
        let content = der::element(self.der()).map(|(name, _)| name.content).unwrap_or_default();
        Elements::new(content).map(|set| set.content)
    }
}

impl<'a> Attribute<'a> {
    /// Its type.
    pub fn oid(&self) -> Oid {
        Oid::from_content(self.kind)
    }

    /// The short name of its type, as RFC 4514 or OpenSSL writes it: `CN`, `O`, `emailAddress`.
    pub fn short_name(&self) -> Option<&'static str> {
        SHORT_NAMES.iter().find(|(kind, _)| *kind == self.kind).map(|(_, name)| *name)
    }

    /// Its value as text, exactly as the peer chose it, so not safe to print; hex of the DER, behind `#`, where it is
    /// no string.
    pub fn value(&self) -> Cow<'a, str> {
        match text_of(&self.value) {
            Some(text) => text,
            None => Cow::Owned(format!("#{}", crate::reader::hex(self.value.whole))),
        }
    }

    /// The tag of its value: 12 UTF8String, 19 PrintableString, 20 T61String, 22 IA5String, 30 BMPString.
    pub fn tag(&self) -> u8 {
        self.value.tag
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_attribute(f, self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// RFC 4514: the narrowest first, as OpenSSL's `-nameopt RFC2253` also within a multi-valued part. What could attack a
/// terminal is escaped. An empty name prints nothing.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.text.get_or_init(|| {
            let mut text = String::new();
            // Writing to a string does not fail.
            let _ = self.write_text(&mut text);
            text.into()
        }))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

fn attributes_of(rdn: usize, set: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    Elements::new(set).filter_map(move |pair| {
        let mut parts = Elements::new(pair.content);
        Some(Attribute { rdn, kind: parts.next()?.content, value: parts.next()? })
    })
}

fn is_rdn_sequence(der: &[u8]) -> bool {
    /// Whether `bytes` are elements of this tag to their end, each of which passes.
    fn all(bytes: &[u8], tag: u8, passes: fn(&[u8]) -> bool) -> bool {
        let mut elements = Elements::new(bytes);
        elements.all(|element| element.tag == tag && passes(element.content)) && elements.rest.is_empty()
    }
    fn is_attribute(content: &[u8]) -> bool {
        let mut parts = Elements::new(content);
        parts.next().is_some_and(|kind| kind.tag == der::OBJECT_IDENTIFIER)
            && parts.next().is_some()
            && parts.rest.is_empty()
    }
    fn is_rdn(content: &[u8]) -> bool {
        !content.is_empty() && all(content, der::SEQUENCE, is_attribute)
    }
    matches!(der::element(der), Some((name, []))
        if name.tag == der::SEQUENCE && all(name.content, der::SET, is_rdn))
}

/// `type=value` as RFC 4514 section 2.3 writes it; a type without a short name takes its value as `#` and hex.
fn write_attribute(f: &mut impl Write, attribute: &Attribute<'_>) -> fmt::Result {
    match (attribute.short_name(), text_of(&attribute.value)) {
        (Some(name), Some(_)) => {
            f.write_str(name)?;
            f.write_char('=')?;
            write_value(f, &attribute.value)
        }
        (name, _) => {
            match name {
                Some(name) => f.write_str(name)?,
                None => write_dotted(f, attribute.kind)?,
            }
            f.write_str("=#")?;
            attribute.value.whole.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}

/// The escapes of RFC 4514 section 2.4, on what is UTF-8; bytes that are not are escaped one by one.
fn write_value(f: &mut impl Write, value: &der::Element<'_>) -> fmt::Result {
    if !is_utf8_like(value.tag) {
        let text = text_of(value).unwrap_or_default();
        return write_text(f, &text, true, true);
    }
    let mut starts = true;
    let mut chunks = value.content.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        let ends = chunk.invalid().is_empty() && chunks.peek().is_none();
        write_text(f, chunk.valid(), starts, ends)?;
        write_escaped(f, chunk.invalid())?;
        starts = false;
    }
    Ok(())
}

fn write_text(f: &mut impl Write, text: &str, starts: bool, ends: bool) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (place, c) in text.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{c}")?,
            '#' | ' ' if place == 0 && starts => write!(f, "\\{c}")?,
            ' ' if place == last && ends => f.write_str("\\ ")?,
            c => write_char_safely(f, c)?,
        }
    }
    Ok(())
}

const UTF8_STRING: u8 = 12;
const NUMERIC_STRING: u8 = 18;
const PRINTABLE_STRING: u8 = 19;
const T61_STRING: u8 = 20;
const IA5_STRING: u8 = 22;
const VISIBLE_STRING: u8 = 26;
const UNIVERSAL_STRING: u8 = 28;
const BMP_STRING: u8 = 30;

/// The string types whose bytes are UTF-8: by definition, or since they are ASCII, or since certificates in the field
/// put UTF-8 where only ASCII is allowed.
fn is_utf8_like(tag: u8) -> bool {
    matches!(tag, UTF8_STRING | NUMERIC_STRING | PRINTABLE_STRING | IA5_STRING | VISIBLE_STRING)
}

/// A value as text; `None` where it is no string. What is not of its encoding becomes U+FFFD.
fn text_of<'a>(value: &der::Element<'a>) -> Option<Cow<'a, str>> {
    let bytes = value.content;
    match value.tag {
        tag if is_utf8_like(tag) => Some(String::from_utf8_lossy(bytes)),
        // Nobody writes real T.61: OpenSSL and others mean Latin-1.
        T61_STRING => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        BMP_STRING => {
            let (units, odd) = bytes.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
            Some(text.chain((!odd.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect())
        }
        UNIVERSAL_STRING => {
            let (units, odd) = bytes.as_chunks::<4>();
            let text = units
                .iter()
                .map(|unit| char::from_u32(u32::from_be_bytes(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
            Some(text.chain((!odd.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

/// One attribute as it is compared: a string without regard to its kind, anything else as it stands.
fn fold(attribute: &Attribute<'_>) -> Vec<u8> {
    let mut folded = Vec::new();
    put_with_length(&mut folded, attribute.kind);
    match text_of(&attribute.value) {
        Some(text) => {
            folded.push(UTF8_STRING);
            put_with_length(&mut folded, fold_text(&text).as_bytes());
        }
        None => put_with_length(&mut folded, attribute.value.whole),
    }
    folded
}

fn put_with_length(folded: &mut Vec<u8>, part: &[u8]) {
    folded.extend_from_slice(&part.len().to_be_bytes());
    folded.extend_from_slice(part);
}

/// Lower case, no spaces around, one space where there were more.
fn fold_text(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

const SHORT_NAMES: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 4], "SN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "street"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "title"),
    (&[0x55, 4, 13], "description"),
    (&[0x55, 4, 15], "businessCategory"),
    (&[0x55, 4, 17], "postalCode"),
    (&[0x55, 4, 42], "GN"),
    (&[0x55, 4, 43], "initials"),
    (&[0x55, 4, 44], "generationQualifier"),
    (&[0x55, 4, 46], "dnQualifier"),
    (&[0x55, 4, 65], "pseudonym"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 1], "jurisdictionL"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 2], "jurisdictionST"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 3], "jurisdictionC"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const CN: &[u8] = &[0x55, 4, 3];
    const O: &[u8] = &[0x55, 4, 10];

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        tlv(der::SEQUENCE, &[tlv(der::OBJECT_IDENTIFIER, kind), tlv(tag, value)].concat())
    }

    fn name(rdns: &[&[Vec<u8>]]) -> Name {
        let sets: Vec<u8> = rdns.iter().flat_map(|set| tlv(der::SET, &set.concat())).collect();
        Name::from_der(&tlv(der::SEQUENCE, &sets)).unwrap()
    }

    fn common(tag: u8, value: &[u8]) -> Name {
        name(&[&[attribute(CN, tag, value)]])
    }

    #[test]
    fn prints_the_narrowest_first_and_joins_multi_valued_parts() {
        let n = name(&[
            &[attribute(O, PRINTABLE_STRING, b"Lab")],
            &[attribute(CN, UTF8_STRING, b"a"), attribute(O, UTF8_STRING, b"b")],
        ]);
        assert_eq!(n.to_string(), "O=b+CN=a,O=Lab");
        assert_eq!(n.common_name().as_deref(), Some("a"));
        let rdns: Vec<usize> = n.attributes().map(|a| a.rdn).collect();
        assert_eq!(rdns, [0, 1, 1]);
    }

    #[test]
    fn escapes_what_rfc_4514_says() {
        assert_eq!(
            common(UTF8_STRING, br#"a"b+c,d;e<f>g\h=i"#).to_string(),
            r#"CN=a\"b\+c\,d\;e\<f\>g\\h=i"#
        );
        assert_eq!(common(UTF8_STRING, b"# x ").to_string(), r"CN=\# x\ ");
        assert_eq!(common(UTF8_STRING, b" ").to_string(), r"CN=\ ");
        assert_eq!(common(UTF8_STRING, b"a#b").to_string(), "CN=a#b");
        assert_eq!(common(UTF8_STRING, b"").to_string(), "CN=");
    }

    #[test]
    fn cannot_attack_a_terminal() {
        assert_eq!(common(UTF8_STRING, b"\x1b[2Ja\0\n").to_string(), r"CN=\1B[2Ja\00\0A");
        assert_eq!(common(UTF8_STRING, "a\u{202e}b\u{9b}".as_bytes()).to_string(), r"CN=a\E2\80\AEb\C2\9B");
        assert_eq!(common(PRINTABLE_STRING, b"\xff\xfea").to_string(), r"CN=\FF\FEa");
        assert_eq!(common(UTF8_STRING, b"\x1b[2J").common_name().as_deref(), Some(r"\1B[2J"));
    }

    #[test]
    fn reads_every_kind_of_string() {
        assert_eq!(common(UTF8_STRING, "Zoë".as_bytes()).to_string(), "CN=Zoë");
        assert_eq!(common(T61_STRING, b"Zo\xeb").to_string(), "CN=Zoë");
        assert_eq!(common(BMP_STRING, &[0, b'Z', 0, 0xeb]).to_string(), "CN=Zë");
        assert_eq!(common(BMP_STRING, &[0xd8, 0, 7]).to_string(), "CN=\u{fffd}\u{fffd}");
        assert_eq!(common(UNIVERSAL_STRING, &[0, 1, 0xf6, 0]).to_string(), "CN=😀");
    }

    #[test]
    fn what_has_no_name_or_is_no_string_is_hex() {
        let unknown = name(&[&[attribute(&[0x55, 4, 0x7f], UTF8_STRING, b"x")]]);
        assert_eq!(unknown.to_string(), "2.5.4.127=#0c0178");
        assert_eq!(common(der::INTEGER, &[5]).to_string(), "CN=#020105");
    }

    #[test]
    fn matches_whatever_the_case_spaces_and_kind_of_string() {
        let a = common(PRINTABLE_STRING, b" Lab  Root CA ");
        let b = common(UTF8_STRING, b"lab root ca");
        assert!(a.matches(&b) && b.matches(&a));
        assert_ne!(a, b);
        assert!(!a.matches(&common(UTF8_STRING, b"labroot ca")));
        let two = name(&[&[attribute(CN, UTF8_STRING, b"a"), attribute(O, UTF8_STRING, b"b")]]);
        let swapped = name(&[&[attribute(O, UTF8_STRING, b"B"), attribute(CN, UTF8_STRING, b"A")]]);
        assert!(two.matches(&swapped));
        let apart = name(&[&[attribute(CN, UTF8_STRING, b"a")], &[attribute(O, UTF8_STRING, b"b")]]);
        assert!(!two.matches(&apart));
        let longer = name(&[&[attribute(CN, UTF8_STRING, b"a")], &[attribute(CN, UTF8_STRING, b"a")]]);
        assert!(!longer.matches(&common(UTF8_STRING, b"a")));
    }

    #[test]
    fn a_name_is_below_the_names_of_its_widest_parts() {
        let base = name(&[&[attribute(O, UTF8_STRING, b"lab")]]);
        let below = name(&[&[attribute(O, PRINTABLE_STRING, b"Lab")], &[attribute(CN, UTF8_STRING, b"x")]]);
        assert!(below.is_below(&base) && base.is_below(&base));
        assert!(!base.is_below(&below) && !common(UTF8_STRING, b"lab").is_below(&base));
    }

    #[test]
    fn an_empty_name_prints_nothing() {
        let empty = Name::from_der(&[0x30, 0]).unwrap();
        assert!(empty.is_empty());
        assert_eq!(empty.to_string(), "");
        assert_eq!(empty.common_name(), None);
    }

    #[test]
    fn every_prefix_and_every_changed_byte_survives() {
        let good = name(&[
            &[attribute(O, PRINTABLE_STRING, b"Lab")],
            &[attribute(CN, BMP_STRING, &[0, b'Z', 0, 0xeb])],
        ]);
        for length in 0..good.der().len() {
            assert!(Name::from_der(&good.der()[..length]).is_err(), "{length}");
        }
        let mut other = good.der().to_vec();
        for place in 0..other.len() {
            for value in 0..=255 {
                let was = std::mem::replace(&mut other[place], value);
                let unchecked = Name::from_read(&other);
                let _ = (unchecked.to_string(), unchecked.matches(&good), unchecked.common_name());
                other[place] = was;
            }
        }
    }
}
