//! Three hundred authorities in one request: a longer list than Java takes (32 KiB) or SChannel sends (16 KB). Ours is the
//! last of them.

use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::x509::X509Name;

use super::super::pem_of;
use super::super::template::{Template, Validity};
use super::{AuthorityError, Pki, ServerFiles, Specimen, client, key};

const NAME: &str = "ca-list-exceeds-client-limit";

/// How many authorities; ours is one of them.
const AUTHORITIES: usize = 300;

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let identity = client(NAME, pki)?.issue(NAME, key()?, &pki.intermediate)?;
    // One key for all: what matters is their names.
    let key = key()?;
    let lasting = Validity::of_authority(&pki.plan);
    let mut authorities = (1..AUTHORITIES)
        .map(|number| Template::authority_named(long_name(number)?, None, lasting).sign_itself(&key))
        .collect::<Result<Vec<_>, _>>()?;
    authorities.push(pki.root.certificate.clone());
    Ok(Specimen {
        others: &[
            ("Java as client", "takes no handshake message over 32 KiB and ends the handshake"),
            (
                "IIS as server",
                "sends no more names than fit into 16 KB: 403.7 for clients that go by the list",
            ),
        ],
        server: ServerFiles { named: Some("many-authorities.pem"), ..ServerFiles::default() },
        files: vec![("many-authorities.pem", pem_of(&authorities)?)],
        ..Specimen::new(
            NAME,
            "The server names 300 authorities (many-authorities.pem), over 32 KiB; the client's is the last of them.",
            identity,
        )
    })
}

/// A name so long that 300 of them take more than 32 KiB, and less than the 64 KiB that a request can hold.
fn long_name(number: usize) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "mtlscope test")?;
    name.append_entry_by_nid(Nid::ORGANIZATIONALUNITNAME, "Authorities that make a list long")?;
    name.append_entry_by_nid(
        Nid::COMMONNAME,
        &format!("mtlscope Test Certification Authority {number:03} of Many"),
    )?;
    Ok(name.build())
}
