//! A certificate: a name and a key, tied together by an issuer's signature. RFC 5280 section 4.1.
//!
//! ```text
//! Certificate  ::=  SEQUENCE  {
//!      tbsCertificate       TBSCertificate,
//!      signatureAlgorithm   AlgorithmIdentifier,
//!      signatureValue       BIT STRING  }
//!
//! TBSCertificate  ::=  SEQUENCE  {
//!      version         [0]  EXPLICIT Version DEFAULT v1,
//!      serialNumber         CertificateSerialNumber,
//!      signature            AlgorithmIdentifier,
//!      issuer               Name,
//!      validity             Validity,
//!      subject              Name,
//!      subjectPublicKeyInfo SubjectPublicKeyInfo,
//!      issuerUniqueID  [1]  IMPLICIT UniqueIdentifier OPTIONAL,
//!      subjectUniqueID [2]  IMPLICIT UniqueIdentifier OPTIONAL,
//!      extensions      [3]  EXPLICIT Extensions OPTIONAL }
//! ```

use std::fmt;
use std::ops::Range;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::der::{self, Elements};
use super::{Extensions, Name, PublicKey, SerialNumber, SignatureAlgorithm, Time, Unreadable, pem};

/// A certificate that could be read. Equal where the DER is equal.
#[non_exhaustive]
pub struct Certificate {
    /// All of it, as it was sent.
    pub der: Box<[u8]>,
    /// SHA-256 of the DER: its fingerprint.
    pub sha256: [u8; 32],
    /// 1, 2 or 3.
    pub version: u32,
    /// Unique for its issuer.
    pub serial: SerialNumber,
    /// Whom it is for.
    pub subject: Name,
    /// Who signed it.
    pub issuer: Name,
    /// From when it holds.
    pub not_before: Time,
    /// Until when it holds.
    pub not_after: Time,
    /// The key it is for.
    pub public_key: PublicKey,
    /// How it was signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// Where in the DER the signed part stands.
    pub tbs: Range<usize>,
    /// Where in the DER the signature stands.
    pub signature: Range<usize>,
    /// What else it says.
    pub extensions: Extensions,
    /// What was odd or could not be read in it, in words.
    pub notes: Vec<String>,
}

impl Certificate {
    /// Reads a certificate. An extension that cannot be read is a note; anything else that cannot is a failure, and so
    /// is a raw public key (RFC 7250).
    pub fn parse(der: &[u8]) -> Result<Self, Unreadable> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| not_a_certificate(der, &error))?;
        let (tbs, signature) =
            signed_parts(der).ok_or_else(|| Unreadable::because("a certificate whose signature cannot be found"))?;
        let mut notes = Vec::new();
        if !rest.is_empty() {
            notes.push(format!("{} bytes follow the certificate", rest.len()));
        }
        if parsed.signature_algorithm != parsed.tbs_certificate.signature {
            notes.push("the signature algorithm differs from the one that was signed".to_owned());
        }
        if parsed.signature_value.unused_bits != 0 {
            notes.push("the signature is no whole number of bytes".to_owned());
        }
        let extensions = Extensions::from_parsed(parsed.extensions(), der, &mut notes);
        Ok(Self {
            sha256: Sha256::digest(der).into(),
            version: parsed.version().0.saturating_add(1),
            serial: SerialNumber::from_content(parsed.raw_serial()),
            subject: Name::from_read(parsed.subject().as_raw()),
            issuer: Name::from_read(parsed.issuer().as_raw()),
            not_before: Time::from_seconds(parsed.validity().not_before.timestamp()),
            not_after: Time::from_seconds(parsed.validity().not_after.timestamp()),
            public_key: PublicKey::from_spki_der(parsed.public_key().raw)?,
            signature_algorithm: SignatureAlgorithm::from_parsed(&parsed.signature_algorithm),
            tbs,
            signature,
            extensions,
            notes,
            der: der.into(),
        })
    }

    /// What the issuer signed.
    pub fn tbs_bytes(&self) -> &[u8] {
        self.der.get(self.tbs.clone()).unwrap_or_default()
    }

    /// The signature.
    pub fn signature_bytes(&self) -> &[u8] {
        self.der.get(self.signature.clone()).unwrap_or_default()
    }

    /// Whether it names itself as its issuer. Whether it also signed itself is for a checker to say.
    pub fn is_self_issued(&self) -> bool {
        self.subject.matches(&self.issuer)
    }

    /// Whether basicConstraints say it is an authority.
    pub fn is_authority(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// As a PEM block, to be saved or given to other tools.
    pub fn pem(&self) -> String {
        pem::encode(&self.der)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// The names and the number; all of it would fill screens.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

/// Where `part` stands in `whole`, of which it is a part.
pub(super) fn range_within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len())
}

/// Where the signed part and the signature stand.
fn signed_parts(der: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let (certificate, _) = der::element(der)?;
    let mut fields = Elements::new(certificate.content);
    let tbs = fields.next()?;
    let _signature_algorithm = fields.next()?;
    let value = fields.next().filter(|value| value.tag == der::BIT_STRING)?;
    let (_unused_bits, signature) = value.content.split_first()?;
    Some((range_within(der, tbs.whole), range_within(der, signature)))
}

fn not_a_certificate(der: &[u8], error: &impl fmt::Display) -> Unreadable {
    match PublicKey::from_spki_der(der) {
        Ok(key) => Unreadable::because(format!("a raw public key ({}), no certificate", key.algorithm)),
        Err(_) => Unreadable::because(error.to_string()),
    }
}
