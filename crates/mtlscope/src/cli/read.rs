//! `mtlscope read`: what can be typed.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use super::{Appearance, Keyless, Keys, Known, Looks, Passphrase, Tshark};

/// Below the short help, which is to fit a screen.
const AFTER_SHORT_HELP: &str = "\
Examples:
  mtlscope read trace.pcap --keylog keys.log
  mtlscope read -T fields -e frame.number -e tls.handshake.type trace.pcapng

Exit codes: 0 no finding is an error, 1 one is, 2 something could not be read (outranks 1).";

const AFTER_HELP: &str = "\
Examples:
  mtlscope read trace.pcapng
  mtlscope read trace.pcap --keylog keys.log --certs
  mtlscope read trace.pcap --ca-certificate ca.pem --crl ca.crl --expect outcome=accepted
  mtlscope read curl-output.txt
  mtlscope read old.pcap --rsa-key server.key --export-keys keys.log
  mtlscope read trace.pcap --how --cert-dir certs/
  mtlscope read --json *.pcap | jq 'select(.outcome.result == \"refused\")'
  mtlscope read trace.pcap -Y 'outcome.refused_by == \"server\" and authority contains \"Lab\"'
  tcpdump -i any -U -w - tcp port 443 | mtlscope read -
  mtlscope read -T fields -e frame.number -e ip.src -e tls.handshake.type trace.pcapng
  mtlscope -r trace.pcapng -T fields -e tcp.stream -o tls.keylog_file:keys.log

Exit codes: 0 no finding is an error, 1 one is, 2 something could not be read (outranks 1).
A reader that closes the pipe (| head) ends the run quietly, with the code of what was found until then.";

/// Tell every TLS connection in capture files: who said what, who refused whom, and why.
///
/// Reads pcap and pcapng, also packed with gzip or Zstandard. TLS is found on any TCP port, by content. Reads text as well:
/// the output of curl -v, openssl s_client, Java's javax.net.debug, error logs of nginx, Apache, HAProxy, Envoy and Go.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_SHORT_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Read {
    /// Capture files, or what programs printed; `-` is standard input
    ///
    /// Several are read in the order of their times. One that begins where another ended, with at most a minute of silence
    /// between, goes on with it: a connection is followed from one into the next.
    #[arg(required_unless_present_any = ["list_fields", "read_file"], value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// A capture file, as tshark takes it; what stands alone beside it is a filter, as for -Y
    #[arg(short = 'r', value_name = "FILE", id = "read_file", hide_short_help = true)]
    pub(crate) read: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// Write the secrets of every connection that could be opened to this key log, for Wireshark and others
    ///
    /// Whatever opened them: a key log, the capture itself, an RSA key. The file must not be there yet; only its owner can
    /// read it.
    #[arg(long, value_name = "FILE", help_heading = "Keys", hide_short_help = true)]
    pub(crate) export_keys: Option<PathBuf>,

    /// Show only what a filter in Wireshark's language means
    ///
    /// A connection is meant if one of its frames is, with what is known of the whole connection. Beside Wireshark's fields
    /// there are ours of the connection, such as outcome.result; `--fields` lists all. The language is told in
    /// docs/filters.md.
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "What to show")]
    pub(crate) filter: Option<String>,

    /// List the fields that filters know, or those that PATTERN occurs in
    #[arg(long = "fields", id = "list_fields", value_name = "PATTERN", num_args = 0..=1)]
    #[arg(help_heading = "What to show", hide_short_help = true)]
    pub(crate) list_fields: Option<Option<String>>,

    #[command(flatten)]
    pub(crate) known: Known,

    #[command(flatten)]
    pub(crate) keyless: Keyless,

    #[command(flatten)]
    pub(crate) looks: Looks,

    /// With --json: end each file with one more line, what its connections tell when held against each other
    ///
    /// That line is no connection: it has the fields `file` and `across`, a list of findings. The terminal shows them anyway.
    #[arg(long, requires = "json", help_heading = "What to show", hide_short_help = true)]
    pub(crate) across: bool,

    /// Save every certificate as a PEM file in this directory, named by connection, role, depth and name
    ///
    /// The directory is made if it is not there; no file in it is overwritten.
    #[arg(long, value_name = "DIR", help_heading = "What to show", hide_short_help = true)]
    pub(crate) save_certs: Option<PathBuf>,

    /// Check every client's signature (CertificateVerify), not only those of clients that were refused
    ///
    /// Takes some 100 microseconds a signature.
    #[arg(long, help_heading = "What to show", hide_short_help = true)]
    pub(crate) verify: bool,

    /// Stop after so many connections
    #[arg(long, value_name = "N", help_heading = "When to stop")]
    pub(crate) connections: Option<NonZeroU64>,

    /// Stop after the first connection with an error
    #[arg(long, help_heading = "When to stop")]
    pub(crate) first_failure: bool,

    /// How many threads share a capture's connections; the output is the same
    ///
    /// Unasked: one, since several gain little time and take much memory. One in any case for a pipe, with keys, with a filter,
    /// and where captures follow each other.
    #[arg(long, value_name = "N", help_heading = "How to read", hide_short_help = true)]
    pub(crate) threads: Option<NonZeroU32>,

    #[command(flatten)]
    pub(crate) tshark: Tshark,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
