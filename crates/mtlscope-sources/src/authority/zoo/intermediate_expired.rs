//! An expired intermediate: the client's own certificate holds, the one above it ended yesterday.

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "intermediate-expired";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let intermediate = Template::authority(
        "mtlscope Expired Intermediate CA",
        Some(0),
        Validity::past(&pki.plan),
    )?
    .issue("expired-intermediate", key()?, &pki.root)?;
    let identity = client(NAME, pki)?.issue(NAME, key()?, &intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(45),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 45"),
        ],
        ..Specimen::new(NAME, "The intermediate above the client's certificate has expired.", identity)
    })
}
