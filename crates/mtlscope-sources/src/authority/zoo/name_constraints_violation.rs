//! A name out of bounds: the intermediate may vouch for hosts below one domain only, and the client's is another.

use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, Specimen, client, key};

const NAME: &str = "name-constraints-violation";

/// RFC 5280 section 4.2.1.10.
const NAME_CONSTRAINTS: &str = "2.5.29.30";

const PERMITTED: &str = "permitted.test";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let intermediate = Template {
        further: vec![(NAME_CONSTRAINTS, true, permitted_host(PERMITTED))],
        ..Template::authority(
            "mtlscope Constrained Intermediate CA",
            Some(0),
            Validity::of_authority(&pki.plan),
        )?
    }
    .issue("constrained-intermediate", key()?, &pki.root)?;
    let template = Template { names: vec!["client.elsewhere.test".to_owned()], ..client(NAME, pki)? };
    let identity = template.issue(NAME, key()?, &intermediate)?;
    Ok(Specimen {
        openssl_alert: Some(46),
        others: &[
            ("GnuTLS", "alert 49, then 42"),
            ("Java", "alert 46"),
            ("Go", "alert 42"),
            ("rustls", "alert 46"),
        ],
        ..Specimen::new(
            NAME,
            "The client's name client.elsewhere.test is not below permitted.test, to which its issuer is constrained.",
            identity,
        )
    })
}

/// ```text
/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF SEQUENCE { base GeneralName } }
/// ```
fn permitted_host(host: &str) -> Vec<u8> {
    const DNS_NAME: u8 = 0x82;
    const SEQUENCE: u8 = 0x30;
    const PERMITTED_SUBTREES: u8 = 0xa0;
    [DNS_NAME, SEQUENCE, PERMITTED_SUBTREES, SEQUENCE].iter().fold(
        host.as_bytes().to_vec(),
        |content, tag| {
            // One byte holds the length of everything here.
            [&[*tag, u8::try_from(content.len()).unwrap_or_default()], content.as_slice()].concat()
        },
    )
}
