//! `mtlscope report`: what can be typed.

use std::path::PathBuf;

use super::{Keyless, Keys, Known, Passphrase};

const AFTER_HELP: &str = "\
Examples:
  mtlscope report trace.pcapng -o report.html
  mtlscope report trace.pcap --keylog keys.log -o report.html
  mtlscope report trace.pcap#3 -o third.html                   one connection, by its number
  mtlscope report *.pcap -Y 'outcome.result == \"refused\"' -o refused.html
  mtlscope report trace.pcap -V --full 3 -o report.html        each message field by field, in three connections
  mtlscope report trace.pcap --keylog keys.log --share -o for-them.html
  mtlscope report trace.pcap#3 --svg -o ladder.svg             the ladder as a picture, for a README
  mtlscope report trace.pcap#3 --markdown                      the verdict and the ladder, for an issue

The page is one file, needs no script, and loads nothing. No key is ever in it.

Exit codes: 0 no finding is an error, 1 one is, 2 something could not be read or written (outranks 1).";

/// Write what a capture tells into one page that can be attached to a ticket.
///
/// The verdict, the ladder and the certificates of each connection, those that failed first; the rest in a table.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Report {
    /// Captures, or what programs printed; `CAPTURE#N` for the Nth connection alone, `-` for standard input
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<String>,

    /// Where to write it; `-` is standard output, and so is nothing, unless that is a terminal
    #[arg(short = 'o', long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Write the ladder of one connection as an SVG picture: the one meant, or the first that failed, or the first
    #[arg(long, conflicts_with_all = ["markdown", "tree"], help_heading = "What to write")]
    pub(crate) svg: bool,

    /// Write Markdown for an issue: the verdict, the findings, and the ladder as text
    #[arg(long, conflicts_with_all = ["tree", "to_scale"], help_heading = "What to write")]
    pub(crate) markdown: bool,

    /// Tell no more than a stranger may know: nothing that was said inside a connection, as `mtlscope share` leaves it out
    ///
    /// Of HTTP the method, the status and a few known words stay. Names, addresses and certificates of both ends stay too.
    #[arg(long, help_heading = "What to write")]
    pub(crate) share: bool,

    /// Show so many connections in full; those that failed come first, the rest stand in the table
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "What to write")]
    pub(crate) full: usize,

    /// Show every field of each message too, with its bytes; this makes the page large
    #[arg(short = 'V', long, help_heading = "What to write")]
    pub(crate) tree: bool,

    /// Draw the time between two steps as space between them
    #[arg(long, help_heading = "What to write")]
    pub(crate) to_scale: bool,

    /// Take only connections that a filter in Wireshark's language means; docs/filters.md tells the language
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "Which connections")]
    pub(crate) filter: Option<String>,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// Check every client's signature (CertificateVerify), not only those of clients that were refused
    #[arg(long, help_heading = "What is known besides")]
    pub(crate) verify: bool,

    #[command(flatten)]
    pub(crate) known: Known,

    #[command(flatten)]
    pub(crate) keyless: Keyless,
}
