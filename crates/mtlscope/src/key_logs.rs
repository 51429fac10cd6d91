//! The key logs the user gave, held while one capture after the other is read: a key log may be a pipe, which can be
//! read only once.

use std::path::PathBuf;

use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_sources::{KeyLogFile, Source, SourceError};
use zeroize::Zeroizing;

use crate::pipeline::{Interrupted, Pipeline};

/// The lines of every key log. Wiped when dropped.
#[derive(Default)]
pub(crate) struct KeyLogs {
    lines: Vec<Zeroizing<Vec<u8>>>,
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
        for text in &self.notices {
            pipeline.push(Input::Notice(text))?;
        }
        Ok(())
    }
}
