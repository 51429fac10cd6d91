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
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|error| not_a_certificate(der, &error))?;
        let (tbs, signature) = signed_parts(der)
            .ok_or_else(|| Unreadable::because("a certificate whose signature cannot be found"))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::oid::{ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH};
    use crate::x509::{Curve, HashAlgorithm, KeyAlgorithm, Oid, SignatureKind};

    fn der(pem: &str) -> Vec<u8> {
        crate::x509::pem::certificates(pem.as_bytes()).remove(0).unwrap()
    }

    fn small() -> Vec<u8> {
        der(include_str!("test_data/goodec.pem"))
    }

    fn rich() -> Vec<u8> {
        der(include_str!("test_data/rich.pem"))
    }

    #[test]
    fn a_small_certificate_tells_who_when_and_what_for() {
        let certificate = Certificate::parse(&small()).unwrap();
        assert_eq!(certificate.version, 3);
        assert_eq!(certificate.subject.to_string(), "CN=EcClient,O=Lab,C=IT");
        assert_eq!(certificate.issuer.to_string(), "CN=Lab Root CA,O=Lab,C=IT");
        assert_eq!(certificate.subject.common_name().as_deref(), Some("EcClient"));
        assert_eq!(certificate.public_key.algorithm, KeyAlgorithm::Ec(Curve::P256));
        assert_eq!(certificate.public_key.subject_public_key().len(), 65);
        assert_eq!(certificate.signature_algorithm.kind, SignatureKind::RsaPkcs1(HashAlgorithm::Sha256));
        assert_eq!(certificate.signature_algorithm.to_string(), "sha256WithRSAEncryption");
        assert_eq!(certificate.extensions.key_usage.unwrap().to_string(), "digitalSignature");
        assert_eq!(
            certificate.extensions.extended_key_usage.as_deref(),
            Some(&[Oid::from_content(CLIENT_AUTH)][..])
        );
        assert!(!certificate.is_authority() && !certificate.is_self_issued());
        assert_eq!(certificate.not_after.seconds() - certificate.not_before.seconds(), 365 * 86_400);
        assert_eq!(certificate.notes, [""; 0]);
    }

    #[test]
    fn the_signed_part_and_the_signature_are_where_they_are_said_to_be() {
        let certificate = Certificate::parse(&small()).unwrap();
        assert_eq!(certificate.tbs.start, 4);
        assert_eq!(certificate.tbs_bytes()[0], der::SEQUENCE);
        assert_eq!(certificate.signature.end, certificate.der.len());
        assert_eq!(certificate.signature_bytes().len(), 256);
    }

    #[test]
    fn a_rich_certificate_tells_every_extension() {
        let certificate = Certificate::parse(&rich()).unwrap();
        assert_eq!(
            certificate.subject.to_string(),
            "CN=\\#rich\\ ,2.5.4.127=#0c07756e6b6e6f776e,emailAddress=who@lab.test,DC=lab,OU=second+OU=first,\
             O=Lab\\, Quoted \\+ Söhne,C=IT"
        );
        assert_eq!(certificate.serial.to_string(), "f00dcafe");
        assert!(certificate.is_authority() && certificate.is_self_issued());
        let e = &certificate.extensions;
        assert_eq!(e.basic_constraints.unwrap().path_length, Some(3));
        assert_eq!(e.key_usage.unwrap().to_string(), "digitalSignature, keyCertSign, decipherOnly");
        let purposes: Vec<String> = e.extended_key_usage.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(purposes, ["1.3.6.1.5.5.7.3.2", "1.2.3.4", "2.5.29.37.0"]);
        assert_eq!(e.extended_key_usage.as_ref().unwrap()[2], *ANY_EXTENDED_KEY_USAGE);
        let authority = e.authority_key_identifier.as_ref().unwrap();
        assert_eq!(authority.key_identifier, e.subject_key_identifier);
        assert_eq!(authority.serial.as_ref(), Some(&certificate.serial));
        assert_eq!(authority.issuer, [crate::x509::GeneralName::DirectoryName(certificate.issuer.clone())]);
        let names: Vec<String> = e.subject_alternative_names.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "DNS:*.lab.test",
                "email:who@lab.test",
                "URI:spiffe://lab.test/who",
                "IP:10.77.0.1",
                "IP:fd77::1",
                "DirName:CN=elsewhere",
                "otherName:1.3.6.1.4.1.311.20.2.3=a0090c0777686f406c6162",
                "RID:1.2.3",
            ]
        );
        let constraints = e.name_constraints.as_ref().unwrap();
        let permitted: Vec<String> = constraints.permitted.iter().map(ToString::to_string).collect();
        assert_eq!(permitted, ["DNS:lab.test", "IP:10.0.0.0/255.0.0.0"]);
        assert_eq!(constraints.excluded[0].to_string(), "email:evil.test");
        assert_eq!(e.crl_distribution_points, ["http://crl.lab.test/a.crl", "ldap://crl.lab.test/b"]);
        assert_eq!(e.ocsp, ["http://ocsp.lab.test"]);
        assert_eq!(e.ca_issuers, ["http://ca.lab.test/ca.der"]);
        let policies: Vec<String> = e.certificate_policies.iter().map(|oid| format!("{oid:?}")).collect();
        assert_eq!(policies, ["2.23.140.1.2.1 (domainValidated)", "1.2.3.4.5"]);
        let unknown: Vec<String> = e.unknown_critical.iter().map(ToString::to_string).collect();
        assert_eq!(unknown, ["1.2.3.4.6"]);
        let last = e.all.last().unwrap();
        assert_eq!((&certificate.der[last.value.clone()], last.critical), (&[5, 0][..], true));
    }

    #[test]
    fn an_extension_that_cannot_be_read_is_a_note() {
        let mut der = rich();
        // The content of basicConstraints, a SEQUENCE, becomes a NULL of the same length.
        let place = der.windows(5).position(|window| window == [0x30, 6, 1, 1, 0xff]).unwrap();
        der[place] = 5;
        let certificate = Certificate::parse(&der).unwrap();
        assert_eq!(certificate.notes, ["the extension 2.5.29.19 (basicConstraints) cannot be read"]);
        assert_eq!(certificate.extensions.basic_constraints, None);
        assert!(certificate.extensions.name_constraints.is_some());
    }

    #[test]
    fn what_follows_the_certificate_is_noted() {
        let certificate = Certificate::parse(&[small().as_slice(), &[0, 0]].concat()).unwrap();
        assert_eq!(certificate.notes, ["2 bytes follow the certificate"]);
    }

    #[test]
    fn a_raw_public_key_is_no_certificate() {
        let key = Certificate::parse(&small()).unwrap().public_key;
        let why = Certificate::parse(&key.spki_der).unwrap_err().why;
        assert_eq!(why, "a raw public key (EC P-256), no certificate");
    }

    #[test]
    fn every_prefix_is_refused_and_every_changed_byte_survives() {
        for good in [small(), rich()] {
            for length in 0..good.len() {
                assert!(Certificate::parse(&good[..length]).is_err(), "{length}");
            }
            let mut other = good.clone();
            for place in 0..other.len() {
                for value in
                    [0, 1, 0x7f, 0x80, 0xff, good[place] ^ 1, good[place] ^ 0x20, good[place].wrapping_add(1)]
                {
                    other[place] = value;
                    if let Ok(certificate) = Certificate::parse(&other) {
                        let _ = format!(
                            "{certificate:?} {:?} {:?}",
                            certificate.extensions, certificate.public_key
                        );
                        let _ = (
                            certificate.tbs_bytes(),
                            certificate.signature_bytes(),
                            certificate.not_after.to_string(),
                        );
                    }
                }
                other[place] = good[place];
            }
        }
    }

    #[test]
    fn what_is_shown_as_pem_is_the_certificate() {
        let certificate = Certificate::parse(&small()).unwrap();
        assert_eq!(der(&certificate.pem()), *certificate.der);
    }
}
