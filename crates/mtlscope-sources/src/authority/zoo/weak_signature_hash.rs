//! SHA-1: the certificate is signed over a hash that nobody should trust any more.

use openssl::hash::MessageDigest;

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key, level_0};

const NAME: &str = "weak-signature-hash";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    // An intermediate of its own: the authority's key may be Ed25519, which leaves no choice of hash.
    let intermediate =
        Template::authority("mtlscope Old Intermediate CA", Some(0), Validity::of_authority(&pki.plan))?
            .issue("old-intermediate", key()?, &pki.root)?;
    let template = Template { digest: Some(MessageDigest::sha1()), ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(42),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "accepted"),
            ("Go", "alert 42"),
            ("rustls", "alert 51"),
        ],
        weak: true,
        files: level_0(),
        ..Specimen::new(NAME, "The client's certificate is signed with SHA-1.", identity)
    })
}
