//! An authority as a client: the certificate says CA:TRUE.

use super::super::template::{Basic, Template, Usage};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "ca-used-as-end-entity";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template {
        basic_constraints: Basic::Authority { path_length: None },
        key_usage: vec![Usage::DigitalSignature, Usage::KeyCertSign, Usage::CrlSign],
        ..client(NAME, pki)?
    };
    let identity = template.issue(NAME, key()?, &pki.root)?;
    Ok(Specimen {
        others: &[("rustls", "alert 46")],
        ..Specimen::new(NAME, "The client's certificate is that of an authority (CA:TRUE).", identity)
    })
}
