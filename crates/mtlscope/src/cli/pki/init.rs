//! `mtlscope pki init`: what can be typed.

use std::path::PathBuf;

use clap::ValueEnum;
use mtlscope_sources::authority::KeyKind;

const AFTER_HELP: &str = "\
Examples:
  mtlscope pki init pki
  mtlscope pki init pki --server-name www.example.test --server-name 192.0.2.7 --key rsa
  mtlscope pki init pki --client alice --client bob --no-zoo

Then, in the directory:
  mtlscope serve --cert server.pem --key server.key --verify-client require --ca-certificate ca.pem
  curl https://localhost:8443/ --cacert ca.pem --cert client.pem --key client.key

The keys protect nothing: never trust such an authority outside tests.
Exit codes:
  0  all was written
  2  nothing was (bad usage, something is there already), or not all (no space)";

/// Make a test authority: root, intermediate, a server's certificate, clients' certificates, and the zoo.
///
/// Certificates are written as PEM, with their keys, and as PKCS#12. The zoo are client certificates with one flaw each:
/// expired, of the wrong authority, revoked, with the wrong key, and so on. README.txt tells what is what; manifest.json
/// also what servers answer, and the commands to try each.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct PkiInit {
    /// Where to write it; made if it is not there
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Host name or address in the server's certificate; may be given more than once [default: localhost, 127.0.0.1, ::1]
    #[arg(long, value_name = "NAME", help_heading = "Whom for")]
    pub(crate) server_name: Vec<String>,

    /// A client's name, in its certificate and of its files; may be given more than once
    ///
    /// Without it: `client`, whose certificate says TestClient, and one client for each kind of key.
    #[arg(long, value_name = "NAME", help_heading = "Whom for")]
    pub(crate) client: Vec<String>,

    /// Leave out the zoo
    #[arg(long, help_heading = "Whom for")]
    pub(crate) no_zoo: bool,

    /// Kind of key of the authorities, the server and the clients
    #[arg(long, value_name = "KIND", value_enum, default_value_t, help_heading = "How")]
    pub(crate) key: Key,

    /// For how many days the certificates of server and clients are to hold
    #[arg(long, value_name = "N", default_value_t = 365, help_heading = "How")]
    pub(crate) days: u32,

    /// Passphrase of the PKCS#12 files
    #[arg(long, value_name = "PASS", default_value = "mtlscope", help_heading = "How")]
    pub(crate) pass: String,

    /// Replace files that are there; without it, nothing is written if one is
    #[arg(long, help_heading = "How")]
    pub(crate) force: bool,
}

/// A kind of key.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Key {
    /// RSA, 2048 bits
    Rsa,
    /// ECDSA on P-256
    #[default]
    P256,
    /// ECDSA on P-384
    P384,
    /// Ed25519; browsers take none
    Ed25519,
}

impl From<Key> for KeyKind {
    fn from(key: Key) -> Self {
        match key {
            Key::Rsa => Self::Rsa2048,
            Key::P256 => Self::P256,
            Key::P384 => Self::P384,
            Key::Ed25519 => Self::Ed25519,
        }
    }
}
