//! `mtlscope read`: what can be typed.

use std::num::NonZeroU64;
use std::path::PathBuf;

use mtlscope_diagnose::expectation::Expectation;

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope read trace.pcapng
  mtlscope read trace.pcap --keylog keys.log --certs
  mtlscope read trace.pcap --ca-certificate ca.pem --crl ca.crl --expect outcome=accepted
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

    /// Authorities that the server trusts; may be given more than once
    ///
    /// Client certificates are then checked as the server would, and not only against the names in its request.
    #[arg(long, visible_alias = "cacert", value_name = "FILE", help_heading = "What is known besides")]
    pub(crate) ca_certificate: Vec<PathBuf>,

    /// Revocation lists that the server looks into; may be given more than once
    #[arg(long, value_name = "FILE", help_heading = "What is known besides")]
    pub(crate) crl: Vec<PathBuf>,

    /// What should have happened, such as requested=yes,answer=certificate,outcome=accepted
    ///
    /// requested=yes or no; answer=certificate, empty or none; outcome=accepted or refused. In every connection in which it
    /// went otherwise, that is an error.
    #[arg(long, value_name = "LIST", help_heading = "What is known besides")]
    pub(crate) expect: Option<Expectation>,

    /// Warn of certificates that end within so many days [default: 30]
    #[arg(long, value_name = "DAYS", help_heading = "What is known besides")]
    pub(crate) expiring: Option<u32>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, help_heading = "What to show", conflicts_with_all = ["tree", "hex", "certs"])]
    pub(crate) json: bool,

    /// With --json: end each file with one more line, what its connections tell when held against each other
    ///
    /// That line is no connection: it has the fields `file` and `across`, a list of findings. The terminal shows them anyway.
    #[arg(long, requires = "json", help_heading = "What to show")]
    pub(crate) across: bool,

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
