//! Whom the client trusts to vouch for servers.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use openssl::ssl::{SslContextBuilder, SslFiletype};
use openssl::x509::X509;
use openssl::x509::store::X509Lookup;

use super::ClientError;
use super::error::words;

/// Whom to trust.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trust {
    /// Whom this machine trusts: where `SSL_CERT_FILE` and `SSL_CERT_DIR` say, else where distributions keep them.
    System,
    /// The authorities in this file and in this folder of hashed names.
    Files {
        /// PEM, any number of certificates.
        file: Option<PathBuf>,
        /// As `openssl rehash` makes it.
        folder: Option<PathBuf>,
    },
    /// These authorities: PEM.
    Pem(Vec<u8>),
    /// Nobody.
    Nobody,
}

/// Where distributions keep the authorities, in folders of hashed names: looked into only for the name that is wanted.
const FOLDERS: &[&str] = &["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];
/// Where they keep them in one file, which must be read whole.
const FILES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/opt/homebrew/etc/openssl@3/cert.pem",
    "/usr/local/etc/openssl@3/cert.pem",
];

impl Trust {
    pub(super) fn give(&self, context: &mut SslContextBuilder) -> Result<(), ClientError> {
        match self {
            Self::Nobody => Ok(()),
            Self::System => system(context),
            Self::Files { file, folder } => {
                if let Some(file) = file {
                    give_file(file, context)?;
                }
                folder.as_deref().map_or(Ok(()), |folder| give_folder(folder, context))
            }
            Self::Pem(pem) => {
                let certificates =
                    X509::stack_from_pem(pem).map_err(ClientError::stack("read the authorities"))?;
                certificates.into_iter().try_for_each(|certificate| {
                    context
                        .cert_store_mut()
                        .add_cert(certificate)
                        .map_err(ClientError::stack("trust an authority"))
                })
            }
        }
    }
}

fn system(context: &mut SslContextBuilder) -> Result<(), ClientError> {
    let (file, folder) = (env::var_os("SSL_CERT_FILE"), env::var_os("SSL_CERT_DIR"));
    if file.is_some() || folder.is_some() {
        if let Some(file) = file.filter(|file| !file.is_empty()) {
            give_file(Path::new(&file), context)?;
        }
        for folder in folder.iter().flat_map(env::split_paths).filter(|folder| folder.is_dir()) {
            give_folder(&folder, context)?;
        }
        return Ok(());
    }
    if let Some(folder) = FOLDERS.iter().map(Path::new).find(|folder| holds_hashed_names(folder)) {
        return give_folder(folder, context);
    }
    match FILES.iter().map(Path::new).find(|file| file.is_file()) {
        Some(file) => give_file(file, context),
        // A machine that trusts nobody: what the check then says is true.
        None => Ok(()),
    }
}

/// Whether a folder holds files such as `02265526.0`.
fn holds_hashed_names(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| {
                entry.file_name().to_str().is_some_and(|name| {
                    name.len() == 10
                        && name.ends_with(".0")
                        && name.bytes().take(8).all(|b| b.is_ascii_hexdigit())
                })
            })
        })
    })
}

fn give_file(file: &Path, context: &mut SslContextBuilder) -> Result<(), ClientError> {
    let failed = |cause: String| ClientError::File {
        what: "the authorities in",
        path: file.display().to_string(),
        cause,
    };
    let pem = fs::read(file).map_err(|error| failed(format!("{error} (check the path)")))?;
    let certificates = X509::stack_from_pem(&pem)
        .map_err(|errors| failed(format!("{} (wanted are certificates in PEM)", words(&errors))))?;
    if certificates.is_empty() {
        return Err(failed("there is no certificate in it (wanted are certificates in PEM)".to_owned()));
    }
    for certificate in certificates {
        context.cert_store_mut().add_cert(certificate).map_err(ClientError::stack("trust an authority"))?;
    }
    Ok(())
}

fn give_folder(folder: &Path, context: &mut SslContextBuilder) -> Result<(), ClientError> {
    let failed = |cause: String| ClientError::File {
        what: "the authorities in",
        path: folder.display().to_string(),
        cause,
    };
    if !folder.is_dir() {
        return Err(failed("it is no folder (--capath wants one, as `openssl rehash` makes it)".to_owned()));
    }
    let name = folder.to_str().ok_or_else(|| failed("its name is not UTF-8 (rename it)".to_owned()))?;
    let lookup = context
        .cert_store_mut()
        .add_lookup(X509Lookup::hash_dir())
        .map_err(ClientError::stack("look into a folder"))?;
    lookup.add_dir(name, SslFiletype::PEM).map_err(ClientError::stack("look into a folder"))
}
