//! A key that must not sign handshakes: keyUsage allows nonRepudiation alone, as for the signing certificates of smart
//! cards, and no digitalSignature.

use super::super::template::{Template, Usage};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "keyusage-no-digitalsignature";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { key_usage: vec![Usage::NonRepudiation], ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(43),
        others: &[("GnuTLS", "alert 80"), ("Java", "alert 46"), ("Go", "accepted"), ("rustls", "accepted")],
        ..Specimen::new(
            NAME,
            "The key usage of the client's certificate allows nonRepudiation only, and no digitalSignature.",
            identity,
        )
    })
}
