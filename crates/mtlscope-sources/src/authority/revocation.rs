//! Revocation lists: what an authority takes back. RFC 5280 section 5.

use openssl::asn1::Asn1Time;
use openssl::x509::extension::AuthorityKeyIdentifier;
use openssl::x509::{X509, X509CrlBuilder, X509RevokedBuilder};

use super::key::digest_for;
use super::template::{Validity, extension};
use super::{AuthorityError, Identity};

/// cRLNumber, RFC 5280 section 5.2.3.
const CRL_NUMBER: &str = "2.5.29.20";

/// An INTEGER in DER: a list that is made once is number 1.
const INTEGER_ONE: &[u8] = &[0x02, 0x01, 0x01];

/// The list of `issuer` with these certificates on it, as PEM.
pub(super) fn list(
    issuer: &Identity,
    revoked: &[&X509],
    validity: Validity,
) -> Result<String, AuthorityError> {
    let (from, until) = (Asn1Time::from_unix(validity.from)?, Asn1Time::from_unix(validity.until)?);
    let mut builder = X509CrlBuilder::new()?;
    builder.set_issuer_name(issuer.certificate.subject_name())?;
    builder.set_last_update(&from)?;
    builder.set_next_update(&until)?;
    for certificate in revoked {
        let mut entry = X509RevokedBuilder::new()?;
        entry.set_serial_number(certificate.serial_number())?;
        entry.set_revocation_date(&from)?;
        builder.add_revoked(entry.build())?;
    }
    builder.sort()?;
    let context_of = X509::builder()?;
    let context = context_of.x509v3_context(Some(&issuer.certificate), None);
    builder.append_extension(AuthorityKeyIdentifier::new().keyid(true).build(&context)?)?;
    builder.append_extension(extension(CRL_NUMBER, false, INTEGER_ONE)?)?;
    builder.sign(&issuer.key, digest_for(&issuer.key))?;
    Ok(String::from_utf8_lossy(&builder.build()?.to_pem()?).into_owned())
}
