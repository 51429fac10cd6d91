//! `mtlscope probe`: what can be typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use mtlscope_sources::client::{FileType, Starttls};

use super::Appearance;
use super::connect::{file_type, seconds, starttls};

const AFTER_HELP: &str = "\
Examples:
  mtlscope probe shop.example
  mtlscope probe shop.example:8443/admin --cert alice.pem --key alice.key
  mtlscope probe --json a.example b.example | jq -r '[.target, .requirement] | @tsv'
  mtlscope probe api.example --expect required && echo enforced
  mtlscope probe mail.example:143 --starttls imap

Exit codes:
  0  looked at all
  1  a server is not as expected (--expect), or refuses the certificate given
  2  a server could not be reached (outranks 1; the others are still told)";

/// Find out whether servers ask for a client certificate, where, and whether they insist.
///
/// Makes a few connections to each: TLS 1.3 and 1.2, HTTP/2 and HTTP/1.1 where the server speaks both, with one GET for the
/// path; and with a certificate, if one is given. A server may ask in the handshake or only later, for some paths; and it may
/// refuse in TLS, or finish the handshake and refuse by HTTP status: each is told apart.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Probe {
    /// Servers: a name or address, perhaps with port (443 if none) and path; or an https URL
    #[arg(required = true, value_name = "HOST[:PORT][/PATH]")]
    pub(crate) targets: Vec<String>,

    /// Also try with this certificate, with its chain: PEM, DER or PKCS#12; `FILE:PASSWORD` gives the passphrase too
    #[arg(short = 'E', long, value_name = "FILE", help_heading = "The client's certificate")]
    pub(crate) cert: Option<String>,

    /// Its private key, where it is in a file of its own
    #[arg(long, value_name = "FILE", help_heading = "The client's certificate", requires = "cert")]
    pub(crate) key: Option<PathBuf>,

    /// Passphrase of the key or of the PKCS#12 file
    ///
    /// Other users of the machine may see it in the list of processes: `--pass-file` keeps it out of there.
    #[arg(
        long,
        value_name = "PHRASE",
        help_heading = "The client's certificate",
        conflicts_with = "pass_file"
    )]
    pub(crate) pass: Option<String>,

    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", help_heading = "The client's certificate")]
    pub(crate) pass_file: Option<PathBuf>,

    /// How the certificate is stored: PEM, DER or P12; without it, what it looks like
    #[arg(long, value_name = "TYPE", help_heading = "The client's certificate", value_parser = file_type)]
    pub(crate) cert_type: Option<FileType>,

    /// How the key is stored: PEM or DER; without it, what it looks like
    #[arg(long, value_name = "TYPE", help_heading = "The client's certificate", value_parser = file_type)]
    pub(crate) key_type: Option<FileType>,

    /// Authorities to hold the server's certificate against, PEM; without: those of this machine
    #[arg(long, value_name = "FILE", help_heading = "Server's certificate")]
    pub(crate) cacert: Option<PathBuf>,

    /// It does not matter who the server is
    ///
    /// Without this, a server whose own certificate fails the check is probed all the same, but not shown the certificate of
    /// --cert.
    #[arg(short = 'k', long, help_heading = "Server's certificate")]
    pub(crate) insecure: bool,

    /// Name to ask for (SNI) and to hold the server's certificate against, instead of the target's
    #[arg(long, value_name = "NAME", help_heading = "The way there")]
    pub(crate) servername: Option<String>,

    /// Addresses by hand: HOST:PORT:ADDRESS[,ADDRESS]
    #[arg(long, value_name = "RULE", help_heading = "The way there")]
    pub(crate) resolve: Vec<String>,

    /// Go elsewhere: HOST:PORT:TO_HOST:TO_PORT, any of them may be empty
    #[arg(long, value_name = "RULE", help_heading = "The way there")]
    pub(crate) connect_to: Vec<String>,

    /// IPv4 only
    #[arg(short = '4', long, help_heading = "The way there", conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// IPv6 only
    #[arg(short = '6', long, help_heading = "The way there")]
    pub(crate) ipv6: bool,

    /// Talk in clear before TLS, as PROTOCOL does; no HTTP request is made then
    #[arg(long, value_name = "PROTOCOL", help_heading = "The way there", value_parser = starttls)]
    pub(crate) starttls: Option<Starttls>,

    /// Make the handshakes only, and no HTTP request: for what is not a web server
    #[arg(long, help_heading = "The way there")]
    pub(crate) no_http: bool,

    /// What must be so of every server: required, optional or none; else the exit code is 1
    #[arg(long, value_name = "REQUIREMENT", value_enum, help_heading = "How to run")]
    pub(crate) expect: Option<Expected>,

    /// Print one JSON object a line, one for each server (shape probe-v1)
    #[arg(long, help_heading = "How to run")]
    pub(crate) json: bool,

    /// How many servers are probed at the same time
    #[arg(long, value_name = "N", default_value = "8", help_heading = "How to run")]
    pub(crate) concurrency: NonZeroUsize,

    /// Seconds for each server, all its connections together
    #[arg(short = 'm', long, visible_alias = "max-time", value_name = "SECONDS", default_value = "10", help_heading = "How to run", value_parser = seconds)]
    pub(crate) timeout: Duration,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// What a server is expected to demand.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// It refuses who has no certificate
    Required,
    /// It asks, and goes on without
    Optional,
    /// It never asks
    None,
}
