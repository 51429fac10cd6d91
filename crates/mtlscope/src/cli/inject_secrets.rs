//! `mtlscope inject-secrets`: what can be typed.

use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  mtlscope inject-secrets trace.pcap --keylog keys.log -o with-keys.pcapng
  mtlscope inject-secrets tls,keys.log trace.pcap with-keys.pcapng       as editcap --inject-secrets

Whoever has the result can read all that the keys open: `mtlscope share` gives away the handshake alone.

Exit codes: 0 it was written, 2 it could not be.";

/// Put a key log into a capture, so that Wireshark and others decrypt it without asking.
///
/// A pcapng stays as it is, with one block more; a pcap becomes a pcapng. Only secrets of sessions that are in the capture go in.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct InjectSecrets {
    /// The capture; before it `tls,KEYLOG` and behind it OUT, as editcap takes them
    #[arg(value_name = "CAPTURE", required = true, num_args = 1..=3)]
    pub(crate) words: Vec<PathBuf>,

    /// Key log, as programs write it when SSLKEYLOGFILE is set; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Vec<PathBuf>,

    /// Where to write it: a pcapng, readable by its owner alone
    #[arg(short = 'o', long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,

    /// Put in every line of the key log, whether its session is in the capture or not (QUIC and DTLS are not recognised)
    #[arg(long)]
    pub(crate) all: bool,
}
