//! RSA with 1024 bits: a key that many servers find too small.

use super::super::key::rsa;
use super::{AuthorityError, Pki, Specimen, client, level_0};

const NAME: &str = "key-too-small";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let identity = client(NAME, pki)?.issue(NAME, rsa(1024)?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(42),
        others: &[("GnuTLS", "accepted"), ("Java", "accepted"), ("Go", "accepted"), ("rustls", "alert 51")],
        weak: true,
        files: level_0(),
        ..Specimen::new(NAME, "The client's key is RSA with 1024 bits.", identity)
    })
}
