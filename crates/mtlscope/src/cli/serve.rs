//! `mtlscope serve`: what can be typed.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use super::{Appearance, LivePage};

const AFTER_HELP: &str = "\
Examples:
  mtlscope pki init pki; mtlscope serve --pki pki
      a server to try clients on; for instance
      curl --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key https://localhost:8443/
  mtlscope serve --cert server.pem --key server.key --ca-certificate root.pem \\
      --verify-client require
      as Apache with SSLVerifyClient require
  mtlscope serve --pki pki --like nginx                  answers 400 where no good certificate comes
  mtlscope serve --pki pki --like iis --protect /secure  asks for that path, after the handshake
  mtlscope serve --pki pki --web                         each client on a page in the browser, while it runs
  mtlscope serve --pki pki --json | jq .outcome          one JSON object a connection

Pages:
  /      `Welcome <CN>`, or `SSL client verification failed`; so is every path but /env
  /env   the variables that mod_ssl gives a page, as text, or as JSON (`/env?json`, or Accept: application/json)

Exit codes:
  0  stopped by SIGINT, SIGTERM or --count, whatever became of the clients
  2  it could not serve";

/// Serve HTTPS as Apache, nginx or IIS would, and explain each client while it runs.
///
/// Each connection is told as it ends, in the words of `mtlscope read`.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes any that is free. Loopback, unless another address is given
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,

    /// Behave like this server: a preset of the options below
    ///
    /// apache: --refuse-with alert --verify-client optional --verify-depth 1;
    /// nginx: --refuse-with 400 --verify-client require --verify-depth 1 (the root not counted);
    /// iis: --refuse-with 403 --verify-client require.
    /// What is typed beside it outranks it.
    #[arg(long, value_name = "SERVER", value_enum)]
    pub(crate) like: Option<Like>,

    /// A directory made by `mtlscope pki init`: its server's certificate is shown, its authority trusted
    #[arg(long, value_name = "DIR", help_heading = "Certificates", conflicts_with_all = ["cert", "sni"])]
    pub(crate) pki: Option<PathBuf>,

    /// The server's certificate with its chain, PEM or PKCS#12; again for other names (SNI). None: one made for this run
    #[arg(long, value_name = "FILE", help_heading = "Certificates")]
    pub(crate) cert: Vec<PathBuf>,

    /// The private key of each --cert, in the same order, where it is not in the same file
    #[arg(long, value_name = "FILE", help_heading = "Certificates", requires = "cert")]
    pub(crate) key: Vec<PathBuf>,

    /// A certificate for clients that name this host (SNI)
    #[arg(long, value_name = "NAME=CERT,KEY", help_heading = "Certificates", requires = "cert")]
    pub(crate) sni: Vec<String>,

    /// Passphrase of the keys
    ///
    /// Other users of the machine may see it in the list of processes: `--pass-file` keeps it out of there.
    #[arg(long, value_name = "PHRASE", help_heading = "Certificates", conflicts_with = "pass_file")]
    pub(crate) pass: Option<String>,

    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", help_heading = "Certificates")]
    pub(crate) pass_file: Option<PathBuf>,

    /// A file with an OCSP response (DER) to staple
    #[arg(long, value_name = "FILE", help_heading = "Certificates")]
    pub(crate) ocsp_staple: Option<PathBuf>,

    /// Whether to ask clients for a certificate: Apache's SSLVerifyClient. Without --like and --protect: optional
    #[arg(long, value_name = "HOW", value_enum, help_heading = "Clients")]
    pub(crate) verify_client: Option<VerifyClient>,

    /// How many certificates may stand above the client's, the root counted, as in Apache. Without --like: 10
    ///
    /// With --like nginx the root is not counted, as in nginx.
    #[arg(long, value_name = "N", help_heading = "Clients")]
    pub(crate) verify_depth: Option<u32>,

    /// Authorities that are trusted
    #[arg(long, visible_alias = "cacert", value_name = "FILE", help_heading = "Clients")]
    pub(crate) ca_certificate: Option<PathBuf>,

    /// Authorities to name in the CertificateRequest, where they are not those that are trusted
    #[arg(long, value_name = "FILE", help_heading = "Clients")]
    pub(crate) ca_dn_request: Option<PathBuf>,

    /// Revocation lists (PEM); each certificate of a chain is looked up, and one without a list refused
    #[arg(long, value_name = "FILE", help_heading = "Clients")]
    pub(crate) ca_revocation: Option<PathBuf>,

    /// How a client is told: by an alert in the handshake, or by the status of every answer
    #[arg(long, value_name = "HOW", value_enum, help_heading = "Clients")]
    pub(crate) refuse_with: Option<RefuseWith>,

    /// Only what lies below this path is for clients with a certificate, and they are asked once they request it
    ///
    /// In TLS 1.2 by renegotiation, in TLS 1.3 by post-handshake authentication. Implies --verify-client require and
    /// --client-cert-negotiation disable, unless other is typed. HTTP/2 forbids this and is not offered.
    #[arg(long, value_name = "PATH", help_heading = "Clients")]
    pub(crate) protect: Vec<String>,

    /// IIS's setting: `enable` asks in the handshake, `disable` only for what is protected
    #[arg(long, value_name = "WHEN", value_enum, help_heading = "Clients")]
    pub(crate) client_cert_negotiation: Option<Negotiation>,

    /// Keep what TLS knows from the pages, as Apache does without `SSLOptions +StdEnvVars`
    #[arg(long, help_heading = "Clients")]
    pub(crate) no_std_env_vars: bool,

    /// The oldest version of TLS
    #[arg(long, value_name = "VERSION", value_enum, default_value = "1.2", help_heading = "TLS")]
    pub(crate) tls_min: Version,

    /// The newest version of TLS
    #[arg(long, value_name = "VERSION", value_enum, default_value = "1.3", help_heading = "TLS")]
    pub(crate) tls_max: Version,

    /// Take weak keys, hashes and ciphers too (OpenSSL's security level 0), as --tls-min below 1.2 does
    #[arg(long, help_heading = "TLS")]
    pub(crate) allow_weak: bool,

    /// Protocols for ALPN, the most preferred first; without --protect: h2,http/1.1
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "TLS")]
    pub(crate) alpn: Vec<String>,

    /// Whether sessions can be resumed
    #[arg(long, value_name = "WHETHER", value_enum, default_value = "on", help_heading = "TLS")]
    pub(crate) session_tickets: OnOff,

    /// Connections at a time; beyond, the one that has been silent the longest makes room
    #[arg(long, value_name = "N", default_value = "1024", help_heading = "Limits")]
    pub(crate) max_connections: NonZeroU32,

    /// How long a handshake may take
    #[arg(long, value_name = "SECONDS", default_value = "10", help_heading = "Limits")]
    pub(crate) handshake_timeout: NonZeroU32,

    /// How long the next request is waited for
    #[arg(long, value_name = "SECONDS", default_value = "5", help_heading = "Limits")]
    pub(crate) idle_timeout: NonZeroU32,

    /// End after so many connections
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) count: Option<NonZeroU64>,

    /// Record what passes in a pcapng file, with the secrets inside: Wireshark and `mtlscope read` open it
    #[arg(short = 'w', long = "record", value_name = "FILE", help_heading = "What to keep")]
    pub(crate) record: Option<PathBuf>,

    /// Append the secrets of every connection to a key log (SSLKEYLOGFILE)
    #[arg(long, value_name = "FILE", help_heading = "What to keep")]
    pub(crate) keylog: Option<PathBuf>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, help_heading = "What to show")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) live_page: LivePage,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// Servers to behave like.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Like {
    Apache,
    Nginx,
    Iis,
}

/// Whether clients are asked, in the words of Apache.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
#[value(rename_all = "snake_case")]
pub(crate) enum VerifyClient {
    /// Not asked
    None,
    /// Asked, and may have none; what it shows must be good
    Optional,
    /// As optional, but its authority need not be trusted
    OptionalNoCa,
    /// Must have one, and a good one
    Require,
}

/// How clients are told that they are not let in.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RefuseWith {
    /// As Apache: an alert, in the handshake
    Alert,
    /// As nginx: status 400
    #[value(name = "400")]
    BadRequest,
    /// As IIS: status 403 with a substatus
    #[value(name = "403")]
    Forbidden,
}

/// When clients are asked.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Negotiation {
    /// In the handshake
    Enable,
    /// Once a protected path is requested
    Disable,
}

/// A version of TLS.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Version {
    #[value(name = "1.0")]
    Tls10,
    #[value(name = "1.1")]
    Tls11,
    #[value(name = "1.2")]
    Tls12,
    #[value(name = "1.3")]
    Tls13,
}

/// A switch.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnOff {
    On,
    Off,
}
