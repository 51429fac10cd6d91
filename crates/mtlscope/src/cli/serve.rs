//! `mtlscope serve`: what can be typed.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope serve --cert server.pem --key server.key --ca-certificate root.pem
  mtlscope serve --cert server.pem --key server.key --ca-certificate root.pem --verify-client require --json

Exit codes: 0 stopped by SIGINT or SIGTERM, or by --count; 2 it could not serve.";

/// Serve HTTPS as Apache, nginx or IIS would, and explain each client.
///
/// Each connection is told as it ends, in the words of `mtlscope read`. `GET /` greets a client whose certificate was
/// verified; `GET /env` lists the variables that mod_ssl would give a page.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,

    /// The server's certificate, PEM, its chain behind it; more than once for several names
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) cert: Vec<PathBuf>,

    /// The private key of each --cert, in the same order
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,

    /// Whether to ask clients for a certificate (Apache's SSLVerifyClient)
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) verify_client: VerifyClient,

    /// Authorities whose clients are let in, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_certificate: Option<PathBuf>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long)]
    pub(crate) json: bool,

    /// End after so many connections
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<NonZeroU64>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// Whether clients are asked, in the words of Apache.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[value(rename_all = "snake_case")]
pub(crate) enum VerifyClient {
    /// Not asked
    None,
    /// Asked, and may have none
    #[default]
    Optional,
    /// Asked, may have none, and its authority need not be trusted
    OptionalNoCa,
    /// Must have one that can be verified
    Require,
}
