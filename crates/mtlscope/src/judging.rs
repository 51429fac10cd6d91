//! What the user says beside the capture, read from files and handed to the rules: whom the server trusts, what is revoked, what
//! should have happened.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::credential;
use mtlscope_diagnose::expectation::Expectation;
use mtlscope_dissect::x509::{Certificate, Name, Time, Unreadable};
use mtlscope_sources::credential_file::{CredentialError, CredentialFile, Item, RevocationList};

use crate::cli;

/// The user's word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judging {
    trusted: Vec<Arc<Certificate>>,
    revocation_lists: Vec<credential::RevocationList>,
    /// How long before its end a certificate is worth a warning.
    expiring: Option<Duration>,
    /// What should have happened.
    expected: Expectation,
}

impl Judging {
    /// Takes what was typed, and reads the authorities and the revocation lists of a server. What cannot be read is told; the
    /// rest counts.
    pub(crate) fn read(typed: &cli::Known) -> (Self, Vec<CredentialError>) {
        let mut errors = Vec::new();
        let mut open = |paths: &[PathBuf]| -> Vec<CredentialFile> {
            let mut files = Vec::new();
            for path in paths {
                match CredentialFile::open(path, None) {
                    Ok(file) => files.push(file),
                    Err(error) => errors.push(error),
                }
            }
            files
        };
        let (authorities, lists) = (open(&typed.ca_certificate), open(&typed.crl));
        let certificates = authorities.iter().flat_map(CredentialFile::certificates);
        let trusted: Vec<Arc<Certificate>> =
            certificates.filter_map(|der| Certificate::parse(der).ok().map(Arc::new)).collect();
        let revocation_lists = lists
            .iter()
            .chain(&authorities)
            .flat_map(|file| &file.items)
            .filter_map(|item| match item {
                Item::RevocationList(list) => revocation_list(list, &trusted).ok(),
                _ => None,
            })
            .collect();
        let judging = Self {
            trusted,
            revocation_lists,
            expiring: typed.expiring.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
            expected: typed.expect.unwrap_or_default(),
        };
        (judging, errors)
    }

    /// What the rules get to know for one input.
    pub(crate) fn context(&self) -> Context {
        let context = Context::default();
        Context {
            trust_anchors: self.trusted.clone(),
            revocation_lists: self.revocation_lists.clone(),
            expiring: self.expiring.unwrap_or(context.expiring),
            expected: self.expected,
            ..context
        }
    }
}

/// A revocation list in the words of those who judge. `at_hand`: among these its signer is looked for.
pub(crate) fn revocation_list(
    list: &RevocationList,
    at_hand: &[Arc<Certificate>],
) -> Result<credential::RevocationList, Unreadable> {
    let issuer = Name::from_der(&list.issuer)?;
    let signer = at_hand
        .iter()
        .find(|one| one.subject.matches(&issuer) && list.is_signed_by(&one.public_key.spki_der));
    Ok(credential::RevocationList {
        this_update: Time::from_seconds(list.this_update),
        next_update: list.next_update.map(Time::from_seconds),
        revoked: list.revoked.clone(),
        signer: signer.cloned(),
        issuer,
    })
}
