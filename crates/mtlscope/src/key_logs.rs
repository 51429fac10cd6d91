//! The key logs and RSA keys the user gave, held while one capture after the other is read: a key log may be a pipe, which can be
//! read only once.

use std::path::{Path, PathBuf};

use mtlscope_dissect::input::{Input, RsaKey, Secret, SecretOrigin};
use mtlscope_sources::credential_file::{CredentialFile, Passphrase, PrivateKey};
use mtlscope_sources::{KeyLogFile, Source, SourceError};
use zeroize::Zeroizing;

use crate::cli;
use crate::pipeline::{Interrupted, Pipeline};

/// The lines of every key log, and every RSA key. Wiped when dropped.
#[derive(Default)]
pub(crate) struct KeyLogs {
    lines: Vec<Zeroizing<Vec<u8>>>,
    /// As DER.
    rsa_keys: Vec<Zeroizing<Vec<u8>>>,
    notices: Vec<String>,
}

impl KeyLogs {
    /// Reads them all; those that cannot be read come back as errors.
    pub(crate) fn read(paths: &[PathBuf]) -> (Self, Vec<SourceError>) {
        let mut key_logs = Self::default();
        let errors = paths
            .iter()
            .filter_map(|path| KeyLogFile::open(path).and_then(|mut file| key_logs.take(&mut file)).err())
            .collect();
        (key_logs, errors)
    }

    /// Reads all that was typed, and these key logs besides. What cannot be read comes back as one line each.
    pub(crate) fn given(
        typed: &cli::Keys,
        passphrase: &cli::Passphrase,
        besides: &[PathBuf],
    ) -> (Self, Vec<String>) {
        let (mut key_logs, errors) = Self::read(&[&typed.keylog[..], besides].concat());
        let mut errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        match Passphrase::given(passphrase.pass.as_deref(), passphrase.pass_file.as_deref()) {
            Ok(passphrase) => {
                let unread = typed
                    .rsa_key
                    .iter()
                    .filter_map(|path| key_logs.read_rsa_key(path, passphrase.as_ref()).err());
                errors.extend(unread);
            }
            Err(error) => errors.push(error.to_string()),
        }
        (key_logs, errors)
    }

    /// Reads servers' private keys: PEM, DER or PKCS#12.
    fn read_rsa_key(&mut self, path: &Path, passphrase: Option<&Passphrase>) -> Result<(), String> {
        let file = CredentialFile::open(path, passphrase).map_err(|error| error.to_string())?;
        let before = self.rsa_keys.len();
        self.rsa_keys.extend(file.private_keys().filter_map(PrivateKey::rsa_der));
        if self.rsa_keys.len() > before {
            return Ok(());
        }
        let (name, holds) = (&file.name, file.private_keys().next().is_some());
        Err(match holds {
            true => format!(
                "cannot use {name}: its private key is no RSA key, and only RSA key exchange can be opened with the \
                 server's key (give a key log with --keylog)"
            ),
            false => format!(
                "cannot use {name}: it holds no private key (give the server's key, not its certificate)"
            ),
        })
    }

    /// Takes all that a key log has.
    pub(crate) fn take(&mut self, key_log: &mut dyn Source) -> Result<(), SourceError> {
        while let Some(input) = key_log.next()? {
            match input {
                Input::Secret(secret) => self.lines.push(Zeroizing::new(secret.lines.to_vec())),
                Input::Notice(text) => self.notices.push(text.to_owned()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Hands on all that is in them, as often as it is wanted.
    pub(crate) fn each(&self, mut take: impl FnMut(Input<'_>)) {
        for lines in &self.lines {
            take(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }));
        }
        for text in &self.notices {
            take(Input::Notice(text));
        }
    }

    /// Gives the keys to one capture's pipeline, before its packets.
    pub(crate) fn pour(&self, pipeline: &mut Pipeline<'_, '_>) -> Result<(), Interrupted> {
        for lines in &self.lines {
            pipeline.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }))?;
        }
        for der in &self.rsa_keys {
            pipeline.push(Input::RsaKey(RsaKey { der }))?;
        }
        for text in &self.notices {
            pipeline.push(Input::Notice(text))?;
        }
        Ok(())
    }
}
