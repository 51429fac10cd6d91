//! A recording of packets as they were captured, with the names of their interfaces, what the kernel counted of each, and the
//! secrets that became known.
//!
//! Secrets are written before the packets that still wait to be written: a reader that goes through a file once can use them
//! only for what follows.

use std::fs::File;
use std::path::Path;

use mtlscope_dissect::input::{Frame, LinkType};
use mtlscope_dissect::time::Timestamp;

use super::GATHERED;
use super::blocks::Blocks;
use super::out::Out;
use crate::error::{SourceError, printable};

/// What a recording says of where packets come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// What its packets begin with.
    pub link_type: LinkType,
}

/// Keeps packets as a pcapng.
#[derive(Debug)]
pub struct PacketRecorder {
    name: String,
    /// Nothing more is written after a failure.
    out: Option<Out>,
    blocks: Blocks,
    /// Bytes handed to `out`.
    written: u64,
}

impl PacketRecorder {
    /// Records to an empty file, called `path` in messages.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(path: &Path, file: File, interfaces: &[Link]) -> Result<Self, SourceError> {
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let out = if is_file { Out::file(file) } else { Out::stream(file) };
        let mut recorder =
            Self { name: printable(path), out: Some(out), blocks: Blocks::default(), written: 0 };
        recorder.blocks.section_header();
        for interface in interfaces {
            recorder.blocks.interface_called(&interface.name, interface.link_type);
        }
        recorder.flush()?;
        Ok(recorder)
    }

    /// Keeps a packet of the interface with this place in the list.
    ///
    /// # Errors
    /// When it cannot be kept, the first time; a recorder that failed takes no more and is silent.
    #[inline]
    pub fn packet(&mut self, interface: usize, frame: &Frame<'_>) -> Result<(), SourceError> {
        if self.out.is_none() {
            return Ok(());
        }
        self.blocks.packet(interface as u32, frame.time, frame.wire_length, &[frame.bytes], "");
        if self.blocks.len() >= GATHERED { self.flush() } else { Ok(()) }
    }

    /// Keeps lines of a key log.
    ///
    /// # Errors
    /// As [`Self::packet`].
    pub fn secrets(&mut self, lines: &[u8]) -> Result<(), SourceError> {
        if self.out.is_none() {
            return Ok(());
        }
        let mut secrets = Blocks::default();
        secrets.secrets(lines);
        self.write(&secrets)
    }

    /// Keeps what the kernel counted of an interface until then.
    ///
    /// # Errors
    /// As [`Self::packet`].
    pub fn statistics(
        &mut self,
        interface: usize,
        time: Timestamp,
        received: u64,
        dropped: u64,
    ) -> Result<(), SourceError> {
        if self.out.is_some() {
            self.blocks.statistics(interface as u32, time, received, dropped);
        }
        self.flush()
    }

    /// Bytes recorded so far.
    pub fn len(&self) -> u64 {
        self.written + self.blocks.len() as u64
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes what is gathered.
    ///
    /// # Errors
    /// As [`Self::packet`].
    pub fn flush(&mut self) -> Result<(), SourceError> {
        let mut blocks = std::mem::take(&mut self.blocks);
        let result = self.write(&blocks);
        // The room is used again.
        blocks.clear();
        self.blocks = blocks;
        result
    }

    fn write(&mut self, blocks: &Blocks) -> Result<(), SourceError> {
        let bytes = blocks.waiting();
        let Some(out) = &mut self.out else { return Ok(()) };
        if let Err(cause) = out.write(bytes) {
            self.out = None;
            return Err(SourceError::Write { name: self.name.clone(), cause });
        }
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// What a run that ends early still holds is not lost.
impl Drop for PacketRecorder {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
