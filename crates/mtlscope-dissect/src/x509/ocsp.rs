//! An OCSP response: an authority's word on whether certificates are revoked. RFC 6960 section 4.2.1.
//!
//! ```text
//! OCSPResponse ::= SEQUENCE {                          ResponseData ::= SEQUENCE {
//!    responseStatus         OCSPResponseStatus,           version              [0] EXPLICIT Version DEFAULT v1,
//!    responseBytes          [0] EXPLICIT                  responderID              ResponderID,
//!       ResponseBytes OPTIONAL }                          producedAt               GeneralizedTime,
//!                                                         responses                SEQUENCE OF SingleResponse,
//! ResponseBytes ::= SEQUENCE {                            responseExtensions   [1] EXPLICIT Extensions OPTIONAL }
//!    responseType   OBJECT IDENTIFIER,
//!    response       OCTET STRING }                     SingleResponse ::= SEQUENCE {
//!                                                         certID                       CertID,
//! BasicOCSPResponse ::= SEQUENCE {                        certStatus                   CertStatus,
//!    tbsResponseData      ResponseData,                   thisUpdate                   GeneralizedTime,
//!    signatureAlgorithm   AlgorithmIdentifier,            nextUpdate         [0]       EXPLICIT GeneralizedTime OPTIONAL,
//!    signature            BIT STRING,                     singleExtensions   [1]       EXPLICIT Extensions OPTIONAL }
//!    certs            [0] EXPLICIT SEQUENCE
//!       OF Certificate OPTIONAL }
//! ```

use std::fmt;

use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::der::{self, Element, Elements, OBJECT_IDENTIFIER, SEQUENCE};
use super::{Name, Oid, SerialNumber, Time, Unreadable};

const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
/// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

/// An OCSP response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OcspResponse {
    /// Whether the responder answered at all.
    pub status: OcspResponseStatus,
    /// What it answered; `None` where it did not, or in a form that is not RFC 6960's basic one.
    pub basic: Option<BasicOcspResponse>,
}

/// Whether a responder answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OcspResponseStatus(pub u8);

impl OcspResponseStatus {
    /// It did.
    pub const SUCCESSFUL: Self = Self(0);
}

/// As `openssl ocsp` says it.
impl fmt::Display for OcspResponseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "successful",
            1 => "malformedrequest",
            2 => "internalerror",
            3 => "trylater",
            5 => "sigrequired",
            6 => "unauthorized",
            _ => "(UNKNOWN)",
        })
    }
}

/// What a responder answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BasicOcspResponse {
    /// Who answers.
    pub responder: Responder,
    /// When it signed the answer.
    pub produced_at: Time,
    /// What it says, of each certificate asked about.
    pub responses: Vec<SingleResponse>,
    /// With what it signed.
    pub signature_algorithm: Oid,
}

/// Who answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Responder {
    /// One with this name.
    Name(Name),
    /// One whose key has this SHA-1 hash.
    KeyHash(Box<[u8]>),
}

/// What is said of one certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SingleResponse {
    /// With what the issuer is hashed.
    pub hash_algorithm: Oid,
    /// The hash of the issuer's name.
    pub issuer_name_hash: Box<[u8]>,
    /// The hash of the issuer's key.
    pub issuer_key_hash: Box<[u8]>,
    /// The certificate's serial number.
    pub serial: SerialNumber,
    /// The word.
    pub status: CertStatus,
    /// Since when that is known.
    pub this_update: Time,
    /// Until when there is a newer word.
    pub next_update: Option<Time>,
}

/// The word on a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CertStatus {
    /// It is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when.
        at: Time,
        /// Why: a CRLReason of RFC 5280 section 5.3.1.
        reason: Option<u8>,
    },
    /// The responder does not know it.
    Unknown,
}

impl CertStatus {
    /// Why a certificate was revoked, in the RFC's word.
    pub fn reason_name(reason: u8) -> &'static str {
        match reason {
            0 => "unspecified",
            1 => "keyCompromise",
            2 => "cACompromise",
            3 => "affiliationChanged",
            4 => "superseded",
            5 => "cessationOfOperation",
            6 => "certificateHold",
            8 => "removeFromCRL",
            9 => "privilegeWithdrawn",
            10 => "aACompromise",
            _ => "(UNKNOWN)",
        }
    }
}

impl OcspResponse {
    /// From its DER. The signature is not looked at.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Unreadable> {
        read(bytes).ok_or_else(|| Unreadable::because("bytes that are no OCSP response"))
    }
}

fn read(bytes: &[u8]) -> Option<OcspResponse> {
    let (outer, _) = der::element(bytes)?;
    let mut fields = List::of(outer)?;
    let &[status] = fields.take(ENUMERATED)?.content else { return None };
    let status = OcspResponseStatus(status);
    let Some(bytes) = fields.take_if(explicit(0)) else {
        return Some(OcspResponse { status, basic: None });
    };
    let mut bytes = List::of(inside(bytes)?)?;
    if bytes.take(OBJECT_IDENTIFIER)?.content != BASIC {
        return Some(OcspResponse { status, basic: None });
    }
    let (basic, _) = der::element(bytes.take(OCTET_STRING)?.content)?;
    Some(OcspResponse { status, basic: Some(basic_response(basic)?) })
}

