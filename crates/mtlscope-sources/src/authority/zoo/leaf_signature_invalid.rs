//! An impostor: the issuer has the name of the root, and another key. So it also looks when an authority was made anew
//! under its old name.

use super::super::pem_of;
use super::super::template::{Template, Validity};
use super::{AuthorityError, Identity, KeyKind, Pki, Specimen, client, key};

const NAME: &str = "leaf-signature-invalid";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let name = pki.root.certificate.subject_name().to_owned()?;
    let template = Template::authority_named(name, None, Validity::of_authority(&pki.plan));
    let impostor_key = KeyKind::P256.generate()?;
    let impostor = Identity {
        name: "impostor-ca".to_owned(),
        certificate: template.sign_itself(&impostor_key)?,
        key: impostor_key,
        chain: Vec::new(),
    };
    // With the impostor's key identifier, OpenSSL would not even try the root of the same name.
    let template = Template { names_issuer_key: false, ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &impostor)?;
    Ok(Specimen {
        openssl_alert: Some(51),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 51"),
        ],
        files: vec![("impostor-ca.pem", pem_of([&impostor.certificate])?)],
        ..Specimen::new(
            NAME,
            "The client's certificate was issued by an authority with the root's name and another key (impostor-ca.pem).",
            identity,
        )
    })
}
