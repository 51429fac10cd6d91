//! A test authority, made here and now: a root, an intermediate, a server's certificate, clients' certificates, and a zoo
//! of certificates with one flaw each.
//!
//! ```text
//! root ─▶ intermediate ─┬▶ server                 Pki::new(&Plan::default())
//!                       ├▶ client "TestClient"    pki.client("TestClient")
//!                       └▶ ...
//! Zoo::new(&pki)                                  zoo.specimen("leaf-expired"), each an Identity like any other
//! Files::new(pki, zoo).write(directory, ...)      the same as files: `mtlscope pki init`
//! ```
//!
//! An [`Identity`] is a certificate with its key and the certificates that lead to the root, as OpenSSL objects or as PEM.
//! Everything is made in memory. With the default plan (P-256 throughout) that takes a few milliseconds; an RSA key takes
//! a tenth of a second or more. The keys protect nothing and must never do so.

mod directory;
mod error;
mod identity;
mod key;
mod manifest;
mod plan;
mod revocation;
mod template;
pub mod zoo;

use std::time::{SystemTime, UNIX_EPOCH};

use openssl::x509::X509;

pub use directory::{Files, StoredFile};
pub use error::AuthorityError;
pub use identity::Identity;
pub use key::KeyKind;
pub use plan::{Client, Plan};
pub use zoo::{Specimen, Zoo};

use template::{Template, Usage, Validity};

/// An authority and those it vouches for.
#[derive(Debug)]
pub struct Pki {
    /// The root: what servers and clients are to trust.
    pub root: Identity,
    /// Signed by the root; signs all the others. It may have no authority below it.
    pub intermediate: Identity,
    /// The server's.
    pub server: Identity,
    /// The clients', in the order of the plan.
    pub clients: Vec<Identity>,
    /// What it was made after.
    pub plan: Plan,
}

impl Pki {
    /// Makes all of it.
    ///
    /// # Errors
    /// Where the plan holds what no certificate can, or OpenSSL fails.
    pub fn new(plan: &Plan) -> Result<Self, AuthorityError> {
        plan.check()?;
        let lasting = Validity::of_authority(plan);
        let root_key = plan.key.generate()?;
        let root = Identity {
            name: "ca".to_owned(),
            certificate: Template::authority("mtlscope Test Root CA", None, lasting)?
                .sign_itself(&root_key)?,
            key: root_key,
            chain: Vec::new(),
        };
        let intermediate = Template::authority("mtlscope Test Intermediate CA", Some(0), lasting)?.issue(
            "intermediate",
            plan.key.generate()?,
            &root,
        )?;
        let valid = Validity::of_leaf(plan);
        let server_name = plan.server_names.first().map_or("localhost", String::as_str);
        let mut server = Template::server(server_name, &plan.server_names, valid)?;
        if plan.key == KeyKind::Rsa2048 {
            // Up to TLS 1.2, clients may encrypt a secret to it.
            server.key_usage.push(Usage::KeyEncipherment);
        }
        let server = server.issue("server", plan.key.generate()?, &intermediate)?;
        let clients = plan
            .clients
            .iter()
            .map(|client| {
                Template::client(&client.common_name, valid)?.issue(
                    &client.name,
                    client.key.generate()?,
                    &intermediate,
                )
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { root, intermediate, server, clients, plan: plan.clone() })
    }

    /// The client of this name: that of its files, or the common name of its certificate.
    pub fn client(&self, name: &str) -> Option<&Identity> {
        let named = self.clients.iter().zip(&self.plan.clients);
        named
            .filter(|(_, plan)| plan.name == name || plan.common_name == name)
            .map(|(client, _)| client)
            .next()
    }

    /// The root as PEM: what a server trusts, and what a client gives as `--cacert`.
    pub fn ca_pem(&self) -> Result<String, AuthorityError> {
        pem_of([&self.root.certificate])
    }

    /// The intermediate and the root as PEM.
    pub fn ca_chain_pem(&self) -> Result<String, AuthorityError> {
        pem_of([&self.intermediate.certificate, &self.root.certificate])
    }

    /// The revocation lists of both authorities as PEM, fresh and with these certificates of the intermediate on its list.
    pub fn crl_pem(&self, revoked: &[&X509]) -> Result<String, AuthorityError> {
        let mut text = revocation::list(&self.root, &[], Validity::of_list(&self.plan))?;
        text.push_str(&revocation::list(&self.intermediate, revoked, Validity::of_list(&self.plan))?);
        Ok(text)
    }

    /// The same, but the intermediate's list has run out.
    pub fn expired_crl_pem(&self) -> Result<String, AuthorityError> {
        let mut text = revocation::list(&self.root, &[], Validity::of_list(&self.plan))?;
        text.push_str(&revocation::list(&self.intermediate, &[], Validity::past(&self.plan))?);
        Ok(text)
    }
}

/// Certificates as PEM, one after the other.
pub(crate) fn pem_of<'a>(certificates: impl IntoIterator<Item = &'a X509>) -> Result<String, AuthorityError> {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str(&String::from_utf8_lossy(&certificate.to_pem()?));
    }
    Ok(text)
}

/// Seconds since 1970.
fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
