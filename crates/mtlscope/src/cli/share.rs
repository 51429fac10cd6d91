//! `mtlscope share`: what can be typed.

use std::path::PathBuf;

use super::{Appearance, Keys, Passphrase};

const AFTER_HELP: &str = "\
Examples:
  mtlscope share trace.pcap --keylog keys.log -o for-them.pcapng
  mtlscope share trace.pcapng#3 -o for-them.pcapng             the third connection alone
  mtlscope share trace_*.pcapng -o for-them.pcapng             the files of one capture that was rotated
  mtlscope share old.pcap --rsa-key server.key -o for-them.pcapng
  mtlscope share trace.pcapng --failed -o for-them.pcapng      those that were refused, or broke
  mtlscope share trace.pcapng -Y 'server_name == \"shop.example\"' -o for-them.pcapng
  mtlscope share trace.pcapng --hide-identities --pseudonymise -o for-them.pcapng

What the receiver can read, and what he has to take on trust, is printed. docs/share.md tells all that leaves.

Exit codes: 0 it was written, 2 it could not be, or must not be as asked.";

/// Make a capture that a stranger may have: handshakes only, and only the secrets that open them.
///
/// Application data is cut away. Of TLS 1.3 the secrets of the handshake go along, so that the receiver can see who asked for
/// what; what only other secrets open (a refusal, the status of an answer) stands in the comments of packets, in words. No message
/// is ever rewritten.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Share {
    /// The capture, or `CAPTURE#N` for its Nth connection
    ///
    /// Several files must be one capture that was rotated: names that differ in digits only, each beginning where another ended. They are
    /// read as one and make one file.
    #[arg(value_name = "CAPTURE", required = true)]
    pub(crate) captures: Vec<String>,

    /// Where to write it: a pcapng, readable by its owner alone
    #[arg(short = 'o', long, value_name = "OUT")]
    pub(crate) output: PathBuf,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// Take only connections that a filter in Wireshark's language means
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "Which connections")]
    pub(crate) filter: Option<String>,

    /// Take only connections that were refused, did not come to their end, or have an error found
    #[arg(long, help_heading = "Which connections")]
    pub(crate) failed: bool,

    /// Give away the master secrets of TLS 1.2 and below too: they open ALL that was said, not only the handshake
    #[arg(long, conflicts_with = "hide_identities", help_heading = "What leaves")]
    pub(crate) with_master_secrets: bool,

    /// Leave out what shows who the client is: its secret of the handshake (TLS 1.3). Refuses where its certificate is in clear
    #[arg(long, help_heading = "What leaves")]
    pub(crate) hide_identities: bool,

    /// Replace IP and MAC addresses by false ones, the same for the same. Names in messages (SNI, certificates) stay
    ///
    /// Options of headers that may hold addresses are blanked. Ports and times stay, TCP's own timestamps too.
    #[arg(long, visible_alias = "pseudonymize", help_heading = "What leaves")]
    pub(crate) pseudonymise: bool,

    /// Keep the comments that the capture's packets have
    #[arg(long, help_heading = "What leaves")]
    pub(crate) keep_comments: bool,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
