//! Object identifiers, as they stand in DER, and the names of those that certificates use.

use std::borrow::Borrow;
use std::fmt;

/// An object identifier: the content bytes of its DER.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Box<[u8]>);

impl Oid {
    /// From the content bytes of its DER, without tag and length.
    pub fn from_content(content: &[u8]) -> Self {
        Self(content.into())
    }

    /// The content bytes of its DER.
    pub fn content(&self) -> &[u8] {
        &self.0
    }

    /// The name it goes by in RFCs and in OpenSSL, if it is one of the few that certificates use.
    pub fn name(&self) -> Option<&'static str> {
        name_of(&self.0)
    }
}

impl Borrow<[u8]> for Oid {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<[u8]> for Oid {
    fn eq(&self, content: &[u8]) -> bool {
        *self.0 == *content
    }
}

/// Numbers with dots: `2.5.4.3`.
impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dotted(f, &self.0)
    }
}

/// Dots, and the name if there is one: `2.5.29.15 (keyUsage)`.
impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dotted(f, &self.0)?;
        self.name().map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

/// Writes the numbers with dots. A number beyond 128 bits, or one that breaks off, is a `?`.
pub(super) fn write_dotted(f: &mut impl fmt::Write, content: &[u8]) -> fmt::Result {
    let mut number = Some(0_u128);
    let mut first = true;
    let mut open = false;
    for byte in content {
        open = byte & 0x80 != 0;
        number =
            number.and_then(|number| number.checked_mul(128)).map(|number| number | u128::from(byte & 0x7f));
        if open {
            continue;
        }
        match (number, first) {
            (Some(number), true) => {
                let arc = (number / 40).min(2);
                write!(f, "{arc}.{}", number - arc * 40)?;
            }
            (Some(number), false) => write!(f, ".{number}")?,
            (None, true) => f.write_str("?")?,
            (None, false) => f.write_str(".?")?,
        }
        first = false;
        number = Some(0);
    }
    if open || content.is_empty() { f.write_str(if first { "?" } else { ".?" }) } else { Ok(()) }
}

/// The name of an object identifier given by its content bytes.
fn name_of(content: &[u8]) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == content).map(|(_, name)| *name)
}

/// serverAuth: the certificate may be shown by a server.
pub const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
/// clientAuth: the certificate may be shown by a client.
pub const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// anyExtendedKeyUsage: the certificate may be used for anything.
pub const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0];
/// OCSP, as an access method of authority information access.
pub(super) const OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
/// caIssuers, as an access method of authority information access.
pub(super) const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];

const NAMES: &[(&[u8], &str)] = &[
    // Extensions, RFC 5280 section 4.2 and others.
    (&[0x55, 0x1d, 14], "subjectKeyIdentifier"),
    (&[0x55, 0x1d, 15], "keyUsage"),
    (&[0x55, 0x1d, 16], "privateKeyUsagePeriod"),
    (&[0x55, 0x1d, 17], "subjectAltName"),
    (&[0x55, 0x1d, 18], "issuerAltName"),
    (&[0x55, 0x1d, 19], "basicConstraints"),
    (&[0x55, 0x1d, 30], "nameConstraints"),
    (&[0x55, 0x1d, 31], "cRLDistributionPoints"),
    (&[0x55, 0x1d, 32], "certificatePolicies"),
    (&[0x55, 0x1d, 33], "policyMappings"),
    (&[0x55, 0x1d, 35], "authorityKeyIdentifier"),
    (&[0x55, 0x1d, 36], "policyConstraints"),
    (&[0x55, 0x1d, 37], "extKeyUsage"),
    (&[0x55, 0x1d, 46], "freshestCRL"),
    (&[0x55, 0x1d, 54], "inhibitAnyPolicy"),
    (&[0x2b, 6, 1, 5, 5, 7, 1, 1], "authorityInfoAccess"),
    (&[0x2b, 6, 1, 5, 5, 7, 1, 11], "subjectInfoAccess"),
    (&[0x2b, 6, 1, 5, 5, 7, 1, 24], "tlsFeature"),
    (&[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2], "signedCertificateTimestampList"),
    (&[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 3], "precertificatePoison"),
    (&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1], "netscapeCertType"),
    (&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 13], "netscapeComment"),
    // Extended key usages, RFC 5280 section 4.2.1.12 and others.
    (ANY_EXTENDED_KEY_USAGE, "anyExtendedKeyUsage"),
    (SERVER_AUTH, "serverAuth"),
    (CLIENT_AUTH, "clientAuth"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 3], "codeSigning"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 4], "emailProtection"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 8], "timeStamping"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 9], "OCSPSigning"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 13], "eapOverPPP"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 14], "eapOverLAN"),
    (&[0x2b, 6, 1, 5, 5, 7, 3, 17], "ipsecIKE"),
    (&[0x2b, 6, 1, 5, 2, 3, 4], "pkInitClientAuth"),
    (&[0x2b, 6, 1, 5, 2, 3, 5], "pkInitKDC"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 2], "msSmartcardLogin"),
    // Policies of the CA/Browser Forum.
    (&[0x55, 0x1d, 32, 0], "anyPolicy"),
    (&[0x67, 0x81, 0x0c, 1, 1], "extendedValidated"),
    (&[0x67, 0x81, 0x0c, 1, 2, 1], "domainValidated"),
    (&[0x67, 0x81, 0x0c, 1, 2, 2], "organizationValidated"),
    (&[0x67, 0x81, 0x0c, 1, 2, 3], "individualValidated"),
    // Keys.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], "rsaEncryption"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "dsa"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "ecPublicKey"),
    (&[0x2b, 0x65, 110], "X25519"),
    (&[0x2b, 0x65, 111], "X448"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17], "ML-DSA-44"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18], "ML-DSA-65"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19], "ML-DSA-87"),
    // Signatures.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2], "md2WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], "md5WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], "sha1WithRSAEncryption"),
    (&[0x2b, 14, 3, 2, 29], "sha1WithRSA"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], "rsassaPss"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], "sha256WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], "sha384WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], "sha512WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14], "sha224WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], "dsa-with-SHA1"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1], "dsa-with-SHA224"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], "dsa-with-SHA256"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], "ecdsa-with-SHA1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1], "ecdsa-with-SHA224"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], "ecdsa-with-SHA256"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], "ecdsa-with-SHA384"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], "ecdsa-with-SHA512"),
    (&[0x2b, 0x65, 112], "Ed25519"),
    (&[0x2b, 0x65, 113], "Ed448"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_numbers_with_dots() {
        assert_eq!(Oid::from_content(&[0x55, 4, 3]).to_string(), "2.5.4.3");
        assert_eq!(Oid::from_content(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]).to_string(), "1.2.840.113549");
        assert_eq!(Oid::from_content(&[0x88, 0x37, 3]).to_string(), "2.999.3");
        assert_eq!(format!("{:?}", Oid::from_content(CLIENT_AUTH)), "1.3.6.1.5.5.7.3.2 (clientAuth)");
    }

    #[test]
    fn prints_what_is_no_number_as_a_question() {
        assert_eq!(Oid::from_content(&[]).to_string(), "?");
        assert_eq!(Oid::from_content(&[0x55, 0x84]).to_string(), "2.5.?");
        assert_eq!(Oid::from_content(&[[0x55].as_slice(), &[0xff; 30], &[1]].concat()).to_string(), "2.5.?");
    }
}
