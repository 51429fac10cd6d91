//! X.509 version 1: no extensions, so no word on what the certificate is for.

use super::super::template::Template;
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "x509-v1-certificate";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template { version: 1, ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        others: &[("rustls", "alert 46: it takes version 3 only")],
        ..Specimen::new(NAME, "The client's certificate is of X.509 version 1, without extensions.", identity)
    })
}
