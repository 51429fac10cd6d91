//! The client's certificate and key, from the files that curl and s_client take: PEM, DER or PKCS#12.

use std::path::{Path, PathBuf};

use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::{X509, X509Ref, X509VerifyResult};

use super::ClientError;
use crate::credential_file::{Container, CredentialError, CredentialFile, Passphrase};

/// A certificate, its chain and its key. Never prints the key.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The client's certificate.
    pub(super) certificate: X509,
    /// What it is to send besides.
    pub(super) chain: Vec<X509>,
    pub(super) key: PKey<Private>,
}

/// The files that hold them.
#[derive(Clone, Debug)]
pub struct CredentialFiles {
    /// The certificate, in PEM with the chain behind it; or all of it in PKCS#12.
    pub certificate: PathBuf,
    /// How it is said to be stored; `None`: whatever it looks like.
    pub certificate_type: Option<FileType>,
    /// The key; `None`: in the certificate's file.
    pub key: Option<PathBuf>,
    /// How it is said to be stored.
    pub key_type: Option<FileType>,
    /// What opens them.
    pub passphrase: Option<Passphrase>,
}

/// How a file is said to be stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileType {
    /// Base64 between `-----BEGIN` and `-----END`.
    Pem,
    /// The bytes themselves.
    Der,
    /// PKCS#12 (`.p12`, `.pfx`).
    P12,
}

impl Credentials {
    /// Reads them, and checks that key and certificate are a pair.
    ///
    /// # Errors
    /// A file that cannot be read, is not what it should be, or needs another passphrase; no pair.
    pub fn read(files: &CredentialFiles) -> Result<Self, ClientError> {
        let first = open(&files.certificate, files.certificate_type, "--cert-type", files)?;
        let second = match &files.key {
            Some(path) => Some(open(path, files.key_type, "--key-type", files)?),
            None => None,
        };
        let key_file = second.as_ref().unwrap_or(&first);
        let Some(key) = key_file.private_keys().next().map(|key| key.key().clone()) else {
            let cause = match &files.key {
                Some(_) => {
                    "there is none in it (wanted is -----BEGIN PRIVATE KEY-----; are --cert and --key mixed up?)"
                }
                None => "there is none beside the certificate (give it with --key)",
            };
            return Err(failed(&key_file.name, "the private key", cause));
        };
        let certificates: Result<Vec<X509>, _> = first.certificates().map(X509::from_der).collect();
        let mut certificates = certificates.map_err(|_| {
            failed(&first.name, "the certificate", "OpenSSL cannot read it (is it damaged? copy it again)")
        })?;
        if certificates.is_empty() {
            let cause =
                "there is none in it (wanted is -----BEGIN CERTIFICATE-----; are --cert and --key mixed up?)";
            return Err(failed(&first.name, "the certificate", cause));
        }
        let is_of_key = |one: &X509| one.public_key().is_ok_and(|public| public.public_eq(&key));
        // In PKCS#12 they stand in any order; in PEM the first is the client's, as OpenSSL has it.
        let place = match first.container {
            Container::Pkcs12 { .. } => certificates.iter().position(is_of_key),
            _ => certificates.first().is_some_and(is_of_key).then_some(0),
        };
        let Some(place) = place else {
            let key = key_file.name.clone();
            return Err(ClientError::NoPair { certificate: first.name.clone(), key });
        };
        let certificate = certificates.remove(place);
        Ok(Self { certificate, chain: certificates, key })
    }

    /// From PEM texts in memory: the certificate with its chain, and the key.
    ///
    /// # Errors
    /// Where they are not that.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, ClientError> {
        let stack = ClientError::stack("read a certificate and its key");
        let mut certificates = X509::stack_from_pem(certificates).map_err(&stack)?.into_iter();
        let key = PKey::private_key_from_pem(key).map_err(&stack)?;
        match certificates.next() {
            Some(certificate) => Ok(Self { certificate, chain: certificates.collect(), key }),
            None => Err(failed("the text", "the certificate", "there is none in it")),
        }
    }

    /// The client's certificate and what it is to send besides, DER.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.certificate).chain(&self.chain).filter_map(|one| one.to_der().ok()).collect()
    }

    /// Why OpenSSL's usual level of security would not let them through, if it would not.
    pub(super) fn weakness(&self) -> Option<String> {
        std::iter::once(&self.certificate).chain(&self.chain).find_map(|one| weakness(one))
    }
}

fn failed(name: &str, what: &'static str, cause: impl Into<String>) -> ClientError {
    ClientError::File { what, path: name.to_owned(), cause: cause.into() }
}

/// Opens a file, and holds it against what it was said to be.
fn open(
    path: &Path,
    said: Option<FileType>,
    option: &'static str,
    files: &CredentialFiles,
) -> Result<CredentialFile, ClientError> {
    let file = CredentialFile::open(path, files.passphrase.as_ref())?;
    let is_so = match (said, file.container) {
        (None, _)
        | (Some(FileType::Pem), Container::Pem)
        | (Some(FileType::Der), Container::Der)
        | (Some(FileType::P12), Container::Pkcs12 { .. }) => true,
        (Some(_), _) => false,
    };
    if is_so {
        return Ok(file);
    }
    let is = match file.container {
        Container::Pem => "PEM",
        Container::Der => "DER",
        Container::Pkcs12 { .. } => "P12",
        Container::Pkcs7 => "PKCS#7, which holds no key",
    };
    Err(failed(
        &file.name,
        "the file",
        format!("it is {is} (leave {option} away, and it is read as what it is)"),
    ))
}

fn weakness(certificate: &X509Ref) -> Option<String> {
    let key = certificate.public_key().ok()?;
    let too_small = match key.id() {
        Id::RSA | Id::RSA_PSS | Id::DSA => key.bits() < 2048,
        Id::EC => key.bits() < 224,
        _ => false,
    };
    if too_small {
        return Some(format!("its key has only {} bits", key.bits()));
    }
    let algorithm = certificate.signature_algorithm().object().nid();
    let digest = algorithm.signature_algorithms()?.digest;
    // A root's own signature is worth nothing, whatever it is made with.
    let is_self_signed = certificate.issued(certificate) == X509VerifyResult::OK;
    let is_weak = [Nid::MD5, Nid::SHA1, Nid::MD5_SHA1].contains(&digest) && !is_self_signed;
    is_weak.then(|| format!("it is signed with {}", digest.short_name().unwrap_or("a weak digest")))
}

impl From<CredentialError> for ClientError {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}
