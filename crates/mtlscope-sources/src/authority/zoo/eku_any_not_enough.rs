//! For any purpose, and so for none by name: extKeyUsage holds anyExtendedKeyUsage alone.

use super::super::template::{Purpose, Template};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "eku-any-not-enough";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { purposes: vec![Purpose::Any], ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(43),
        others: &[("GnuTLS", "accepted"), ("Java", "accepted"), ("Go", "accepted"), ("rustls", "alert 43")],
        ..Specimen::new(
            NAME,
            "The client's certificate is for any purpose (anyExtendedKeyUsage), and clientAuth is not named.",
            identity,
        )
    })
}
