//! Files with certificates and keys: PEM with any number of blocks, DER, PKCS#12 (of old Windows exports too), PKCS#7.
//!
//! A file is read into [`Item`]s as they stand in it. What they are worth is judged elsewhere: here a certificate is DER.

mod block;
mod der;
mod error;
mod passphrase;
mod pkcs12;
mod private_key;
mod request;
mod revocation_list;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use openssl::error::ErrorStack;

pub use error::CredentialError;
pub use passphrase::Passphrase;
pub use private_key::{PrivateKey, Probe};
pub use request::CertificateRequest;
pub use revocation_list::RevocationList;

use crate::error::printable;

/// A file that was read.
#[derive(Debug)]
pub struct CredentialFile {
    /// The path as given, fit for one line of a terminal.
    pub name: String,
    /// How it is stored.
    pub container: Container,
    /// What is in it, in order.
    pub items: Vec<Item>,
}

/// How things are stored in a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Container {
    /// Text: base64 between two lines.
    Pem,
    /// One thing, as it is.
    Der,
    /// PKCS#12, also called PFX: a key with its certificates, encrypted.
    Pkcs12 {
        /// Whether it took OpenSSL's legacy provider to read it: RC2, as in exports of old Windows.
        legacy: bool,
    },
    /// PKCS#7, also called P7B: certificates without keys.
    Pkcs7,
}

/// One thing in a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Item {
    /// A certificate, as DER.
    Certificate(Vec<u8>),
    /// A private key.
    PrivateKey(PrivateKey),
    /// A request for a certificate (CSR).
    Request(CertificateRequest),
    /// A revocation list (CRL).
    RevocationList(RevocationList),
    /// A public key, as SubjectPublicKeyInfo.
    PublicKey(Vec<u8>),
    /// Something that says nothing about who one is: the label of its PEM block.
    Other(String),
}

/// No file with keys or certificates is larger; the authorities that browsers trust take a quarter of a megabyte.
const LARGEST: u64 = 32 * 1024 * 1024;

impl CredentialFile {
    /// Reads a file. The passphrase is used where something is encrypted.
    ///
    /// # Errors
    /// Where the file cannot be read, holds nothing of the kind, or does not open with this passphrase.
    pub fn open(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, CredentialError> {
        let opening = |cause| CredentialError::opening(path, cause);
        let file = File::open(path).map_err(opening)?;
        Self::from_reader(&printable(path), file, passphrase)
    }

    /// Reads from anything to its end.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(
        name: &str,
        reader: impl Read,
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, CredentialError> {
        let mut content = zeroize::Zeroizing::new(Vec::new());
        reader
            .take(LARGEST + 1)
            .read_to_end(&mut content)
            .map_err(|cause| CredentialError::opening(Path::new(name), cause))?;
        Self::from_bytes(name, &content, passphrase)
    }

    /// Reads what a file holds.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(
        name: &str,
        content: &[u8],
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, CredentialError> {
        let name = name.to_owned();
        if content.is_empty() {
            return Err(CredentialError::Empty { name });
        }
        if u64::try_from(content.len()).unwrap_or(u64::MAX) > LARGEST {
            return Err(CredentialError::TooLarge { name });
        }
        let opening = Opening { name: &name, passphrase };
        let (container, items) = match block::blocks(content) {
            blocks if !blocks.is_empty() => {
                let items = blocks.iter().map(|block| block.read(&opening));
                (Container::Pem, items.collect::<Result<Vec<Vec<_>>, _>>()?.into_iter().flatten().collect())
            }
            _ => der::read(content, &opening)?,
        };
        // What OpenSSL has to say of what it tried in vain is nothing to others.
        drop(ErrorStack::get());
        Ok(Self { name, container, items })
    }

    /// The certificates in it, as DER.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().filter_map(|item| match item {
            Item::Certificate(der) => Some(der.as_slice()),
            _ => None,
        })
    }

    /// The private keys in it.
    pub fn private_keys(&self) -> impl Iterator<Item = &PrivateKey> {
        self.items.iter().filter_map(|item| match item {
            Item::PrivateKey(key) => Some(key),
            _ => None,
        })
    }
}

/// A file while it is being opened.
struct Opening<'a> {
    name: &'a str,
    passphrase: Option<&'a Passphrase>,
}

impl CredentialError {
    fn opening(path: &Path, cause: io::Error) -> Self {
        let name = printable(path);
        match cause.kind() {
            io::ErrorKind::NotFound => Self::NotFound { name },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { name },
            io::ErrorKind::IsADirectory => Self::IsDirectory { name },
            _ => Self::Read { name, cause },
        }
    }
}

#[cfg(test)]
mod tests;
