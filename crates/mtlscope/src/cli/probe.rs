//! `mtlscope probe`: what can be typed.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope probe shop.example
  mtlscope probe shop.example:8443/admin --cert alice.pem --key alice.key
  mtlscope probe --json a.example b.example | jq -r '[.target, .requirement] | @tsv'
  mtlscope probe api.example --expect required && echo enforced

Exit codes: 0 looked at all, 1 the server is not as expected (--expect), or refuses the certificate given,
2 a server could not be reached (outranks 1; the others are still told).";

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

    /// Also try with this certificate: PEM with its chain behind it, or PKCS#12 (`--cert-type P12`)
    #[arg(short = 'E', long, value_name = "FILE[:PASSWORD]", help_heading = "Certificate")]
    pub(crate) cert: Option<String>,

    /// How the certificate is stored: PEM, DER or P12
    #[arg(long, value_name = "TYPE", help_heading = "Certificate", requires = "cert", ignore_case = true)]
    #[arg(value_parser = ["PEM", "DER", "P12"], default_value = "PEM", hide_possible_values = true)]
    pub(crate) cert_type: String,

    /// Its private key, if that is not in the same file
    #[arg(long, value_name = "FILE", help_heading = "Certificate", requires = "cert")]
    pub(crate) key: Option<PathBuf>,

    /// How the key is stored: PEM or DER
    #[arg(long, value_name = "TYPE", help_heading = "Certificate", requires = "key", ignore_case = true)]
    #[arg(value_parser = ["PEM", "DER"], default_value = "PEM", hide_possible_values = true)]
    pub(crate) key_type: String,

    /// The passphrase of the key
    #[arg(long, value_name = "PHRASE", help_heading = "Certificate", requires = "cert")]
    pub(crate) pass: Option<String>,

    /// Authorities to hold the server's certificate against, PEM; without: those of this machine
    #[arg(long, value_name = "FILE", help_heading = "Server's certificate")]
    pub(crate) cacert: Option<PathBuf>,

    /// It does not matter who the server is
    ///
    /// Without this, a server whose own certificate fails the check is probed all the same, but not shown the certificate of
    /// --cert.
    #[arg(short = 'k', long, help_heading = "Server's certificate")]
    pub(crate) insecure: bool,

    /// The name to ask for (SNI), and to hold the server's certificate against, instead of the target's
    #[arg(long, value_name = "NAME", help_heading = "Where to go")]
    pub(crate) servername: Option<String>,

    /// Use this address for a name and port, as curl does: HOST:PORT:ADDRESS[,ADDRESS]; HOST may be `*`
    #[arg(long, value_name = "HOST:PORT:ADDRESS", help_heading = "Where to go")]
    pub(crate) resolve: Vec<String>,

    /// Go to another host and port, as curl does: HOST1:PORT1:HOST2:PORT2; an empty field fits all, or changes nothing
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", help_heading = "Where to go")]
    pub(crate) connect_to: Vec<String>,

    /// Make the handshakes only, and no HTTP request: for what is not a web server
    #[arg(long, help_heading = "Where to go")]
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
    #[arg(long, value_name = "SECONDS", default_value = "10", help_heading = "How to run")]
    pub(crate) timeout: NonZeroU32,

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
