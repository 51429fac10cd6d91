//! What helps where there are no keys: options that several subcommands share.

use std::path::PathBuf;

/// How to read what stays encrypted.
#[derive(clap::Args, Debug)]
pub(crate) struct Keyless {
    /// Certificates that the client may have sent: files of PEM, DER or PKCS#12 in this directory, and below it
    ///
    /// Without keys the size of what the client sent is all that is known of it. The files whose certificates have that size, alone
    /// or with their issuers, are named.
    #[arg(long, value_name = "DIR", help_heading = "Without keys", hide_short_help = true)]
    pub(crate) cert_dir: Option<PathBuf>,
}
