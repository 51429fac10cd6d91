//! `mtlscope pki show`: what can be typed.

use std::path::PathBuf;

use crate::cli::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope pki show client.pem client.key --cacert ca.pem
  mtlscope pki show export.pfx --pass secret
  mtlscope pki show client.pem client.key --cacert ca.pem crl.pem
  openssl s_client -connect example.org:443 -showcerts </dev/null | mtlscope pki show -

Exit codes:
  0  nothing speaks against it
  1  it cannot serve as a client certificate
  2  something could not be read: no such file, no certificate or key, no or a wrong passphrase";

/// Say in words whether certificates and keys can serve as a client certificate, and what is missing.
///
/// All files together are one client: its certificate, its key, and what leads to its authority. Reads PEM with any number
/// of blocks, DER, PKCS#12 (of old Windows as well) and PKCS#7. Revocation lists among the files are heeded; requests for
/// certificates (CSR) are told as such.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct PkiShow {
    /// Files with certificates, keys or revocation lists; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Authorities that the server trusts; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Vec<PathBuf>,

    /// Passphrase of encrypted keys and PKCS#12 files
    #[arg(long, value_name = "PASS", conflicts_with = "pass_file")]
    pub(crate) pass: Option<String>,

    /// File whose first line is that passphrase
    #[arg(long, value_name = "FILE")]
    pub(crate) pass_file: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Show every certificate in full
    #[arg(long, conflicts_with = "json")]
    pub(crate) certs: bool,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
