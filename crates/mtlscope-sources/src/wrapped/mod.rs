//! A command of the user's, wrapped so that its handshakes pass before our eyes without any right that others lack.
//!
//! Three means, each of which works for some programs: a proxy of ours named in the environment ([`environment`]), key logs that TLS
//! stacks write when they are asked to, and a library that is loaded into programs that are dynamically linked ([`preload`]) and
//! leads their connections to us. What each program allows is looked at beforehand ([`program`]), and what came of it is told
//! afterwards ([`traces`]). The relay itself is no part of this.

pub mod program;
pub mod environment;
pub mod preload;
pub mod traces;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use crate::error::{SourceError, printable};
use crate::growing_key_log::GrowingKeyLog;
use crate::private_file;
pub use environment::{Environment, Relays};
pub use program::{Linkage, Program};
pub use traces::{SecretsFrom, Traces};

/// Which means are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Means {
    /// A proxy of ours, by `HTTPS_PROXY` and its kin.
    pub proxy: bool,
    /// Key logs, by `SSLKEYLOGFILE` and its kin.
    pub key_log: bool,
    /// The preload library.
    pub preload: bool,
}

/// Why a command cannot be wrapped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WrapError {
    /// No place for what is shared with the command.
    #[error(
        "cannot make a private directory in {}: {cause} (check that it can be written to, or name another with TMPDIR)",
        printable(.directory)
    )]
    Directory {
        /// Where it was to be.
        directory: PathBuf,
        /// What the system said.
        cause: io::Error,
    },

    /// A file in the private directory.
    #[error(transparent)]
    File(#[from] SourceError),
}

/// What is laid out for a command before it runs: a private directory with the files that are shared with it, removed at the end.
#[derive(Debug)]
pub struct Wrapping {
    directory: TempDir,
    means: Means,
}

impl Wrapping {
    /// Lays out what these means need.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be made.
    pub fn prepare(means: Means) -> Result<Self, WrapError> {
        let place = std::env::temp_dir();
        // Readable by its owner alone: it holds keys, and the socket that the library talks to us through.
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let directory = builder
            .prefix("mtlscope-run-")
            .tempdir_in(&place)
            .map_err(|cause| WrapError::Directory { directory: place, cause })?;
        let wrapping = Self { directory, means };
        if means.key_log {
            for name in [traces::KEY_LOG, traces::NODE_KEY_LOG, traces::OPENSSL_KEY_LOG] {
                private_file::create(&wrapping.path().join(name))?;
            }
        }
        if means.preload {
            private_file::create(&wrapping.path().join(traces::LOADED))?;
            preload::write(&wrapping.path().join(preload::NAME))?;
        }
        Ok(wrapping)
    }

    /// The private directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the preload library will look for the relay's control socket.
    pub fn control(&self) -> PathBuf {
        self.path().join("control")
    }

    /// What the command's environment must say.
    pub fn environment(&self, relays: &Relays, present: &dyn Fn(&str) -> Option<OsString>) -> Environment {
        Environment::new(self.means, self.path(), relays, present)
    }

    /// The key logs that the command may write. `own`: one that the user named in `SSLKEYLOGFILE` before, which stays where it
    /// is.
    pub fn key_log_files(&self, own: Option<&Path>) -> Vec<PathBuf> {
        if !self.means.key_log {
            return Vec::new();
        }
        let ours = own.map_or_else(|| self.path().join(traces::KEY_LOG), Path::to_owned);
        let others = [traces::NODE_KEY_LOG, traces::OPENSSL_KEY_LOG].map(|name| self.path().join(name));
        std::iter::once(ours).chain(others).collect()
    }

    /// The same, to be read as they grow; of the user's own only what is added from now on.
    pub fn key_logs(&self, own: Option<&Path>) -> Vec<GrowingKeyLog> {
        self.key_log_files(own)
            .iter()
            .map(|path| match own == Some(path) {
                true => GrowingKeyLog::from_here(path),
                false => GrowingKeyLog::whole(path),
            })
            .collect()
    }

    /// What the command left behind, once it is over.
    pub fn traces(&self, own_key_log: Option<&Path>) -> Traces {
        Traces::read(self.path(), own_key_log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn what_is_laid_out_is_for_its_owner_alone_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt;
        let wrapping = Wrapping::prepare(Means { proxy: true, key_log: true, preload: true }).unwrap();
        let path = wrapping.path().to_owned();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        let mut names: Vec<_> = path.read_dir().unwrap().map(|entry| entry.unwrap()).collect();
        names.sort_by_key(std::fs::DirEntry::file_name);
        for entry in &names {
            assert_eq!(mode(&entry.path()) & 0o077, 0, "{:?}", entry.file_name());
        }
        assert_eq!(names.len(), 5);
        drop(wrapping);
        assert!(!path.exists());
    }

    #[test]
    fn means_that_are_not_wanted_leave_no_file() {
        let wrapping = Wrapping::prepare(Means { proxy: true, key_log: false, preload: false }).unwrap();
        assert_eq!(wrapping.path().read_dir().unwrap().count(), 0);
        assert!(wrapping.key_logs(None).is_empty());
    }
}
