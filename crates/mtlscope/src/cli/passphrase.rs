//! What opens encrypted files of keys and certificates: options that several subcommands share.

use std::path::PathBuf;

/// The passphrase of the files that are named beside a capture.
#[derive(clap::Args, Debug)]
pub(crate) struct Passphrase {
    /// Passphrase of the keys and PKCS#12 files that are named, and of those in --cert-dir
    ///
    /// Other users of the machine may see it in the list of processes: `--pass-file` keeps it out of there.
    #[arg(long, alias = "rsa-key-pass", value_name = "PHRASE", conflicts_with = "pass_file")]
    #[arg(help_heading = "Keys", hide_short_help = true)]
    pub(crate) pass: Option<String>,

    /// File whose first line is that passphrase
    #[arg(
        long,
        alias = "rsa-key-pass-file",
        value_name = "FILE",
        help_heading = "Keys",
        hide_short_help = true
    )]
    pub(crate) pass_file: Option<PathBuf>,
}
