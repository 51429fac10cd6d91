//! Where the blocks of a recording go: a file, which is left sound when the disk is full, or a stream.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};

/// Where the blocks go.
pub(crate) enum Out {
    File {
        file: File,
        /// Whole blocks, in bytes.
        written: u64,
    },
    Stream(Box<dyn Write + Send>),
}

impl Out {
    /// An empty file.
    pub(crate) fn file(file: File) -> Self {
        Self::File { file, written: 0 }
    }

    /// A pipe, or what else cannot take back what was written.
    pub(crate) fn stream(out: impl Write + Send + 'static) -> Self {
        Self::Stream(Box::new(out))
    }

    /// Writes whole blocks: all of them, or none where the disk is full.
    pub(crate) fn write(&mut self, blocks: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(out) => out.write_all(blocks).and_then(|()| out.flush()),
            Self::File { file, written } => match file.write_all(blocks) {
                Ok(()) => {
                    *written += blocks.len() as u64;
                    Ok(())
                }
                Err(error) => {
                    // The disk is full: half a block would spoil what is there.
                    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                        let _ = file.set_len(*written);
                    }
                    Err(error)
                }
            },
        }
    }
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File { .. } => "File",
            Self::Stream(_) => "Stream",
        })
    }
}
