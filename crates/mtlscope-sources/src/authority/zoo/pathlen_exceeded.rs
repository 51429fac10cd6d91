//! One authority too many: the intermediate allows none below it (pathlen:0), and there is one.

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "pathlen-exceeded";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let below = Template::authority("mtlscope Authority Too Many", None, Validity::of_authority(&pki.plan))?
        .issue("authority-too-many", key()?, &pki.intermediate)?;
    let identity = client(NAME, pki)?.issue(NAME, key()?, &below)?;
    Ok(Specimen {
        openssl_alert: Some(48),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 46"),
        ],
        ..Specimen::new(
            NAME,
            "An authority stands between the client's certificate and an intermediate that allows none below it (pathlen:0).",
            identity,
        )
    })
}
