//! A file or pipe as stored: opened, counted, and unpacked where it is gzip or Zstandard.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::Progress;
use crate::error::{SourceError, printable};
use crate::window::Window;

/// An open file or pipe.
#[derive(Debug)]
pub(crate) struct Stored {
    /// What to call it.
    pub(crate) name: String,
    /// Its content, unpacked.
    pub(crate) window: Window,
    /// How it was packed: `gzip` or `Zstandard`.
    pub(crate) packed: Option<&'static str>,
    bytes_read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Stored {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|cause| SourceError::opening(path, cause))?;
        let metadata = file.metadata().map_err(|cause| SourceError::opening(path, cause))?;
        if metadata.is_dir() {
            return Err(SourceError::IsDirectory { name: printable(path) });
        }
        let total = metadata.is_file().then_some(metadata.len());
        Self::new(printable(path), Box::new(file), total)
    }

    /// Takes over an open stream. Waits for its first bytes.
    pub(crate) fn new(
        name: String,
        input: Box<dyn Read + Send>,
        total: Option<u64>,
    ) -> Result<Self, SourceError> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let mut window = Window::new(Box::new(Counted { input, bytes_read: Arc::clone(&bytes_read) }));
        window.fill_to(4);
        let packed = packing(window.available());
        window = match packed {
            Some("gzip") => Window::new(Box::new(MultiGzDecoder::new(window))),
            Some(_) => Window::new(Box::new(ZstandardFrames::new(window))),
            None => window,
        };
        let mut stored = Self { name, window, packed, bytes_read, total };
        if !stored.window.fill_to(4) {
            if let Some(cause) = stored.window.take_failure() {
                return Err(SourceError::Read { name: stored.name, cause });
            }
            if stored.window.available().is_empty() {
                return Err(SourceError::Empty { name: stored.name });
            }
        }
        Ok(stored)
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress { bytes_read: self.bytes_read.load(Ordering::Relaxed), total: self.total }
    }
}

/// How content that starts like this is packed, where we can unpack it.
pub(crate) fn packing(start: &[u8]) -> Option<&'static str> {
    match start {
        // RFC 1952, section 2.3.1: ID1, ID2, CM = deflate, the only one there is.
        [0x1f, 0x8b, 0x08, ..] => Some("gzip"),
        // RFC 8878, sections 3.1.1 and 3.1.2: a frame or a skippable frame.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some("Zstandard"),
        _ => None,
    }
}

/// Counts the bytes read, as stored.
struct Counted {
    input: Box<dyn Read + Send>,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(into)?;
        self.bytes_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Unpacks Zstandard frames one after the other (RFC 8878, section 3.1), where `ruzstd` itself reads but one. It holds
/// back the last window of a frame until the frame's end, so a slow pipe is better left unpacked.
struct ZstandardFrames {
    input: Window,
    decoder: FrameDecoder,
    inside: bool,
}

impl ZstandardFrames {
    fn new(input: Window) -> Self {
        // Refuses frames that want a window above 128 MiB, as `zstd` itself does by default.
        Self { input, decoder: FrameDecoder::new(), inside: false }
    }

    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            if !self.input.fill_to(1) {
                return self.input.take_failure().map_or(Ok(false), Err);
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    if self.input.skip(length.into()) > 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(zstandard(&error)),
            }
        }
    }
}

impl Read for ZstandardFrames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside {
                if !self.next_frame()? {
                    return Ok(0);
                }
                self.inside = true;
            }
            let n = self.decoder.read(into)?;
            if n > 0 || into.is_empty() {
                return Ok(n);
            }
            if self.decoder.is_finished() {
                self.inside = false;
                let stored = self.decoder.get_checksum_from_data();
                if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "Zstandard checksum does not match",
                    ));
                }
                continue;
            }
            let one = ruzstd::decoding::BlockDecodingStrategy::UptoBlocks(1);
            self.decoder.decode_blocks(&mut self.input, one).map_err(|error| zstandard(&error))?;
        }
    }
}

fn zstandard(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("Zstandard: {error}"))
}
