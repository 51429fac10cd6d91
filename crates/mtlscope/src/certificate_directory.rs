//! `--save-certs`: the certificates of the connections as PEM files in one directory. No file that is there is changed.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use mtlscope_diagnose::connection::Connection;
use mtlscope_views::saved_certificates::{SavedCertificate, saved_certificates};

/// How many files of one name there may be: other captures, earlier runs.
const MOST_OF_ONE_NAME: u32 = 10_000;

/// Where certificates go.
pub(crate) struct CertificateDirectory {
    path: PathBuf,
}

impl CertificateDirectory {
    /// The directory, made if it is not there. The error is a sentence.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        fs::create_dir_all(path).map_err(|error| {
            format!("cannot make the directory {}: {error} (check its path)", path.display())
        })?;
        Ok(Self { path: path.to_owned() })
    }

    /// Saves what a connection showed. The error is a sentence.
    pub(crate) fn save(&self, connection: &Connection) -> Result<(), String> {
        saved_certificates(connection).iter().try_for_each(|certificate| {
            self.write(certificate).map_err(|error| {
                format!(
                    "cannot write certificates to {}: {error} (is there space, and may you?)",
                    self.path.display()
                )
            })
        })
    }

    /// Writes one file. Where one of its name holds another certificate (of another capture, say), the name gets a number.
    fn write(&self, certificate: &SavedCertificate) -> io::Result<()> {
        for number in 1..=MOST_OF_ONE_NAME {
            let path = self.path.join(numbered(&certificate.file_name, number));
            // `create_new` neither overwrites nor follows a link that somebody put there.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => return file.write_all(certificate.pem.as_bytes()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if fs::read(&path).is_ok_and(|present| present == certificate.pem.as_bytes()) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "too many files of one name"))
    }
}

/// `1-client-0-alice.pem`, `1-client-0-alice-2.pem`, ...
fn numbered(file_name: &str, number: u32) -> String {
    match number {
        1 => file_name.to_owned(),
        _ => format!("{}-{number}.pem", file_name.strip_suffix(".pem").unwrap_or(file_name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(directory: &Path, pem: &str) {
        let certificate = SavedCertificate { file_name: "1-client-0-a.pem".to_owned(), pem: pem.to_owned() };
        CertificateDirectory::open(directory).unwrap().write(&certificate).unwrap();
    }

    #[test]
    fn never_overwrites_and_writes_nothing_twice() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("new/deep");
        save(&inside, "one");
        save(&inside, "two");
        save(&inside, "one");
        save(&inside, "two");
        let read = |name: &str| fs::read_to_string(inside.join(name)).unwrap();
        assert_eq!(
            (read("1-client-0-a.pem"), read("1-client-0-a-2.pem")),
            ("one".to_owned(), "two".to_owned())
        );
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 2);
    }
}
