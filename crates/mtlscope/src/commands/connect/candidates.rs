//! The certificates with which the client might answer: the one given, or each in a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mtlscope_diagnose::candidate::{Demand, Judgement, judge};
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::pki::SignatureMemo;
use mtlscope_dissect::x509::Certificate;
use mtlscope_sources::client::Credentials;
use mtlscope_sources::credential_file::{Container, CredentialFile, Passphrase};
use mtlscope_views::connect::Candidate;

/// A certificate with what stands behind it in its file.
struct Held {
    source: String,
    chain: Vec<Arc<Certificate>>,
}

/// All of them, and what was held against each.
#[derive(Default)]
pub(super) struct Candidates {
    held: Vec<Held>,
    /// Authorities at hand, whose keys show whether a signature is right.
    known: Vec<Arc<Certificate>>,
    memo: SignatureMemo,
    /// What could not be read. Sentences.
    pub(super) troubles: Vec<String>,
}

impl Candidates {
    /// The certificate that is sent, if one is.
    pub(super) fn given(&mut self, source: &str, credentials: &Credentials) {
        let ders = credentials.certificates();
        self.add(source, ders.iter().map(Vec::as_slice));
    }

    /// Every certificate in a folder, by file name. Files that hold none are passed over.
    pub(super) fn folder(&mut self, folder: &Path, passphrase: Option<&Passphrase>) -> Result<(), String> {
        let failed = |error: std::io::Error| {
            format!("cannot read the folder {}: {error} (check the path of --cert-dir)", folder.display())
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.sort();
        let before = self.held.len();
        for path in paths.iter().filter(|path| path.is_file()) {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match CredentialFile::open(path, passphrase) {
                Ok(file) => {
                    let mut ders: Vec<&[u8]> = file.certificates().collect();
                    // There they stand in any order.
                    if let Container::Pkcs12 { .. } = file.container {
                        ders.sort_by_key(|der| Certificate::parse(der).is_ok_and(|one| one.is_authority()));
                    }
                    self.add(&name, ders.into_iter());
                }
                // A folder holds other things too; what looks like a certificate and is locked is worth a word.
                Err(error) if is_of_interest(path) => self.troubles.push(error.to_string()),
                Err(_) => {}
            }
        }
        if self.held.len() == before && self.troubles.is_empty() {
            self.troubles.push(format!(
                "there is no certificate in {} (wanted are files in PEM, DER or PKCS#12)",
                folder.display()
            ));
        }
        Ok(())
    }

    /// Takes the authorities in a file, which the client reads for its own ends too: it complains of what is wrong with it.
    pub(super) fn know(&mut self, authorities: &Path) {
        if let Ok(file) = CredentialFile::open(authorities, None) {
            let certificates = file.certificates().filter_map(|der| Certificate::parse(der).ok());
            self.known.extend(certificates.map(Arc::new));
        }
    }

    fn add<'a>(&mut self, source: &str, ders: impl Iterator<Item = &'a [u8]>) {
        let chain: Vec<Arc<Certificate>> =
            ders.filter_map(|der| Certificate::parse(der).ok()).map(Arc::new).collect();
        if !chain.is_empty() {
            self.held.push(Held { source: source.to_owned(), chain });
        }
    }

    /// Holds each against what a connection showed of the server's demand.
    pub(super) fn judged(&mut self, connection: &Connection) -> Judged<'_> {
        let demand = Demand { known: &self.known, ..Demand::of(connection) };
        let memo = &mut self.memo;
        let judgements = self.held.iter().map(|held| judge(&held.chain, &demand, memo)).collect();
        Judged { held: &self.held, judgements }
    }
}

/// What came of it.
pub(super) struct Judged<'a> {
    held: &'a [Held],
    judgements: Vec<Option<Judgement>>,
}

impl Judged<'_> {
    /// As the views want them.
    pub(super) fn candidates(&self) -> Vec<Candidate<'_>> {
        let pairs = self.held.iter().zip(&self.judgements);
        pairs
            .filter_map(|(held, judgement)| {
                Some(Candidate { source: &held.source, chain: &held.chain, judgement: judgement.as_ref()? })
            })
            .collect()
    }
}

fn is_of_interest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["p12", "pfx", "crt", "cer", "pem"].iter().any(|one| extension.eq_ignore_ascii_case(one))
    })
}
