//! A key log that live ends write: the secrets of their connections, for Wireshark and for `mtlscope read --keylog`.
//!
//! A [`Sink`]: `pipeline.keeping(vec![Box::new(KeyLogWriter::append(path)?)])`. The format is NSS's, which programs write when
//! SSLKEYLOGFILE is set; as they do, it adds to what a file holds already.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use mtlscope_dissect::input::Input;

use crate::error::{SourceError, printable};
use crate::{Sink, private_file};

/// Appends secrets to a file as they come.
#[derive(Debug)]
pub struct KeyLogWriter {
    name: String,
    /// Nothing more is written after a failure.
    file: Option<File>,
}

impl KeyLogWriter {
    /// Writes a new file, which only its owner can read.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be made.
    pub fn create(path: &Path) -> Result<Self, SourceError> {
        Ok(Self { name: printable(path), file: Some(private_file::create(path)?) })
    }

    /// Adds to this file, which is made where it is not there, and readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn append(path: &Path) -> Result<Self, SourceError> {
        let mut file = private_file::open(path, true)?;
        let name = printable(path);
        if ends_within_a_line(path)
            && let Err(cause) = file.write_all(b"\n")
        {
            return Err(SourceError::Write { name, cause });
        }
        Ok(Self { name, file: Some(file) })
    }
}

impl Sink for KeyLogWriter {
    fn take(&mut self, input: &Input<'_>) -> Result<(), SourceError> {
        let (Input::Secret(secret), Some(file)) = (input, &mut self.file) else { return Ok(()) };
        // In one piece: others may write to the same file.
        let Err(cause) = file.write_all(secret.lines) else { return Ok(()) };
        self.file = None;
        Err(SourceError::Write { name: self.name.clone(), cause })
    }

    fn finish(&mut self) -> Result<(), SourceError> {
        Ok(())
    }
}

/// What another program left unfinished must not swallow our first line.
fn ends_within_a_line(path: &Path) -> bool {
    let last = || -> std::io::Result<Option<u8>> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Ok(None);
        }
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(Some(last[0]))
    };
    last().ok().flatten().is_some_and(|byte| byte != b'\n')
}
