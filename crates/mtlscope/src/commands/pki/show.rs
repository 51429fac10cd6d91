//! `mtlscope pki show`: reads files of certificates and keys, has them judged, and shows what came of it.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mtlscope_diagnose::credential::{Credential, Key, Probe, Stored, StoredFile};
use mtlscope_diagnose::pki::SignatureMemo;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Name, PublicKey, Unreadable};
use mtlscope_sources::credential_file::{self, Container, CredentialError, CredentialFile, Item, Passphrase};
use mtlscope_views::terminal::{self, Certificates};
use mtlscope_views::{json, printable};

use crate::cli;
use crate::commands::written;
use crate::console::Console;
use crate::exit::Exit;
use crate::judging::revocation_list;

/// Standard input, as it is typed.
const STANDARD_INPUT: &str = "-";

pub(crate) fn run(typed: &cli::PkiShow, console: &mut Console<'_>) -> Exit {
    let passphrase = match passphrase(typed) {
        Ok(passphrase) => passphrase,
        Err(error) => {
            console.complain(&error);
            return Exit::CouldNotLook;
        }
    };
    let mut could_not_look = false;
    let mut read = |paths: &[std::path::PathBuf], console: &mut Console<'_>| -> Vec<CredentialFile> {
        let mut files = Vec::new();
        for path in paths {
            match open(path, passphrase.as_ref(), console) {
                Ok(file) => files.push(file),
                Err(error) => {
                    could_not_look = true;
                    console.complain(&error);
                }
            }
        }
        files
    };
    let (files, trusted) = (read(&typed.files, console), read(&typed.cacert, console));
    if files.is_empty() {
        return Exit::CouldNotLook;
    }
    let credential = gathered(&files, &trusted);
    let judgement = credential.judge(&mut SignatureMemo::default());
    let result = if typed.json {
        json::write_credential(&credential, &judgement, console.out)
    } else {
        let settings = terminal::Settings {
            certificates: if typed.certs { Certificates::Full } else { Certificates::Brief },
            ..typed.appearance.settings(console)
        };
        terminal::write_credential(&credential, &judgement, &settings, console.out)
    };
    let found = if judgement.can_serve() { Exit::Clean } else { Exit::Trouble };
    let looked = if could_not_look { Exit::CouldNotLook } else { Exit::Clean };
    written(result, console).max(found).max(looked)
}

fn passphrase(typed: &cli::PkiShow) -> Result<Option<Passphrase>, CredentialError> {
    Passphrase::given(typed.pass.as_deref(), typed.pass_file.as_deref())
}

fn open(
    path: &Path,
    passphrase: Option<&Passphrase>,
    console: &mut Console<'_>,
) -> Result<CredentialFile, CredentialError> {
    if path.as_os_str() != STANDARD_INPUT {
        return CredentialFile::open(path, passphrase);
    }
    match console.input.take() {
        Some(input) => CredentialFile::from_reader("standard input", input, passphrase),
        None => CredentialFile::from_reader("standard input", std::io::stdin().lock(), passphrase),
    }
}

/// What was read, in the words of those who judge it.
fn gathered(files: &[CredentialFile], trusted: &[CredentialFile]) -> Credential {
    let parsed = |file: &CredentialFile| -> Vec<Arc<Certificate>> {
        file.certificates().filter_map(|der| Certificate::parse(der).ok().map(Arc::new)).collect()
    };
    let trusted: Vec<Arc<Certificate>> = trusted.iter().flat_map(parsed).collect();
    let mut at_hand: Vec<Arc<Certificate>> = files.iter().flat_map(parsed).collect();
    at_hand.extend(trusted.iter().cloned());
    let files = files
        .iter()
        .map(|file| StoredFile {
            name: file.name.clone(),
            format: match file.container {
                Container::Pem => "PEM",
                Container::Der => "DER",
                Container::Pkcs12 { .. } => "PKCS#12",
                Container::Pkcs7 => "PKCS#7",
            },
            legacy: file.container == Container::Pkcs12 { legacy: true },
            content: file.items.iter().map(|item| stored(item, &at_hand)).collect(),
        })
        .collect();
    Credential { files, trusted, at: now() }
}

fn stored(item: &Item, at_hand: &[Arc<Certificate>]) -> Stored {
    let unreadable = |what: &str, error: &dyn std::fmt::Display| {
        Stored::Other(format!("{what} that cannot be read: {error}"))
    };
    match item {
        Item::Certificate(der) => match Certificate::parse(der) {
            Ok(certificate) => Stored::Certificate(Arc::new(certificate)),
            Err(error) => Stored::UnreadableCertificate(error.to_string()),
        },
        Item::PrivateKey(key) => {
            let public_key = key
                .public_key()
                .map_err(|error| error.to_string())
                .and_then(|der| PublicKey::from_spki_der(&der).map_err(|error| error.to_string()));
            match public_key {
                Ok(public_key) => Stored::PrivateKey(Key {
                    public_key,
                    is_encrypted: key.was_encrypted,
                    probe: key.probe().map(|probe| Probe {
                        scheme: probe.scheme,
                        message: credential_file::Probe::MESSAGE,
                        signature: probe.signature,
                    }),
                }),
                Err(error) => unreadable("a private key", &error),
            }
        }
        Item::Request(request) => {
            let read = || -> Result<Stored, Unreadable> {
                Ok(Stored::Request {
                    subject: Name::from_der(&request.subject)?,
                    public_key: PublicKey::from_spki_der(&request.public_key)?,
                    is_signed: request.is_signed,
                })
            };
            read().unwrap_or_else(|error| unreadable("a request", &error))
        }
        Item::RevocationList(list) => match revocation_list(list, at_hand) {
            Ok(list) => Stored::RevocationList(list),
            Err(error) => unreadable("a revocation list", &error),
        },
        Item::PublicKey(der) => match PublicKey::from_spki_der(der) {
            Ok(key) => Stored::PublicKey(key),
            Err(error) => unreadable("a public key", &error),
        },
        Item::Other(label) => Stored::Other(printable::printable(label).into_owned()),
        _ => Stored::Other("something unknown".to_owned()),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}
