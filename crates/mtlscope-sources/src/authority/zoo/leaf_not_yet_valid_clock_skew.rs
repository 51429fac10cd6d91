//! Not yet valid: the certificate begins in thirty days.

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "leaf-not-yet-valid-clock-skew";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { validity: Validity::future(&pki.plan), ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(42),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 45"),
        ],
        ..Specimen::new(NAME, "The client's certificate begins thirty days after it was made.", identity)
    })
}
