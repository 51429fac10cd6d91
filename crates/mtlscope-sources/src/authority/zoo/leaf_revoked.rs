//! Revoked: the certificate is in order, but on its issuer's revocation list.

use super::{AuthorityError, Pki, ServerFiles, Specimen, client, key};

const NAME: &str = "leaf-revoked";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let identity = client(NAME, pki)?.issue(NAME, key()?, &pki.intermediate)?;
    let list = pki.crl_pem(&[&identity.certificate])?;
    Ok(Specimen {
        openssl_alert: Some(44),
        others: &[("Java", "alert 46"), ("Go", "accepted (it looks at no list)"), ("rustls", "alert 44")],
        server: ServerFiles { revoked: Some("crl.pem"), ..ServerFiles::default() },
        files: vec![("crl.pem", list)],
        ..Specimen::new(
            NAME,
            "The client's certificate is on its issuer's revocation list (crl.pem).",
            identity,
        )
    })
}
