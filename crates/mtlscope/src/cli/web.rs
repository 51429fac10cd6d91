//! `mtlscope web`: what can be typed.

use std::path::PathBuf;

use super::{Keyless, Keys, Known, Passphrase};

const AFTER_HELP: &str = "\
Examples:
  mtlscope web trace.pcapng                      every connection in a table; click one to see its handshake
  mtlscope web trace.pcap --keylog keys.log      with the keys; they can also be dropped onto the page later
  mtlscope web good.pcap bad.pcap                two captures, to compare connections of
  mtlscope web trace_*.pcapng --ca-certificate ca.pem  a capture that was rotated; what the server trusts is known
  mtlscope web                                   an empty page: drop a capture onto it
  mtlscope web trace.pcap --no-open --page-port 8080  on another machine: ssh -L 8080:127.0.0.1:8080 host, then open the address

The page is served on 127.0.0.1 alone. The printed address opens it once, in the browser that uses it first; nothing is
loaded from the network, and nothing leaves this machine.

Exit codes: 0 stopped by SIGINT or SIGTERM, 2 it could not serve.";

/// See captures in a browser: a table of all connections, each handshake drawn, its messages byte by byte.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Web {
    /// Capture files, or what programs printed; more can be dropped onto the page
    ///
    /// Files of one capture that was rotated are read as one, as in `mtlscope read`.
    #[arg(value_name = "CAPTURE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// Check every client's signature (CertificateVerify), not only those of clients that were refused
    #[arg(long, help_heading = "What is known besides", hide_short_help = true)]
    pub(crate) verify: bool,

    #[command(flatten)]
    pub(crate) known: Known,

    #[command(flatten)]
    pub(crate) keyless: Keyless,

    #[command(flatten)]
    pub(crate) page: Page,
}

/// How the page is served: options that `web` and every source with `--web` share.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
#[command(next_help_heading = "The page")]
pub(crate) struct Page {
    /// Do not open a browser; only print the address
    #[arg(long)]
    pub(crate) no_open: bool,

    /// Serve the page on this port of 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) page_port: u16,
}

/// The page of a source that runs.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
#[command(next_help_heading = "The page")]
pub(crate) struct LivePage {
    /// Show each connection on a page in the browser as well, while it runs: see `mtlscope web`
    #[arg(long)]
    pub(crate) web: bool,

    #[command(flatten)]
    pub(crate) page: Page,
}
