//! The missing intermediate: the client has only its own certificate to send, and the server has only the root.

use super::{AuthorityError, Identity, Pki, Specimen, client, key};

const NAME: &str = "chain-incomplete-intermediate-missing";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let whole = client(NAME, pki)?.issue(NAME, key()?, &pki.intermediate)?;
    let identity = Identity { chain: Vec::new(), ..whole };
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
            "The client's file lacks the intermediate (intermediate.pem) that leads to the root.",
            identity,
        )
    })
}
