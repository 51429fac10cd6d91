//! Certificates and keys as the server needs them, from files or from an authority in memory.

use std::path::Path;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::context::ServerCertificate;
use super::error::ServeError;
use crate::authority::{Identity, Pki};
use crate::credential_file::{CredentialFile, Passphrase};
use crate::error::printable;

impl ServerCertificate {
    /// A certificate with its chain behind it, and its key from the same file or another.
    ///
    /// # Errors
    /// When a file cannot be read, or they do not belong together.
    pub fn read(
        cert: &Path,
        key: Option<&Path>,
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, ServeError> {
        let file = CredentialFile::open(cert, passphrase)?;
        let chain = parsed(cert, &file)?;
        let (key_path, key_file) = match key {
            Some(key) => (key, CredentialFile::open(key, passphrase)?),
            None => (cert, file),
        };
        let keys: Vec<&PKey<Private>> = key_file.private_keys().map(|key| key.key()).collect();
        if keys.is_empty() {
            return Err(unusable(
                key_path,
                "there is no private key in it",
                "name the file of the key with --key",
            ));
        }
        let public = chain.first().and_then(|own| own.public_key().ok());
        let fits = |key: &&&PKey<Private>| public.as_ref().is_some_and(|public| public.public_eq(key));
        let Some(key) = keys.iter().find(fits) else {
            let to_do = "the first certificate of the file must be the server's own";
            return Err(unusable(key_path, "it is not the key of the certificate", to_do));
        };
        Ok(Self { name: None, chain, key: (*key).clone() })
    }
}

impl From<&Identity> for ServerCertificate {
    fn from(identity: &Identity) -> Self {
        let chain = std::iter::once(&identity.certificate).chain(&identity.chain).cloned().collect();
        Self { name: None, chain, key: identity.key.clone() }
    }
}

/// Authorities to trust, or to name to clients.
#[derive(Clone, Debug, Default)]
pub struct Authorities(pub(super) Vec<X509>);

impl Authorities {
    /// All certificates of a file, at least one.
    ///
    /// # Errors
    /// When there is none, or the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, ServeError> {
        Ok(Self(parsed(path, &CredentialFile::open(path, None)?)?))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Its root alone: clients send what stands between.
impl From<&Pki> for Authorities {
    fn from(pki: &Pki) -> Self {
        Self(vec![pki.root.certificate.clone()])
    }
}

fn parsed(path: &Path, file: &CredentialFile) -> Result<Vec<X509>, ServeError> {
    let certificates = file.certificates().map(X509::from_der).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(unusable(path, "there is no certificate in it", "is this the right file?")),
        Err(_) => Err(unusable(path, "a certificate in it is damaged", "`mtlscope pki show` says more")),
    }
}

fn unusable(path: &Path, why: &'static str, to_do: &'static str) -> ServeError {
    ServeError::Unusable { name: printable(path), why, to_do }
}
