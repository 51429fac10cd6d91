//! An authority as files: a directory of PEM and PKCS#12 that never overwrites what it was not told to.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{AuthorityError, Identity, Pki, Zoo, manifest};

/// The files of an authority, in the order in which they are written; names are relative to its directory.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<StoredFile>,
}

/// A file that is to be written.
pub struct StoredFile {
    /// Its path within the directory.
    pub name: String,
    /// What it is to hold.
    pub content: Zeroizing<Vec<u8>>,
    /// Whether it holds a private key and is for its owner alone.
    pub secret: bool,
}

/// Where the specimens go.
pub(super) const ZOO: &str = "zoo";

impl Files {
    /// What is to be written of an authority and, where there is one, its zoo. `passphrase` encrypts the PKCS#12 files.
    pub fn new(pki: &Pki, zoo: Option<&Zoo>, passphrase: &str) -> Result<Self, AuthorityError> {
        let mut files = Self::default();
        files.put("ca.pem", pki.ca_pem()?, false);
        files.put("ca.key", pki.root.key_pem()?.to_vec(), true);
        files.put("intermediate.pem", pki.intermediate.certificate_pem()?, false);
        files.put("intermediate.key", pki.intermediate.key_pem()?.to_vec(), true);
        files.put("ca-chain.pem", pki.ca_chain_pem()?, false);
        files.put("crl.pem", pki.crl_pem(&[])?, false);
        for identity in [&pki.server].into_iter().chain(&pki.clients) {
            files.put_identity("", identity, passphrase)?;
        }
        for specimen in zoo.iter().flat_map(|zoo| &zoo.specimens) {
            for (name, pem) in &specimen.files {
                files.put(name, pem.clone(), false);
            }
            files.put_identity(&format!("{ZOO}/"), &specimen.identity, passphrase)?;
        }
        files.put("manifest.json", manifest::json(pki, zoo)?, false);
        files.put("README.txt", manifest::readme(pki, zoo, passphrase), false);
        Ok(files)
    }

    /// The files.
    pub fn iter(&self) -> impl Iterator<Item = &StoredFile> {
        self.files.iter()
    }

    /// Writes all of them below `directory`, which is made if it is not there. Where one is there already, nothing is
    /// written, unless `replace`. Files with keys get mode 0600.
    pub fn write(&self, directory: &Path, replace: bool) -> Result<(), AuthorityError> {
        let paths: Vec<PathBuf> = self.files.iter().map(|file| directory.join(&file.name)).collect();
        if !replace {
            // Links count as well, wherever they point.
            let mut there = paths.iter().filter(|path| path.symlink_metadata().is_ok());
            if let Some(first) = there.next() {
                return Err(AuthorityError::AlreadyThere { first: first.clone(), others: there.count() });
            }
        }
        for (file, path) in self.files.iter().zip(&paths) {
            file.write(path, replace).map_err(|cause| AuthorityError::Write { path: path.clone(), cause })?;
        }
        Ok(())
    }

    /// A file, or in place of one that was there what it holds now.
    fn put(&mut self, name: &str, content: impl Into<Vec<u8>>, secret: bool) {
        let file = StoredFile { name: name.to_owned(), content: Zeroizing::new(content.into()), secret };
        match self.files.iter_mut().find(|present| present.name == name) {
            Some(present) => *present = file,
            None => self.files.push(file),
        }
    }

    fn put_identity(
        &mut self,
        folder: &str,
        identity: &Identity,
        passphrase: &str,
    ) -> Result<(), AuthorityError> {
        let stem = format!("{folder}{}", identity.name);
        self.put(&format!("{stem}.pem"), identity.chain_pem()?, false);
        self.put(&format!("{stem}.key"), identity.key_pem()?.to_vec(), true);
        self.put(&format!("{stem}.p12"), identity.pkcs12(passphrase)?, true);
        Ok(())
    }
}

impl StoredFile {
    fn write(&self, path: &Path, replace: bool) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).create(parent)?;
        }
        if replace {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        // `create_new` neither overwrites nor follows a link, and the mode is right from the first byte.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if self.secret {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options.open(path)?.write_all(&self.content)
    }
}

/// Without what it holds.
impl std::fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredFile")
            .field("name", &self.name)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Plan;

    fn files() -> Files {
        let pki = Pki::new(&Plan::default()).unwrap();
        Files::new(&pki, None, "pass").unwrap()
    }

    #[test]
    fn keys_are_for_their_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let files = files();
        files.write(directory.path(), false).unwrap();
        for file in files.iter() {
            let path = directory.path().join(&file.name);
            assert_eq!(fs::read(&path).unwrap(), *file.content);
            let holds_key = file.name.ends_with(".key") || file.name.ends_with(".p12");
            assert_eq!(file.secret, holds_key, "{}", file.name);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode == 0o600, holds_key, "{}: {mode:o}", file.name);
            }
        }
    }

    #[test]
    fn nothing_is_written_where_one_file_is_there() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("client.key"), "mine").unwrap();
        let refused = files().write(directory.path(), false);
        assert!(
            matches!(&refused, Err(AuthorityError::AlreadyThere { first, others: 0 }) if first.ends_with("client.key")),
            "{refused:?}"
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(fs::read(directory.path().join("client.key")).unwrap(), b"mine");
    }

    #[cfg(unix)]
    #[test]
    fn replacing_neither_follows_links_nor_keeps_a_wider_mode() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = directory.path().join("elsewhere");
        fs::write(&elsewhere, "untouched").unwrap();
        symlink(&elsewhere, directory.path().join("ca.key")).unwrap();
        fs::write(directory.path().join("client.key"), "old").unwrap();
        fs::set_permissions(directory.path().join("client.key"), fs::Permissions::from_mode(0o666)).unwrap();
        assert!(files().write(directory.path(), false).is_err());
        files().write(directory.path(), true).unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"untouched");
        for name in ["ca.key", "client.key"] {
            let metadata = directory.path().join(name).symlink_metadata().unwrap();
            assert!(metadata.is_file() && metadata.permissions().mode() & 0o777 == 0o600, "{name}");
        }
    }
}
