//! A capture as it is written packet by packet: a pcapng with the secrets before the packets, where Wireshark looks for them.

use std::path::Path;

use mtlscope_dissect::input::LinkType;
use mtlscope_dissect::time::Timestamp;

use crate::error::{SourceError, printable};
use crate::private_file;
use crate::recorder::GATHERED;
use crate::recorder::blocks::Blocks;
use crate::recorder::out::Out;

/// Writes a pcapng.
#[derive(Debug)]
pub struct CaptureWriter {
    name: String,
    out: Out,
    blocks: Blocks,
}

/// A packet, or as much of it as is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// When it was captured.
    pub time: Timestamp,
    /// What its first byte belongs to.
    pub link_type: LinkType,
    /// Its length on the wire.
    pub wire_length: u32,
    /// What is kept of it.
    pub bytes: &'a [u8],
    /// What stands with it; empty for nothing.
    pub comment: &'a str,
}

impl CaptureWriter {
    /// Writes to a file, which is made, or emptied where it is there, and readable by its owner alone. `input`: the capture it
    /// is made from, which it must not be.
    ///
    /// # Errors
    /// When it is that capture, cannot be made or written, or that capture is no file.
    pub fn create(path: &Path, input: &Path) -> Result<Self, SourceError> {
        private_file::is_another(input, path)?;
        let file = private_file::open(path, false)?;
        let mut writer = Self { name: printable(path), out: Out::file(file), blocks: Blocks::default() };
        writer.blocks.section_header();
        Ok(writer)
    }

    /// Whether a capture can be read more than once, and is not what is to be written: the same check as of [`Self::create`],
    /// before anything is made.
    ///
    /// # Errors
    /// Where it is not so.
    pub fn check(path: &Path, input: &Path) -> Result<(), SourceError> {
        private_file::is_another(input, path)
    }

    /// Lines of a key log; before the packets they open.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn secrets(&mut self, lines: &[u8]) -> Result<(), SourceError> {
        if !lines.is_empty() {
            self.blocks.secrets(lines);
        }
        self.flush_if(GATHERED)
    }

    /// The next packet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn packet(&mut self, packet: &Kept<'_>) -> Result<(), SourceError> {
        let interface = self.blocks.interface(packet.link_type);
        self.blocks.packet(interface, packet.time, packet.wire_length, &[packet.bytes], packet.comment);
        self.flush_if(GATHERED)
    }

    /// Nothing more comes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), SourceError> {
        self.flush_if(0)
    }

    fn flush_if(&mut self, gathered: usize) -> Result<(), SourceError> {
        if self.blocks.len() < gathered {
            return Ok(());
        }
        let blocks = self.blocks.take();
        self.out.write(&blocks).map_err(|cause| SourceError::Write { name: self.name.clone(), cause })
    }
}
