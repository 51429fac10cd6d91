//! For servers only: extKeyUsage holds serverAuth and no clientAuth. A server's certificate used by a client.

use super::super::template::{Purpose, Template};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "eku-missing-clientauth";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { purposes: vec![Purpose::ServerAuth], ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(43),
        others: &[
            ("GnuTLS", "accepted (it checks no purpose by itself)"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 43"),
        ],
        ..Specimen::new(
            NAME,
            "The client's certificate is for servers only: serverAuth, and no clientAuth.",
            identity,
        )
    })
}
