//! `mtlscope read`: what can be typed.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope read trace.pcapng
  mtlscope read trace.pcap --keylog keys.log --certs
  mtlscope read --json *.pcap | jq 'select(.outcome.result == \"refused\")'
  tcpdump -i any -U -w - tcp port 443 | mtlscope read -

Exit codes: 0 no finding is an error, 1 one is, 2 something could not be read (outranks 1).
A reader that closes the pipe (| head) ends the run quietly, with the code of what was found until then.";

/// Tell every TLS connection in capture files: who said what, who refused whom, and why.
///
/// Reads pcap and pcapng, also packed with gzip or Zstandard. TLS is found on any TCP port, by content.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Read {
    /// Capture files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Key log to decrypt with, as programs write it when SSLKEYLOGFILE is set; may be given more than once
    ///
    /// Secrets inside a pcapng file are used without asking. The variable SSLKEYLOGFILE of this program's own environment
    /// is not read: say which file is meant.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keylog: Vec<PathBuf>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, help_heading = "What to show", conflicts_with_all = ["tree", "hex", "certs"])]
    pub(crate) json: bool,

    /// Show every field of each message, with its byte offset
    #[arg(short = 'V', long, help_heading = "What to show")]
    pub(crate) tree: bool,

    /// Show the bytes of each message in hex
    #[arg(short = 'x', long, help_heading = "What to show")]
    pub(crate) hex: bool,

    /// Show the certificates in full; `--certs=pem` adds them as PEM
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "full")]
    #[arg(help_heading = "What to show")]
    pub(crate) certs: Option<CertificateForm>,

    /// Save every certificate as a PEM file in this directory, named by connection, role, depth and name
    ///
    /// The directory is made if it is not there; no file in it is overwritten.
    #[arg(long, value_name = "DIR", help_heading = "What to show")]
    pub(crate) save_certs: Option<PathBuf>,

    /// Check every client's signature (CertificateVerify), not only those of clients that were refused
    ///
    /// Takes some 100 microseconds a signature.
    #[arg(long, help_heading = "What to show")]
    pub(crate) verify: bool,

    /// Stop after so many connections
    #[arg(long, value_name = "N", help_heading = "When to stop")]
    pub(crate) connections: Option<NonZeroU64>,

    /// Stop after the first connection with an error
    #[arg(long, help_heading = "When to stop")]
    pub(crate) first_failure: bool,

    /// How many threads share a capture's connections; the output is the same
    ///
    /// Unasked: one for each processor, at most four; one alone for a pipe, a packed or a small file.
    #[arg(long, value_name = "N", help_heading = "How to read")]
    pub(crate) threads: Option<NonZeroU32>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// How much of each certificate.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CertificateForm {
    /// As a person reads it
    Full,
    /// That, and the PEM
    Pem,
}
