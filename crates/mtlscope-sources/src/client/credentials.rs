//! The client's certificate and key, from the files that curl and s_client take: PEM, DER or PKCS#12.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::{X509, X509Ref};
use zeroize::Zeroizing;

use super::ClientError;

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
    /// How the certificate is stored.
    pub certificate_type: FileType,
    /// The key; `None`: in the certificate's file.
    pub key: Option<PathBuf>,
    /// How the key is stored.
    pub key_type: FileType,
    /// What opens them.
    pub passphrase: Option<Zeroizing<String>>,
}

/// How a file is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileType {
    /// Base64 between `-----BEGIN` and `-----END`.
    #[default]
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
        let content = read(&files.certificate, "the certificate")?;
        let credentials = match files.certificate_type {
            FileType::P12 => from_pkcs12(&content, files)?,
            FileType::Pem | FileType::Der => {
                let mut certificates = certificates(&content, files)?.into_iter();
                let Some(certificate) = certificates.next() else {
                    return Err(failed(
                        &files.certificate,
                        "the certificate",
                        "there is none in it (wanted is PEM: -----BEGIN CERTIFICATE-----; else say --cert-type DER or P12)",
                    ));
                };
                let key = match &files.key {
                    Some(path) => key(&read(path, "the private key")?, path, files.key_type, files)?,
                    None => key(&content, &files.certificate, files.certificate_type, files)?,
                };
                Self { certificate, chain: certificates.collect(), key }
            }
        };
        let is_pair =
            credentials.certificate.public_key().is_ok_and(|public| public.public_eq(&credentials.key));
        if !is_pair {
            let name = |path: &Path| path.display().to_string();
            return Err(ClientError::NoPair {
                certificate: name(&files.certificate),
                key: name(files.key.as_ref().unwrap_or(&files.certificate)),
            });
        }
        Ok(credentials)
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
            None => Err(ClientError::Stack {
                what: "read a certificate",
                cause: "the text holds none".to_owned(),
            }),
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
    let is_self_signed = certificate.issued(certificate) == openssl::x509::X509VerifyResult::OK;
    // A root's own signature is worth nothing, whatever it is made with.
    let is_weak = [Nid::MD5, Nid::SHA1, Nid::MD5_SHA1].contains(&digest) && !is_self_signed;
    let name =
        MessageDigest::from_nid(digest).and_then(|_| digest.short_name().ok()).unwrap_or("a weak digest");
    is_weak.then(|| format!("it is signed with {name}"))
}

fn read(path: &Path, what: &'static str) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    fs::read(path).map(Zeroizing::new).map_err(|error| {
        failed(
            path,
            what,
            match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such file (check the path)".to_owned(),
                std::io::ErrorKind::PermissionDenied => "permission denied (may you read it?)".to_owned(),
                std::io::ErrorKind::IsADirectory => "it is a directory (name one file in it)".to_owned(),
                _ => format!("{error} (check the path)"),
            },
        )
    })
}

fn failed(path: &Path, what: &'static str, cause: impl Into<String>) -> ClientError {
    ClientError::File { what, path: path.display().to_string(), cause: cause.into() }
}

fn certificates(content: &[u8], files: &CredentialFiles) -> Result<Vec<X509>, ClientError> {
    if files.certificate_type == FileType::Der {
        return X509::from_der(content).map(|one| vec![one]).map_err(|_| {
            failed(
                &files.certificate,
                "the certificate",
                "it is no certificate in DER (is it PEM? leave --cert-type away)",
            )
        });
    }
    let is_text = content.windows(11).any(|window| window == b"-----BEGIN ");
    if !is_text {
        return Err(failed(
            &files.certificate,
            "the certificate",
            "it is not PEM (is it PKCS#12 or DER? say --cert-type P12 or DER)",
        ));
    }
    X509::stack_from_pem(content).map_err(|_| {
        failed(&files.certificate, "the certificate", "its PEM is damaged (copy it again, whole lines)")
    })
}

fn key(
    content: &[u8],
    path: &Path,
    stored: FileType,
    files: &CredentialFiles,
) -> Result<PKey<Private>, ClientError> {
    match stored {
        FileType::Pem => pem_key(content, path, files),
        FileType::Der => PKey::private_key_from_der(content)
            .or_else(|_| PKey::private_key_from_pkcs8(content))
            .or_else(|_| {
                let passphrase = files.passphrase.as_ref().map_or(&b""[..], |text| text.as_bytes());
                PKey::private_key_from_pkcs8_passphrase(content, passphrase)
            })
            .map_err(|_| {
                failed(path, "the private key", "it is no key in DER (is it PEM? leave --key-type away)")
            }),
        FileType::P12 => Err(failed(
            path,
            "the private key",
            "a key alone is not stored as PKCS#12 (give the .p12 file to --cert with --cert-type P12)",
        )),
    }
}

fn pem_key(content: &[u8], path: &Path, files: &CredentialFiles) -> Result<PKey<Private>, ClientError> {
    let text = String::from_utf8_lossy(content);
    if !text.contains("PRIVATE KEY-----") {
        let hint = if files.key.is_none() {
            "there is none in the certificate's file (give it with --key)"
        } else {
            "there is none in it (wanted is PEM: -----BEGIN PRIVATE KEY-----; else say --key-type DER)"
        };
        return Err(failed(path, "the private key", hint));
    }
    let mut was_asked = false;
    let key = PKey::private_key_from_pem_callback(content, |buffer| {
        was_asked = true;
        let passphrase = files.passphrase.as_ref().map_or(&b""[..], |text| text.as_bytes());
        let length = passphrase.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), passphrase.get(..length)) {
            to.copy_from_slice(from);
        }
        Ok(length)
    });
    key.map_err(|_| match (was_asked, &files.passphrase) {
        (true, None) => ClientError::NoPassphrase { path: path.display().to_string() },
        (true, Some(_)) => ClientError::WrongPassphrase { path: path.display().to_string() },
        (false, _) => failed(path, "the private key", "its PEM is damaged (copy it again, whole lines)"),
    })
}

fn from_pkcs12(content: &[u8], files: &CredentialFiles) -> Result<Credentials, ClientError> {
    let path = &files.certificate;
    let container = Pkcs12::from_der(content).map_err(|_| {
        failed(path, "the certificate", "it is not PKCS#12 (is it PEM? leave --cert-type away)")
    })?;
    let passphrase = files.passphrase.as_ref().map_or("", |text| text.as_str());
    let parsed = container.parse2(passphrase).map_err(|errors| {
        let is_unsupported =
            errors.errors().iter().any(|error| error.reason().is_some_and(|reason| reason.contains("unsupported")));
        match (&files.passphrase, is_unsupported) {
            (_, true) => failed(
                path,
                "the certificate",
                "it is locked with an algorithm that OpenSSL has given up, RC2 say (convert it: `openssl pkcs12 -legacy -in FILE -nodes`)",
            ),
            (None, _) => ClientError::NoPassphrase { path: path.display().to_string() },
            (Some(_), _) => ClientError::WrongPassphrase { path: path.display().to_string() },
        }
    })?;
    let (Some(certificate), Some(key)) = (parsed.cert, parsed.pkey) else {
        return Err(failed(
            path,
            "the certificate",
            "it holds no certificate with its key (was it exported with the private key?)",
        ));
    };
    Ok(Credentials {
        certificate,
        chain: parsed.ca.map(|chain| chain.into_iter().collect()).unwrap_or_default(),
        key,
    })
}
