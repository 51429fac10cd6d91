//! What decrypts: options that every subcommand that reads captures shares.

use std::path::PathBuf;

/// Keys to decrypt with.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Keys {
    /// Key log to decrypt with, as programs write it when SSLKEYLOGFILE is set; may be given more than once
    ///
    /// Secrets inside a pcapng file are used without asking. The variable SSLKEYLOGFILE of this program's own environment
    /// is not read: say which file is meant.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Vec<PathBuf>,

    /// A server's private key, to open RSA key exchange; PEM, DER or PKCS#12
    ///
    /// May be given more than once. Up to TLS 1.2, and only where the suite has no Diffie-Hellman (`TLS_RSA_..`). Sessions
    /// resumed in the same capture are opened too. Its passphrase: `--pass`, or in the same sense `--rsa-key-pass`.
    #[arg(long, value_name = "FILE")]
    pub(crate) rsa_key: Vec<PathBuf>,
}