fn basic_response(basic: Element<'_>) -> Option<BasicOcspResponse> {
    let mut fields = List::of(basic)?;
    let mut data = List::of(fields.take(SEQUENCE)?)?;
    let signature_algorithm =
        Oid::from_content(List::of(fields.take(SEQUENCE)?)?.take(OBJECT_IDENTIFIER)?.content);
    data.take_if(explicit(0));
    let responder = match data.next()? {
        by_name if by_name.tag == explicit(1) => Responder::Name(Name::from_der(by_name.content).ok()?),
        by_key if by_key.tag == explicit(2) => Responder::KeyHash(inside(by_key)?.content.into()),
        _ => return None,
    };
    let produced_at = time(data.next()?)?;
    let responses: Option<Vec<SingleResponse>> =
        Elements::new(data.take(SEQUENCE)?.content).map(single_response).collect();
    Some(BasicOcspResponse { responder, produced_at, responses: responses?, signature_algorithm })
}

fn single_response(single: Element<'_>) -> Option<SingleResponse> {
    let mut fields = List::of(single)?;
    let mut id = List::of(fields.take(SEQUENCE)?)?;
    let hash_algorithm = List::of(id.take(SEQUENCE)?)?.take(OBJECT_IDENTIFIER)?.content;
    let issuer_name_hash = id.take(OCTET_STRING)?.content;
    let issuer_key_hash = id.take(OCTET_STRING)?.content;
    let serial = id.take(der::INTEGER)?.content;
    let status = match fields.next()? {
        Element { tag: 0x80, .. } => CertStatus::Good,
        revoked @ Element { tag: 0xa1, .. } => {
            let mut info = Elements::new(revoked.content);
            let at = time(info.next()?)?;
            let reason = info.next().and_then(inside).and_then(|reason| reason.content.first().copied());
            CertStatus::Revoked { at, reason }
        }
        Element { tag: 0x82, .. } => CertStatus::Unknown,
        _ => return None,
    };
    Some(SingleResponse {
        hash_algorithm: Oid::from_content(hash_algorithm),
        issuer_name_hash: issuer_name_hash.into(),
        issuer_key_hash: issuer_key_hash.into(),
        serial: SerialNumber::from_content(serial),
        status,
        this_update: time(fields.next()?)?,
        next_update: fields.take_if(explicit(0)).and_then(inside).and_then(time),
    })
}

/// The tag of a context-specific field that is EXPLICIT.
const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// The element inside an EXPLICIT tag.
fn inside(element: Element<'_>) -> Option<Element<'_>> {
    der::element(element.content).map(|(inner, _)| inner)
}

fn time(element: Element<'_>) -> Option<Time> {
    let (_, time) = ASN1Time::from_der(element.whole).ok()?;
    Some(Time::from_seconds(time.timestamp()))
}

/// The fields of a SEQUENCE, taken one after the other.
struct List<'a>(Elements<'a>);

impl<'a> List<'a> {
    fn of(sequence: Element<'a>) -> Option<Self> {
        (sequence.tag == SEQUENCE).then(|| Self(Elements::new(sequence.content)))
    }

    fn next(&mut self) -> Option<Element<'a>> {
        self.0.next()
    }

    /// The next field, which must have this tag.
    fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The next field if it has this tag; else it stays.
    fn take_if(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = self.0;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        self.0 = ahead;
        Some(element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl ocsp`, signed with a P-256 key, about three certificates: one good, one revoked for
    /// keyCompromise, one unknown.
    const RESPONSE: &[u8] = include_bytes!("test_data/ocsp_response.der");

    #[test]
    fn reads_what_openssl_reads() {
        let response = OcspResponse::from_der(RESPONSE).unwrap();
        assert_eq!(response.status, OcspResponseStatus::SUCCESSFUL);
        let basic = response.basic.unwrap();
        let Responder::Name(name) = &basic.responder else { panic!("{basic:?}") };
        assert_eq!(name.to_string(), "CN=OCSP Test CA,O=Lab");
        assert_eq!(basic.signature_algorithm.name(), Some("ecdsa-with-SHA256"));
        let words: Vec<CertStatus> = basic.responses.iter().map(|single| single.status).collect();
        let at = Time::from_seconds(1_795_500_000);
        assert_eq!(
            words,
            [CertStatus::Good, CertStatus::Revoked { at, reason: Some(1) }, CertStatus::Unknown]
        );
        let first = &basic.responses[0];
        assert_eq!(first.serial.to_string(), "1001");
        assert_eq!(first.hash_algorithm.to_string(), "1.3.14.3.2.26");
        assert_eq!(first.issuer_name_hash.len(), 20);
        let week = first.next_update.unwrap().seconds() - first.this_update.seconds();
        assert_eq!(week, 7 * 86_400);
    }

    #[test]
    fn a_responder_that_does_not_answer_says_so() {
        let response = OcspResponse::from_der(&[0x30, 3, 0x0a, 1, 3]).unwrap();
        assert_eq!((response.status.to_string(), response.basic), ("trylater".to_owned(), None));
    }

    #[test]
    fn no_prefix_and_no_single_changed_byte_does_harm() {
        for end in 0..RESPONSE.len() {
            let _ = OcspResponse::from_der(&RESPONSE[..end]);
        }
        let mut bytes = RESPONSE.to_vec();
        for place in 0..bytes.len() {
            for change in [1, 0x80, 0xff] {
                bytes[place] ^= change;
                let _ = OcspResponse::from_der(&bytes);
                bytes[place] ^= change;
            }
        }
        assert!(OcspResponse::from_der(b"no response").is_err());
    }
}
