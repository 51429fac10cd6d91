//! `mtlscope diff`: what can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope diff good.pcap bad.pcap                 the first accepted of the one, the first refused of the other
  mtlscope diff trace.pcapng#1 trace.pcapng#4      two connections of one capture, by their numbers
  mtlscope diff good.pcap bad.pcap --keylog keys.log -Y 'server_name == \"shop.example\"'
  mtlscope diff good.pcap curl-output.txt          a capture against what somebody pasted
  mtlscope diff --clients curl.pcap java.pcap      what two clients can do
  mtlscope diff --servers old.pcap new.pcap        what two servers ask for
  mtlscope diff https://a.example/ https://b.example/ -- --cert me.pem --key me.key

What must differ is left aside: randoms, key shares, session ids, signatures, times, numbers of frames.

Exit codes: 0 nothing that decides a handshake differs (with --clients and --servers: nothing at all),
            1 something does, 2 could not look.";

/// Hold two handshakes against each other: where they part first, what differs, and the likely reason.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Diff {
    /// The one that works: a capture, `CAPTURE#N` for its Nth connection, what a program printed, or a URL
    #[arg(value_name = "GOOD")]
    pub(crate) good: String,

    /// The one that does not
    #[arg(value_name = "BAD")]
    pub(crate) bad: String,

    /// Options of `mtlscope connect` for URLs, behind `--`
    #[arg(last = true, value_name = "CONNECT OPTION")]
    pub(crate) connect_options: Vec<OsString>,

    /// Key log to decrypt both captures with; may be given more than once
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keylog: Vec<PathBuf>,

    /// Take only connections that a filter in Wireshark's language means, of both captures
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "What to compare")]
    pub(crate) filter: Option<String>,

    /// Compare nothing but the two ClientHellos: what two clients can do
    #[arg(long, conflicts_with = "servers", help_heading = "What to compare")]
    pub(crate) clients: bool,

    /// Compare nothing but the two CertificateRequests: what two servers ask for
    #[arg(long, help_heading = "What to compare")]
    pub(crate) servers: bool,

    /// Print one JSON object (shape diff/v1)
    #[arg(long, help_heading = "What to show")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
