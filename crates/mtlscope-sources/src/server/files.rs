//! Certificates and keys from files, as the server needs them.

use std::fs;
use std::path::Path;

use openssl::pkey::PKey;
use openssl::x509::X509;

use super::context::Identity;
use crate::error::{SourceError, printable};

impl Identity {
    /// A certificate with its chain behind it, and its key: two PEM files.
    ///
    /// # Errors
    /// When one cannot be read, or they do not belong together.
    pub fn read(cert: &Path, key: &Path) -> Result<Self, SourceError> {
        let chain = certificates(cert)?;
        let pem = read(key)?;
        // An empty passphrase keeps OpenSSL from asking on the terminal.
        let key_of = PKey::private_key_from_pem_passphrase(&pem, b"").map_err(|_| {
            unusable(
                key,
                "no private key that can be read without a passphrase",
                "PEM is wanted; `openssl pkey -in FILE -out plain.pem` removes a passphrase",
            )
        })?;
        let fits = chain
            .first()
            .and_then(|own| own.public_key().ok())
            .is_some_and(|public| public.public_eq(&key_of));
        if !fits {
            return Err(unusable(
                key,
                "it is not the key of the certificate",
                "the first certificate in the --cert file must be the server's own",
            ));
        }
        Ok(Self { name: None, chain, key: key_of })
    }
}

/// All certificates of a PEM file, at least one.
///
/// # Errors
/// When there is none, or the file cannot be read.
pub fn certificates(path: &Path) -> Result<Vec<X509>, SourceError> {
    match X509::stack_from_pem(&read(path)?) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(unusable(
            path,
            "no certificate in it that can be read",
            "PEM is wanted: `openssl x509 -in FILE -out FILE.pem`",
        )),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SourceError> {
    fs::read(path).map_err(|cause| SourceError::opening(path, cause))
}

fn unusable(path: &Path, why: &'static str, to_do: &'static str) -> SourceError {
    SourceError::Unusable { name: printable(path), why, to_do }
}
