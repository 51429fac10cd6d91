//! Puts the lines of a key log into a capture, as a Decryption Secrets Block: what `editcap --inject-secrets` does.
//!
//! Of a pcapng every block stays as it is, byte for byte; the secrets come first in each section, so that they open all that
//! follows. A pcap has no place for secrets and becomes a pcapng.

use std::path::Path;

use mtlscope_dissect::input::Input;
use zeroize::Zeroizing;

use crate::capture_writer::{CaptureWriter, Kept};
use crate::error::{SourceError, printable};
use crate::private_file;
use crate::recorder::GATHERED;
use crate::recorder::blocks::secrets_block;
use crate::recorder::out::Out;
use crate::stored::Stored;
use crate::{CaptureFile, Source};

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Injected {
    /// What was odd in the capture.
    pub notices: Vec<String>,
}

/// Copies `capture` to `output` with these lines of a key log in it. The output is readable by its owner alone.
///
/// # Errors
/// When the capture cannot be read, or is no file, or is the output too; when that cannot be written.
pub fn inject(capture: &Path, output: &Path, lines: &[u8]) -> Result<Injected, SourceError> {
    private_file::is_another(capture, output)?;
    let source = CaptureFile::open(capture)?;
    match source.may_hold_secrets() {
        true => copy_blocks(capture, output, lines),
        false => rewrite(source, capture, output, lines),
    }
}

/// Type, length, and what follows in a section header: the byte-order magic.
const HEADER: usize = 12;
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const BIG_ENDIAN: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];
/// Where a section header states the length of its section.
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;
/// The longest block that is copied, in bytes.
const LONGEST: usize = 256 << 20;

fn copy_blocks(capture: &Path, output: &Path, lines: &[u8]) -> Result<Injected, SourceError> {
    let mut stored = Stored::open(capture)?;
    let window = &mut stored.window;
    let mut out = Out::file(private_file::open(output, false)?);
    let mut gathered = Zeroizing::new(Vec::new());
    let mut injected = Injected::default();
    let mut is_big_endian = false;
    let odd = loop {
        if !window.fill_to(HEADER) {
            break (!window.available().is_empty()).then_some("in the middle of a block");
        }
        let Some(&[k0, k1, k2, k3, l0, l1, l2, l3, m0, m1, m2, m3]) = window.available().first_chunk() else {
            break None;
        };
        let begins_section = [k0, k1, k2, k3] == SECTION_HEADER;
        if begins_section {
            is_big_endian = [m0, m1, m2, m3] == BIG_ENDIAN;
        }
        let length = [l0, l1, l2, l3];
        let length = if is_big_endian { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) };
        let length = length as usize;
        if !(HEADER..=LONGEST).contains(&length) || !length.is_multiple_of(4) {
            break Some("at a block with an impossible length");
        }
        if !window.fill_to(length) {
            break Some("in the middle of a block");
        }
        let start = gathered.len();
        let place = window.advance(length);
        gathered.extend_from_slice(window.taken(place));
        if begins_section {
            // The section is longer now: its length is not known.
            if let Some(stated) = gathered.get_mut(start + SECTION_LENGTH.start..start + SECTION_LENGTH.end) {
                stated.fill(0xff);
            }
            gathered.extend_from_slice(&secrets_block(lines, is_big_endian));
        }
        if gathered.len() >= GATHERED {
            write(&mut out, &gathered, output)?;
            gathered.clear();
        }
    };
    write(&mut out, &gathered, output)?;
    if let Some(place) = odd {
        injected.notices.push(format!(
            "the capture breaks off {place} at byte {}; all before it was written",
            window.offset()
        ));
    }
    Ok(injected)
}

fn write(out: &mut Out, bytes: &[u8], output: &Path) -> Result<(), SourceError> {
    out.write(bytes).map_err(|cause| SourceError::Write { name: printable(output), cause })
}

fn rewrite(
    mut source: CaptureFile,
    capture: &Path,
    output: &Path,
    lines: &[u8],
) -> Result<Injected, SourceError> {
    let mut writer = CaptureWriter::create(output, capture)?;
    writer.secrets(lines)?;
    let mut injected = Injected::default();
    while let Some(input) = source.next()? {
        match input {
            Input::Frame(frame) => {
                writer.packet(&Kept {
                    time: frame.time,
                    link_type: frame.link_type,
                    wire_length: frame.wire_length,
                    bytes: frame.bytes,
                    comment: "",
                })?;
            }
            Input::Notice(text) => injected.notices.push(text.to_owned()),
            _ => {}
        }
    }
    writer.finish()?;
    Ok(injected)
}
