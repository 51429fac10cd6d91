//! A directory of certificates: every file in it and below that holds some, as PEM, DER, PKCS#12 or PKCS#7.
//!
//! Keys beside them are left aside, encrypted or not: a certificate in PEM is read without them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use openssl::x509::X509;
use thiserror::Error;

use crate::credential_file::{CredentialFile, Passphrase};
use crate::error::printable;

/// Directories below the one named.
const DEPTH: usize = 4;
/// Files looked at.
const FILES: usize = 20_000;
/// No file of certificates is larger.
const LARGEST: u64 = 32 * 1024 * 1024;

/// What a directory holds.
#[derive(Debug, Default)]
pub struct Collection {
    /// The files with certificates, in the order of their names.
    pub files: Vec<CollectedFile>,
    /// What could not be looked at, a line each; many of a kind in one.
    pub notices: Vec<String>,
}

/// A file with certificates.
#[derive(Debug)]
pub struct CollectedFile {
    /// Its path below the directory, fit for one line of a terminal.
    pub name: String,
    /// The certificates as DER, in order.
    pub certificates: Vec<Vec<u8>>,
}

/// Why a directory could not be read.
#[derive(Debug, Error)]
#[error("cannot read the directory {name}: {cause} (name a directory that holds certificates)")]
pub struct CollectionError {
    name: String,
    cause: io::Error,
}

/// Reads every file in a directory and below. The passphrase is used for PKCS#12.
///
/// # Errors
/// Where the directory itself cannot be read. What cannot be read in it is a notice.
pub fn read(directory: &Path, passphrase: Option<&Passphrase>) -> Result<Collection, CollectionError> {
    let mut collection = Collection::default();
    let paths = paths(directory, &mut collection.notices)
        .map_err(|cause| CollectionError { name: printable(directory), cause })?;
    let mut problems = Vec::new();
    for path in paths {
        let name = printable(path.strip_prefix(directory).unwrap_or(&path));
        match certificates(&path, passphrase) {
            Ok(certificates) if certificates.is_empty() => {}
            Ok(certificates) => collection.files.push(CollectedFile { name, certificates }),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(first) = problems.first() {
        let more = match problems.len() - 1 {
            0 => String::new(),
            more => format!("; nor {more} more files"),
        };
        collection.notices.push(format!("{first}{more}"));
    }
    Ok(collection)
}

/// The files, sorted; those of a directory before those below it.
fn paths(directory: &Path, notices: &mut Vec<String>) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![(directory.to_owned(), 0)];
    while let Some((directory, depth)) = open.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(cause) if depth == 0 => return Err(cause),
            Err(cause) => {
                notices.push(format!("cannot read the directory {}: {cause}", printable(&directory)));
                continue;
            }
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in &paths {
            if path.is_file() && files.len() < FILES {
                files.push(path.clone());
            } else if path.is_dir() && !path.is_symlink() && depth < DEPTH {
                open.push((path.clone(), depth + 1));
            }
        }
    }
    Ok(files)
}

/// The certificates of one file; none where it holds none. The problem in words where it may hold some.
fn certificates(path: &Path, passphrase: Option<&Passphrase>) -> Result<Vec<Vec<u8>>, String> {
    let unreadable = |cause: io::Error| format!("cannot read {}: {cause}", printable(path));
    if fs::metadata(path).map_err(unreadable)?.len() > LARGEST {
        return Ok(Vec::new());
    }
    let content = zeroize::Zeroizing::new(fs::read(path).map_err(unreadable)?);
    let in_pem = X509::stack_from_pem(&content).unwrap_or_default();
    let in_pem: Vec<Vec<u8>> = in_pem.iter().filter_map(|certificate| certificate.to_der().ok()).collect();
    if !in_pem.is_empty() {
        return Ok(in_pem);
    }
    match CredentialFile::from_bytes(&printable(path), &content, passphrase) {
        Ok(file) => Ok(file.certificates().map(<[u8]>::to_vec).collect()),
        Err(problem) if is_pkcs12(path) => Err(problem.to_string()),
        // Keys, requests, texts: nothing to compare with.
        Err(_) => Ok(Vec::new()),
    }
}

fn is_pkcs12(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| ["p12", "pfx"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Pki, Plan};

    #[test]
    fn certificates_are_found_in_every_form_and_keys_left_aside() {
        let pki = Pki::new(&Plan::default()).unwrap();
        let client = &pki.clients[0];
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| fs::write(directory.path().join(name), content).unwrap();
        fs::create_dir(directory.path().join("below")).unwrap();
        write("below/chain.pem", client.chain_pem().unwrap().as_bytes());
        write("client.der", &client.certificate.to_der().unwrap());
        write("client.key", &client.key_pem().unwrap());
        write("notes.txt", b"no certificate here");
        write("old.p12", b"not PKCS#12 at all");
        let collection = read(directory.path(), None).unwrap();
        let names: Vec<&str> = collection.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["client.der", "below/chain.pem"]);
        assert_eq!(collection.files[0].certificates, [client.certificate.to_der().unwrap()]);
        assert_eq!(collection.notices.len(), 1, "{:?}", collection.notices);
        assert!(collection.notices[0].contains("old.p12"), "{}", collection.notices[0]);
    }

    #[test]
    fn a_directory_that_is_not_there_is_one_clear_line() {
        let text = read(Path::new("/no/such/directory"), None).unwrap_err().to_string();
        assert!(text.contains("/no/such/directory") && text.contains("name a directory"), "{text}");
    }
}
