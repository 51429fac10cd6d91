//! `mtlscope run`: what can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Appearance, LivePage};

const AFTER_HELP: &str = "\
Examples:
  mtlscope run -- curl https://shop.example/ --cert me.pem
      what curl prints stays curl's; its handshakes are told on standard error
  mtlscope run -o handshakes.txt -- ./deploy.sh       a script, with all that it calls
  mtlscope run -w run.pcapng -- python3 client.py     recorded for Wireshark, the secrets inside
  mtlscope run --exit-code command -- make test       for CI: ends as the command did
  mtlscope run --json -o told.json -- wget -q -O /dev/null https://shop.example/
  mtlscope run --web -- ./deploy.sh                   on a page in the browser, which stays until Ctrl-C
  sudo mtlscope run --capture -- ./call-everything.sh  what the interfaces see, in place of relays
  mtlscope run --without proxy -- psql 'host=db.example sslmode=verify-full'

Three means, each used where it works:
  proxy    a relay on the loopback interface, named by HTTPS_PROXY, ALL_PROXY and Java's properties
  keylog   SSLKEYLOGFILE, and --tls-keylog for Node: what is encrypted can be read. Java has no key
           log: it is told as far as it can be seen without
  preload  a library in each program that is dynamically linked: leads its connections to the
           relay, and makes OpenSSL tell its secrets
At the end it is said which of them took effect for which connection. A program that is statically
linked, Go's or set-user-ID is out of reach but for the proxy; QUIC, containers, services and other
users are not seen at all: capture those.

Exit codes:
  0  no finding is an error, whatever the command ended with
  1  a finding of severity error
  2  the command could not be run or watched
  With --exit-code command it is the command's own, 128 + N where signal N ended it.";

/// Run a command and explain its TLS handshakes, without root.
///
/// Standard input, output and error stay the command's own. What is told goes to standard error, each connection as it
/// ends; signals are passed on to the command.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Run {
    /// The command and its arguments; what follows it is the command's, so `--` is needed only before a dash
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub(crate) command: Vec<OsString>,

    /// Tell it in this file instead of on standard error, where the command writes too
    #[arg(short = 'o', long, value_name = "FILE", help_heading = "What to show")]
    pub(crate) output: Option<PathBuf>,

    /// Print one JSON object a line, one for each connection (shape v1); for instance -o out.json --json
    #[arg(long, help_heading = "What to show", requires = "output")]
    pub(crate) json: bool,

    /// Whose exit code is passed on: `mtlscope`, what was found; `command`, what the command ended with
    #[arg(long, value_name = "WHOSE", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) exit_code: ExitCode,

    /// Do without this means: proxy, keylog or preload; several with commas, as in --without proxy,keylog
    #[arg(
        long,
        help_heading = "How to watch",
        value_name = "MEANS",
        value_enum,
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) without: Vec<Means>,

    /// Capture on the interfaces instead of relaying; needs the right to, as `mtlscope capture` does
    ///
    /// Everything that passes there is told, the command's and others'. The command makes its connections itself; what it lets
    /// us have of its secrets stays. For instance: sudo mtlscope run --capture -i lo -- curl -k https://localhost/
    #[arg(long, help_heading = "How to watch", conflicts_with = "keylog")]
    pub(crate) capture: bool,

    /// Interface to capture on; may be given more than once. `any` is all of them
    #[arg(short, long, value_name = "NAME", default_value = "any", help_heading = "How to watch")]
    #[arg(requires = "capture")]
    pub(crate) interface: Vec<String>,

    /// Record what passes in a pcapng file, with the secrets inside: Wireshark and `mtlscope read` open it
    #[arg(short = 'w', long = "record", value_name = "FILE", help_heading = "What to keep")]
    pub(crate) record: Option<PathBuf>,

    /// Append the secrets of the command's connections to a key log, as in --keylog keys.log
    #[arg(long, value_name = "FILE", help_heading = "What to keep")]
    pub(crate) keylog: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) live_page: LivePage,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// Whose exit code is passed on.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum ExitCode {
    /// What was found
    #[default]
    Mtlscope,
    /// What the command ended with
    Command,
}

/// A means of watching a command.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Means {
    /// The relay named in the environment
    Proxy,
    /// What TLS stacks write
    Keylog,
    /// The library
    Preload,
}
