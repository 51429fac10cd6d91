//! Expired: the certificate ended yesterday.

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "leaf-expired";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { validity: Validity::past(&pki.plan), ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(45),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 45 (older: 42)"),
            ("rustls", "alert 45"),
        ],
        ..Specimen::new(NAME, "The client's certificate ended a day before it was made.", identity)
    })
}
