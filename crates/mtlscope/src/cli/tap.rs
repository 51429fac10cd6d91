//! `mtlscope tap`: what can be typed.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use mtlscope_sources::client::Target;
use mtlscope_sources::relay;

use super::{Appearance, CertificateForm, Keyless, Known, LivePage, Passphrase};

const AFTER_HELP: &str = "\
Examples:
  mtlscope tap --to shop.example:443
      then, in place of https://shop.example/,
      curl --connect-to shop.example:443:127.0.0.1:8444 https://shop.example/
  mtlscope tap --http-proxy --socks
      HTTPS_PROXY=http://127.0.0.1:8444 curl https://shop.example/
      ALL_PROXY=socks5h://127.0.0.1:8444 curl https://shop.example/
  mtlscope tap --to db.example:5432 --keylog keys.log    sees inside, with the keys of either end
      SSLKEYLOGFILE=keys.log curl ...
  mtlscope tap --to 192.0.2.7:443 -w passed.pcapng       Wireshark and `mtlscope read` open it
  mtlscope tap --to shop.example:443 --cert-dir certs/   which of these the client sent, by the size alone
  mtlscope tap --to shop.example:443 --web               each handshake on a page in the browser
  mtlscope tap --http-proxy --once --json | jq .outcome  the first connection, and it ends

Exit codes:
  0  stopped by SIGINT, SIGTERM, --count or --once, whatever became of the connections
  2  it could not relay, or not record";

/// Relay connections without changing a byte, and tell each handshake that passes.
///
/// For those who cannot capture: point a client at it in place of its server, or as its proxy. Each connection is told as it
/// ends, in the words of `mtlscope read`. What TLS encrypts is told by its sizes, or read with a key log.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
#[command(group = clap::ArgGroup::new("destination").required(true).multiple(true).args(["to", "http_proxy", "socks"]))]
pub(crate) struct Tap {
    /// Where to listen; port 0 takes any that is free; again for more. Loopback, unless another address is given
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8444")]
    pub(crate) listen: Vec<SocketAddr>,

    /// Where every connection leads
    #[arg(long, value_name = "HOST:PORT", value_parser = target, conflicts_with_all = ["http_proxy", "socks"])]
    pub(crate) to: Option<Target>,

    /// Be an HTTP proxy: clients ask for their destination by CONNECT, as with HTTPS_PROXY
    ///
    /// Requests for http:// URLs are forwarded and not told: they have no TLS.
    #[arg(long)]
    pub(crate) http_proxy: bool,

    /// Be a SOCKS proxy (5, 4a, 4), on the same port
    #[arg(long)]
    pub(crate) socks: bool,

    /// The key log that either end writes (SSLKEYLOGFILE), read on as it grows; may come to be later
    ///
    /// May be given more than once.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keylog: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) known: Known,

    #[command(flatten)]
    pub(crate) keyless: Keyless,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// Connections at a time; more wait to be taken until one ends
    #[arg(long, value_name = "N", default_value = "1024", help_heading = "Limits")]
    pub(crate) max_connections: NonZeroU32,

    /// How long a destination may take to answer, and a client to name one
    #[arg(long, value_name = "SECONDS", default_value = "10", help_heading = "Limits")]
    pub(crate) connect_timeout: NonZeroU32,

    /// How long nothing may pass before both ends are closed
    #[arg(long, value_name = "SECONDS", default_value = "3600", help_heading = "Limits")]
    pub(crate) idle_timeout: NonZeroU32,

    /// End after so many connections
    #[arg(short = 'c', long, value_name = "N", help_heading = "Limits")]
    pub(crate) count: Option<NonZeroU64>,

    /// End after the first connection: --count 1
    #[arg(long, help_heading = "Limits", conflicts_with = "count")]
    pub(crate) once: bool,

    /// Record what passes in a pcapng file, with the secrets of --keylog inside: Wireshark and `mtlscope read` open it
    #[arg(short = 'w', long = "record", value_name = "FILE", help_heading = "What to keep")]
    pub(crate) record: Option<PathBuf>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, help_heading = "What to show", conflicts_with_all = ["how", "certs"])]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) live_page: LivePage,

    /// Show how things were inferred from the sizes of encrypted records: the lengths, the sums, what follows
    #[arg(long, help_heading = "What to show")]
    pub(crate) how: bool,

    /// Show the certificates in full; `--certs=pem` adds them as PEM
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "full")]
    #[arg(help_heading = "What to show")]
    pub(crate) certs: Option<CertificateForm>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

fn target(text: &str) -> Result<Target, String> {
    relay::destination(text)
        .ok_or_else(|| "wanted is HOST:PORT, as in shop.example:443 or [2001:db8::7]:443".to_owned())
}
