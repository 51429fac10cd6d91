//! The recording of the demo, in a file or in memory, and how it is read back.

use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mtlscope_dissect::input::Input;
use mtlscope_sources::{CaptureFile, Recorder, Sink, SourceError};

/// A recording that several pipelines write to, one after the other.
#[derive(Clone)]
pub(super) struct Recording {
    recorder: Arc<Mutex<Recorder>>,
    memory: Memory,
}

impl Recording {
    /// To a file, else in memory.
    pub(super) fn new(file: Option<&Path>) -> Result<Self, SourceError> {
        let memory = Memory::default();
        let recorder = match file {
            Some(path) => Recorder::create(path)?,
            None => Recorder::to_writer("the demo's recording", memory.clone())?,
        };
        Ok(Self { recorder: Arc::new(Mutex::new(recorder)), memory })
    }

    /// What was recorded in memory.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.memory.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Recording {
    fn take(&mut self, input: &Input<'_>) -> Result<(), SourceError> {
        self.lock().take(input)
    }

    fn finish(&mut self) -> Result<(), SourceError> {
        self.lock().finish()
    }
}

/// Bytes that are written by one and read by another.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A recording, to be read.
pub(super) fn open(bytes: &[u8]) -> Result<CaptureFile, SourceError> {
    CaptureFile::from_reader("the demo's recording", Cursor::new(bytes.to_vec()))
}
