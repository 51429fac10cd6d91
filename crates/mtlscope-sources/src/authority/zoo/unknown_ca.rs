//! The wrong authority: in order, but issued by one that the server does not trust.

use super::super::pem_of;
use super::super::template::{Template, Validity};
use super::{AuthorityError, Identity, KeyKind, Pki, Specimen, client, key};

const NAME: &str = "unknown-ca";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let template = Template::authority("mtlscope Other Root CA", None, Validity::of_authority(&pki.plan))?;
    let authority_key = KeyKind::P256.generate()?;
    let authority = Identity {
        name: "wrong-ca".to_owned(),
        certificate: template.sign_itself(&authority_key)?,
        key: authority_key,
        chain: Vec::new(),
    };
    let identity = client(NAME, pki)?.issue(NAME, key()?, &authority)?;
    Ok(Specimen {
        openssl_alert: Some(48),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 48 (older: 42)"),
            ("rustls", "alert 48"),
            (
                "browsers, Java and GnuTLS as clients",
                "may send no certificate at all: its issuer is not named in the request",
            ),
        ],
        files: vec![("wrong-ca.pem", pem_of([&authority.certificate])?)],
        ..Specimen::new(
            NAME,
            "The client's certificate was issued by another authority (wrong-ca.pem) than the server trusts.",
            identity,
        )
    })
}
