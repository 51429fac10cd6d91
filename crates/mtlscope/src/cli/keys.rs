//! Keys that open what was recorded: what can be typed, the same for every command that reads captures.

use std::path::PathBuf;

/// With what to decrypt.
#[derive(clap::Args, Debug)]
pub(crate) struct Keys {
    /// Key log to decrypt with, as programs write it when SSLKEYLOGFILE is set; may be given more than once
    ///
    /// Secrets inside a pcapng file are used without asking. The variable SSLKEYLOGFILE of this program's own environment
    /// is not read: say which file is meant.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keylog: Vec<PathBuf>,

    /// A server's private key, to open RSA key exchange; PEM, DER or PKCS#12
    ///
    /// May be given more than once. Up to TLS 1.2, and only where the suite has no Diffie-Hellman (`TLS_RSA_..`). Sessions resumed in the same capture are
    /// opened too.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) rsa_key: Vec<PathBuf>,

    /// Passphrase of the RSA keys
    ///
    /// Other users of the machine may see it in the list of processes: `--rsa-key-pass-file` keeps it out of there.
    #[arg(
        long,
        value_name = "PHRASE",
        conflicts_with = "rsa_key_pass_file",
        help_heading = "Keys",
        hide_short_help = true
    )]
    pub(crate) rsa_key_pass: Option<String>,

    /// File whose first line is that passphrase
    #[arg(long, value_name = "FILE", help_heading = "Keys", hide_short_help = true)]
    pub(crate) rsa_key_pass_file: Option<PathBuf>,
}
