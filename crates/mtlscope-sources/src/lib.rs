//! The outside world to inputs: everything mtlscope can look at, told in the words of [`mtlscope_dissect::input`].
//!
//! A source hands over bytes and never judges them: what a packet means is for `mtlscope-dissect` to say. Trouble with
//! what was asked for (no such file, not a capture) is a [`SourceError`]; trouble further in (a truncated tail, a broken
//! block) is an [`Input::Notice`], and what was read before it still counts.

#![deny(unsafe_code)] // but for `stack/ffi.rs` and `interface/packet_ring.rs`

pub mod capture_file;
pub mod key_log_file;
pub mod growing_key_log;
pub mod printout_file;
pub mod recorded;
pub mod secrets_ahead;

#[cfg(target_os = "linux")]
pub mod interface;
#[cfg(target_os = "linux")]
pub mod held_directory;

pub mod feed;
pub mod tapped;
pub mod server;
pub mod relay;
mod stack;

pub mod wrapped;

pub mod client;
pub mod http;
pub mod probe;

pub mod authority;
pub mod certificate_collection;
pub mod credential_file;
mod legacy_provider;

pub mod capture_writer;
pub mod key_log_writer;
pub mod recorder;
pub mod secrets_injector;
mod private_file;

pub mod error;

mod resemblance;
mod stored;
mod window;

pub mod fuzzing;

use mtlscope_dissect::input::Input;

pub use capture_file::CaptureFile;
pub use capture_writer::CaptureWriter;
pub use error::SourceError;
pub use growing_key_log::GrowingKeyLog;
pub use key_log_file::KeyLogFile;
pub use key_log_writer::KeyLogWriter;
pub use printout_file::PrintoutFile;
pub use recorded::Recorded;
pub use recorder::Recorder;
pub use secrets_ahead::{SecretsAhead, decryption_secrets};

/// Something that yields [`Input`]s, one after the other.
pub trait Source: Send {
    /// The next input, borrowed from the source's own buffer until the next call; `None` at the end, and ever after.
    ///
    /// Waits for more where more can come (a pipe).
    ///
    /// # Errors
    /// When the source itself failed and nothing more can come of it. A capture file reports trouble behind its header
    /// as [`Input::Notice`] instead.
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError>;

    /// How far reading has come.
    fn progress(&self) -> Progress;

    /// Whether nothing is at hand, so that [`Source::next`] would wait for more where more can come. Where that is not known, it is
    /// not so.
    fn is_drained(&self) -> bool {
        false
    }
}

/// Something that keeps what a source yields: a recording, a key log.
pub trait Sink: Send {
    /// Takes an input on its way to the engine.
    ///
    /// # Errors
    /// When it cannot be kept, the first time; a sink that failed takes no more and is silent.
    fn take(&mut self, input: &Input<'_>) -> Result<(), SourceError>;

    /// What was taken so far is to be there for who reads it meanwhile.
    ///
    /// # Errors
    /// As [`Self::take`].
    fn flush(&mut self) -> Result<(), SourceError> {
        Ok(())
    }

    /// Nothing more comes: writes what is still held.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn finish(&mut self) -> Result<(), SourceError>;
}

/// How far a source has come, for a progress bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Bytes read so far, as stored: of a compressed file, compressed bytes.
    pub bytes_read: u64,
    /// Bytes there are to read; `None` for a pipe.
    pub total: Option<u64>,
}
