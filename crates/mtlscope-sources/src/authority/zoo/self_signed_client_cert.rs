//! Self-signed: the client vouches for itself.

use super::{AuthorityError, Identity, Pki, Specimen, client, key};

const NAME: &str = "self-signed-client-cert";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let key = key()?;
    let certificate = client(NAME, pki)?.sign_itself(&key)?;
    let identity = Identity { name: NAME.to_owned(), certificate, key, chain: Vec::new() };
    Ok(Specimen {
        openssl_alert: Some(48),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 48 (older: 42)"),
            ("rustls", "alert 48"),
        ],
        ..Specimen::new(
            NAME,
            "The client's certificate is signed with its own key, by no authority.",
            identity,
        )
    })
}
