//! Looks ahead for the key material inside a capture, so that keys which come after the packets they open are known
//! before the packets are.

use std::path::Path;

use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use zeroize::Zeroizing;

use crate::capture_file::CaptureFile;
use crate::error::SourceError;
use crate::{Progress, Source};

/// How much key material is held, in bytes: about a million TLS 1.2 sessions.
const LIMIT: usize = 256 << 20;

/// Reads a capture once from start to end and collects its Decryption Secrets Blocks.
///
/// Costs a read of a pcapng file; a pcap file cannot hold any and is not read further than its header. Where the path is
/// no regular file (a pipe), nothing is read and nothing found, since what is read of a pipe is gone. The same secrets
/// come again, where they stand, when the capture itself is read.
///
/// # Errors
/// Those of [`CaptureFile::open`].
pub fn decryption_secrets(path: &Path) -> Result<SecretsAhead, SourceError> {
    let metadata = std::fs::metadata(path).map_err(|cause| SourceError::opening(path, cause))?;
    if !metadata.is_file() && !metadata.is_dir() {
        return Ok(SecretsAhead::default());
    }
    collect(CaptureFile::open(path)?, LIMIT)
}

fn collect(mut capture: CaptureFile, limit: usize) -> Result<SecretsAhead, SourceError> {
    let mut ahead = SecretsAhead::default();
    if !capture.may_hold_secrets() {
        return Ok(ahead);
    }
    let mut held = 0;
    while let Some(input) = capture.next()? {
        let Input::Secret(secret) = input else { continue };
        held += secret.lines.len() + size_of::<Zeroizing<Vec<u8>>>();
        if held > limit {
            ahead.notice = Some(format!(
                "the capture holds more than {} MiB of key material; what comes after that opens only packets that follow it",
                limit >> 20
            ));
            break;
        }
        ahead.texts.push(Zeroizing::new(secret.lines.to_vec()));
    }
    ahead.progress = capture.progress();
    Ok(ahead)
}

/// The key material found in a capture, as a source. Wiped when dropped; never printed.
#[derive(Default)]
pub struct SecretsAhead {
    texts: Vec<Zeroizing<Vec<u8>>>,
    notice: Option<String>,
    told: usize,
    progress: Progress,
}

impl SecretsAhead {
    /// The key-log texts, in the order of the file; each of whole lines.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.texts.iter().map(|text| text.as_slice())
    }
}

impl Source for SecretsAhead {
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        let turn = self.told;
        self.told = turn.saturating_add(1);
        if let Some(lines) = self.texts.get(turn) {
            return Ok(Some(Input::Secret(Secret {
                origin: SecretOrigin::DecryptionSecretsBlock,
                lines,
                flow: None,
            })));
        }
        Ok(self.notice.as_deref().filter(|_| turn == self.texts.len()).map(Input::Notice))
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

impl std::fmt::Debug for SecretsAhead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretsAhead").field("texts", &self.texts.len()).finish_non_exhaustive()
    }
}
