//! A critical extension that nobody knows: who does not understand it must refuse the certificate.

use super::super::template::Template;
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "unknown-critical-extension";

/// An OID from the range that is set aside for documentation. RFC 5612.
const UNKNOWN: &str = "1.3.6.1.4.1.32473.1";

/// A NULL in DER.
const NULL: &[u8] = &[0x05, 0x00];

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { further: vec![(UNKNOWN, true, NULL.to_vec())], ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(46),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 46"),
        ],
        ..Specimen::new(
            NAME,
            "The client's certificate has a critical extension that nobody knows (1.3.6.1.4.1.32473.1).",
            identity,
        )
    })
}
