//! What a certificate says besides subject, issuer, dates and key. RFC 5280 section 4.2.
//!
//! ```text
//! Extension  ::=  SEQUENCE  {
//!      extnID      OBJECT IDENTIFIER,
//!      critical    BOOLEAN DEFAULT FALSE,
//!      extnValue   OCTET STRING }
//! ```

mod authority_key_identifier;
mod basic_constraints;
mod key_usage;
mod name_constraints;

use std::ops::Range;

use x509_parser::asn1_rs::{self, FromDer};
use x509_parser::extensions::{
    DistributionPointName, GeneralName as ParsedName, ParsedExtension, X509Extension,
};

pub use authority_key_identifier::AuthorityKeyIdentifier;
pub use basic_constraints::BasicConstraints;
pub use key_usage::KeyUsage;
pub use name_constraints::NameConstraints;

use super::certificate::range_within;
use super::{GeneralName, Oid, SerialNumber, oid};

/// The extensions of a certificate, each where it was found and could be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Extensions {
    /// All of them, in the order of the certificate, also those we do not know.
    pub all: Vec<Extension>,
    /// What the key may do.
    pub key_usage: Option<KeyUsage>,
    /// What the certificate may be shown for; see [`oid`](super::oid).
    pub extended_key_usage: Option<Vec<Oid>>,
    /// Whether this is an authority.
    pub basic_constraints: Option<BasicConstraints>,
    /// Its other names. Empty where there are none.
    pub subject_alternative_names: Vec<GeneralName>,
    /// A short name of its key, mostly a hash.
    pub subject_key_identifier: Option<Box<[u8]>>,
    /// Which key of the issuer signed it.
    pub authority_key_identifier: Option<AuthorityKeyIdentifier>,
    /// Which names it may give out.
    pub name_constraints: Option<NameConstraints>,
    /// Where revocation lists are, URIs.
    pub crl_distribution_points: Vec<String>,
    /// Where an OCSP responder is, URIs.
    pub ocsp: Vec<String>,
    /// Where the issuer's certificate is, URIs.
    pub ca_issuers: Vec<String>,
    /// The policies it was issued under.
    pub certificate_policies: Vec<Oid>,
    /// Critical extensions that are none of RFC 5280: whoever does not know them must refuse the certificate.
    pub unknown_critical: Vec<Oid>,
}

/// One extension as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Which.
    pub oid: Oid,
    /// Whether one who does not know it must refuse the certificate.
    pub critical: bool,
    /// Where the content of extnValue stands in the certificate's DER.
    pub value: Range<usize>,
}

impl Extensions {
    /// Takes over what was parsed of the extensions of the certificate `der`; what could not be read is noted.
    pub(super) fn from_parsed(parsed: &[X509Extension<'_>], der: &[u8], notes: &mut Vec<String>) -> Self {
        let mut extensions = Self { all: Vec::with_capacity(parsed.len()), ..Self::default() };
        for extension in parsed {
            let oid = Oid::from_content(extension.oid.as_bytes());
            let critical = extension.critical;
            if extensions.all.iter().any(|earlier| earlier.oid == oid) {
                notes.push(format!("the extension {oid:?} is there twice; the first counts"));
            } else {
                extensions.take(extension, &oid, notes);
            }
            extensions.all.push(Extension { oid, critical, value: range_within(der, extension.value) });
        }
        extensions
    }

    fn take(&mut self, extension: &X509Extension<'_>, oid: &Oid, notes: &mut Vec<String>) {
        match extension.parsed_extension() {
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(KeyUsage::from_bits(usage.flags)),
            ParsedExtension::ExtendedKeyUsage(_) => self.extended_key_usage = purposes(extension.value),
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some(BasicConstraints {
                    ca: constraints.ca,
                    path_length: constraints.path_len_constraint,
                });
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                self.subject_alternative_names = names_of(&names.general_names);
            }
            ParsedExtension::SubjectKeyIdentifier(identifier) => {
                self.subject_key_identifier = Some(identifier.0.into());
            }
            ParsedExtension::AuthorityKeyIdentifier(identifier) => {
                self.authority_key_identifier = Some(AuthorityKeyIdentifier {
                    key_identifier: identifier.key_identifier.as_ref().map(|identifier| identifier.0.into()),
                    issuer: identifier.authority_cert_issuer.as_deref().map(names_of).unwrap_or_default(),
                    serial: identifier.authority_cert_serial.map(SerialNumber::from_content),
                });
            }
            ParsedExtension::NameConstraints(constraints) => {
                let subtrees = |subtrees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
                    subtrees.iter().flatten().map(|subtree| GeneralName::from_parsed(&subtree.base)).collect()
                };
                self.name_constraints = Some(NameConstraints {
                    permitted: subtrees(&constraints.permitted_subtrees),
                    excluded: subtrees(&constraints.excluded_subtrees),
                });
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                        self.crl_distribution_points.extend(names.iter().filter_map(uri));
                    }
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    let method = description.access_method.as_bytes();
                    let places = match method {
                        _ if method == oid::OCSP => &mut self.ocsp,
                        _ if method == oid::CA_ISSUERS => &mut self.ca_issuers,
                        _ => continue,
                    };
                    places.extend(uri(&description.access_location));
                }
            }
            ParsedExtension::CertificatePolicies(policies) => {
                self.certificate_policies =
                    policies.iter().map(|policy| Oid::from_content(policy.policy_id.as_bytes())).collect();
            }
            ParsedExtension::ParseError { .. } => notes.push(format!("the extension {oid:?} cannot be read")),
            _ if extension.critical && !is_of_rfc_5280(oid) => self.unknown_critical.push(oid.clone()),
            _ => {}
        }
    }
}

/// The purposes in their order, which the parser's own type does not keep.
fn purposes(value: &[u8]) -> Option<Vec<Oid>> {
    let (_, oids) = <Vec<asn1_rs::Oid<'_>>>::from_der(value).ok()?;
    Some(oids.iter().map(|oid| Oid::from_content(oid.as_bytes())).collect())
}

fn names_of(names: &[ParsedName<'_>]) -> Vec<GeneralName> {
    names.iter().map(GeneralName::from_parsed).collect()
}

fn uri(name: &ParsedName<'_>) -> Option<String> {
    match name {
        ParsedName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    }
}

/// The extensions of RFC 5280 section 4.2, which every implementation is expected to process.
fn is_of_rfc_5280(oid: &Oid) -> bool {
    matches!(
        oid.content(),
        [0x55, 0x1d, 14 | 15 | 17 | 18 | 19 | 30 | 31 | 32 | 33 | 35 | 36 | 37 | 46 | 54]
            | [0x2b, 6, 1, 5, 5, 7, 1, 1 | 11]
    )
}
