//! An expired revocation list: the client is in order, and the server refuses every client of that issuer.

use super::{AuthorityError, Pki, ServerFiles, Specimen, client, key};

const NAME: &str = "crl-expired";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let identity = client(NAME, pki)?.issue(NAME, key()?, &pki.intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(45),
        others: &[("Go", "accepted (it looks at no list)"), ("rustls", "accepted unless told otherwise")],
        server: ServerFiles { revoked: Some("expired-crl.pem"), ..ServerFiles::default() },
        files: vec![("expired-crl.pem", pki.expired_crl_pem()?)],
        ..Specimen::new(
            NAME,
            "The server's revocation list (expired-crl.pem) has run out; the client is in order.",
            identity,
        )
    })
}
