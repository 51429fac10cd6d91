//! `mtlscope connect`: what can be typed. Options are curl's where curl has them; long options of `openssl s_client` with
//! one dash are translated first.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgAction;
use mtlscope_sources::client::{FileType, Starttls, Version};

use super::{Appearance, CertificateForm};

const AFTER_HELP: &str = "\
Examples:
  mtlscope connect https://localhost:8443/ --cert client.pem --key client_key.pem --cacert ca.pem
  mtlscope connect https://localhost:8443/                        does the server ask, and does it insist?
  mtlscope connect https://localhost/ -E alice.p12:secret --cert-type P12 --tlsv1.2 --tls-max 1.2 -v
  mtlscope connect https://localhost/ --cert-dir clients/         which of these would match?
  mtlscope connect mail.example:25 --starttls smtp                TLS without HTTP
  mtlscope connect -connect localhost:443 -status -msg -state \\
      -cert client.pem -key client_key.pem -CAfile ca.pem
  mtlscope connect https://localhost/ -k --record trace.pcapng    opens in Wireshark, secrets inside

Options that curl has mean what they mean in curl, but for --json and -w, which are --output-json and --record here.
HOST:PORT and tls://HOST:PORT make a handshake and no request; so do smtp://, imap:// and the like.

Exit codes:
  0  the server accepted
  1  somebody refused, or a finding is an error
  2  no connection came about";

/// Connect as curl or s_client would, and tell who refused whom and why, inside TLS 1.3 too.
///
/// Waits for a refusal that comes behind the handshake, as it does in TLS 1.3. Answers renegotiation, and offers
/// authentication after the handshake.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Connect {
    /// Where to connect: https://HOST[:PORT]/PATH, HOST, or HOST:PORT for a handshake without a request
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,

    #[command(flatten)]
    pub(crate) identity: Identity,

    #[command(flatten)]
    pub(crate) tls: Tls,

    #[command(flatten)]
    pub(crate) route: Route,

    #[command(flatten)]
    pub(crate) http: Http,

    #[command(flatten)]
    pub(crate) show: Show,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "The client's certificate")]
pub(crate) struct Identity {
    /// Client certificate with its chain, PEM, DER or PKCS#12; `FILE:PASSWORD` gives the passphrase too
    #[arg(short = 'E', long, value_name = "FILE")]
    pub(crate) cert: Option<String>,

    /// Its private key, where it is in a file of its own
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// Passphrase of the key or of the PKCS#12 file
    ///
    /// Other users of the machine may see it in the list of processes: `--pass-file` keeps it out of there.
    #[arg(long, value_name = "PHRASE", conflicts_with = "pass_file")]
    pub(crate) pass: Option<String>,

    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    pub(crate) pass_file: Option<PathBuf>,

    /// How the certificate is stored: PEM, DER or P12; without it, what it looks like
    #[arg(long, value_name = "TYPE", value_parser = file_type)]
    pub(crate) cert_type: Option<FileType>,

    /// How the key is stored: PEM or DER; without it, what it looks like
    #[arg(long, value_name = "TYPE", value_parser = file_type)]
    pub(crate) key_type: Option<FileType>,

    /// Judge every certificate in this folder: would it match what the server asks for, and why not
    #[arg(long, value_name = "DIR")]
    pub(crate) cert_dir: Option<PathBuf>,

    /// Do not offer authentication after the handshake (TLS 1.3)
    #[arg(long)]
    pub(crate) no_post_handshake_auth: bool,

    /// Refuse renegotiation (TLS 1.2 and before)
    #[arg(long)]
    pub(crate) no_renegotiation: bool,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct Tls {
    /// Go on whatever is wrong with the server's certificate
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,

    /// Authorities to trust, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,

    /// Folder of authorities to trust, as `openssl rehash` makes it
    #[arg(long, value_name = "DIR")]
    pub(crate) capath: Option<PathBuf>,

    /// TLS 1.0 or later
    #[arg(short = '1', long = "tlsv1", alias = "tlsv1.0", group = "lowest")]
    pub(crate) tlsv1_0: bool,

    /// TLS 1.1 or later
    #[arg(long = "tlsv1.1", group = "lowest")]
    pub(crate) tlsv1_1: bool,

    /// TLS 1.2 or later (the default)
    #[arg(long = "tlsv1.2", group = "lowest")]
    pub(crate) tlsv1_2: bool,

    /// TLS 1.3 or later
    #[arg(long = "tlsv1.3", group = "lowest")]
    pub(crate) tlsv1_3: bool,

    /// No version above this: 1.0, 1.1, 1.2 or 1.3
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) tls_max: Option<Version>,

    /// Cipher suites up to TLS 1.2, in OpenSSL's words
    #[arg(long, value_name = "LIST", alias = "cipher")]
    pub(crate) ciphers: Option<String>,

    /// Cipher suites of TLS 1.3
    #[arg(long, value_name = "LIST", alias = "ciphersuites")]
    pub(crate) tls13_ciphers: Option<String>,

    /// Groups for the key exchange: X25519:P-256
    #[arg(long, value_name = "LIST", alias = "groups")]
    pub(crate) curves: Option<String>,

    /// Signature algorithms to offer: RSA-PSS+SHA256:ECDSA+SHA256
    #[arg(long, value_name = "LIST")]
    pub(crate) sigalgs: Option<String>,

    /// Protocols to offer by ALPN: h2,http/1.1
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) alpn: Option<Vec<String>>,

    /// Do not offer protocols by ALPN
    #[arg(long, conflicts_with = "alpn")]
    pub(crate) no_alpn: bool,

    /// Name to ask for (SNI) and to hold the certificate against
    #[arg(long, value_name = "NAME", conflicts_with = "noservername")]
    pub(crate) servername: Option<String>,

    /// Ask for no name (SNI)
    #[arg(long)]
    pub(crate) noservername: bool,

    /// Ask for the state of the server's certificate (OCSP stapling); --status shows the answer
    #[arg(long)]
    pub(crate) cert_status: bool,

    /// Talk in clear before TLS, as PROTOCOL does
    #[arg(long, value_name = "PROTOCOL", value_parser = starttls)]
    pub(crate) starttls: Option<Starttls>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "The way there")]
pub(crate) struct Route {
    /// Addresses by hand: HOST:PORT:ADDRESS[,ADDRESS]
    #[arg(long, value_name = "RULE")]
    pub(crate) resolve: Vec<String>,

    /// Go elsewhere: HOST:PORT:TO_HOST:TO_PORT, any of them may be empty
    #[arg(long, value_name = "RULE")]
    pub(crate) connect_to: Vec<String>,

    /// IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// IPv6 only
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,

    /// Go through this HTTP proxy by CONNECT: [http://][USER:PASSWORD@]HOST[:PORT]
    #[arg(short = 'x', long, value_name = "PROXY")]
    pub(crate) proxy: Option<String>,

    /// Name and password for the proxy
    #[arg(short = 'U', long, value_name = "USER:PASSWORD", requires = "proxy")]
    pub(crate) proxy_user: Option<String>,

    /// Seconds for all of it
    #[arg(short = 'm', long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) max_time: Option<Duration>,

    /// Seconds for name, TCP, proxy and the talk before TLS
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) connect_timeout: Option<Duration>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "The request")]
pub(crate) struct Http {
    /// Method, in place of GET (or POST with -d)
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub(crate) request: Option<String>,

    /// Header field `Name: value`; `Name:` leaves one away, `Name;` sends it empty
    #[arg(short = 'H', long, value_name = "FIELD")]
    pub(crate) header: Vec<String>,

    /// Body, by POST as a form; `@FILE` reads it from a file; several are joined by &
    #[arg(short = 'd', long, value_name = "DATA", alias = "data-ascii")]
    pub(crate) data: Vec<String>,

    /// As --data, but a file is sent as it is
    #[arg(long, value_name = "DATA")]
    pub(crate) data_binary: Vec<String>,

    /// As --data, but `@` has no meaning
    #[arg(long, value_name = "DATA")]
    pub(crate) data_raw: Vec<String>,

    /// Put the data into the address, and use GET
    #[arg(short = 'G', long)]
    pub(crate) get: bool,

    /// Ask for the head alone (HEAD)
    #[arg(short = 'I', long)]
    pub(crate) head: bool,

    /// Name and password (Basic)
    #[arg(short = 'u', long, value_name = "USER:PASSWORD")]
    pub(crate) user: Option<String>,

    /// User-Agent to send
    #[arg(short = 'A', long, value_name = "NAME")]
    pub(crate) user_agent: Option<String>,

    /// Referer to send
    #[arg(short = 'e', long, value_name = "URL")]
    pub(crate) referer: Option<String>,

    /// Cookies to send: `NAME=VALUE; ...`
    #[arg(short = 'b', long, value_name = "DATA")]
    pub(crate) cookie: Option<String>,

    /// Follow redirects, each in a connection of its own
    #[arg(short = 'L', long)]
    pub(crate) location: bool,

    /// How many redirects to follow
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) max_redirs: u32,

    /// Speak HTTP/1.1
    #[arg(long = "http1.1", conflicts_with = "http2")]
    pub(crate) http1_1: bool,

    /// Offer HTTP/2 (the default: HTTP/2, then HTTP/1.1)
    #[arg(long)]
    pub(crate) http2: bool,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "What to show")]
pub(crate) struct Show {
    /// Show the handshake as `curl -v` does, with sizes and times behind
    #[arg(short = 'v', long)]
    pub(crate) verbose: bool,

    /// Show each message in hex, as `s_client -msg` does
    #[arg(long)]
    pub(crate) msg: bool,

    /// Show the states of the handshake, as `s_client -state` does
    #[arg(long)]
    pub(crate) state: bool,

    /// Ask for a stapled OCSP response, and show it decoded, as `s_client -status` does
    #[arg(long)]
    pub(crate) status: bool,

    /// Show the server's chain, as `s_client -showcerts` does
    #[arg(long)]
    pub(crate) showcerts: bool,

    /// Show every field of each message, with its byte offset
    #[arg(long)]
    pub(crate) tree: bool,

    /// Show the certificates in full; `--certs=pem` adds them as PEM
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "full")]
    pub(crate) certs: Option<CertificateForm>,

    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, conflicts_with_all = ["verbose", "msg", "state", "showcerts", "tree", "certs"])]
    pub(crate) output_json: bool,

    /// Save the answer's body, whole; `-` prints it
    #[arg(short = 'o', long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Show the answer's header fields
    #[arg(short = 'i', long)]
    pub(crate) include: bool,

    /// Say nothing on standard error
    #[arg(short = 's', long)]
    pub(crate) silent: bool,

    /// With -s: say errors all the same
    #[arg(short = 'S', long)]
    pub(crate) show_error: bool,

    /// Save every certificate as a PEM file in this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) save_certs: Option<PathBuf>,

    /// Record the connections to a pcapng file, secrets inside: for `mtlscope read` and Wireshark
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Add the secrets to this file, as SSLKEYLOGFILE does
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,

    /// Taken and without effect: what fails, fails here (curl's -f)
    #[arg(short = 'f', long, hide = true, action = ArgAction::SetTrue)]
    pub(crate) fail: bool,
}

pub(super) fn file_type(text: &str) -> Result<FileType, String> {
    match text.to_ascii_uppercase().as_str() {
        "PEM" => Ok(FileType::Pem),
        "DER" => Ok(FileType::Der),
        "P12" | "PKCS12" => Ok(FileType::P12),
        _ => Err("there are PEM, DER and P12".to_owned()),
    }
}

fn version(text: &str) -> Result<Version, String> {
    match text {
        "1.0" => Ok(Version::Tls10),
        "1.1" => Ok(Version::Tls11),
        "1.2" => Ok(Version::Tls12),
        "1.3" | "default" => Ok(Version::Tls13),
        _ => Err("there are 1.0, 1.1, 1.2 and 1.3".to_owned()),
    }
}

pub(super) fn starttls(text: &str) -> Result<Starttls, String> {
    text.parse()
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "wanted is a number of seconds above 0, such as 2 or 0.5".to_owned())
}

/// An option of `openssl s_client`, with its one dash.
enum Old {
    /// The option of ours, with the same values.
    Is(&'static str),
    /// These words in its place.
    Becomes(&'static [&'static str]),
    /// What follows is the target.
    Target,
    /// Without effect here, with so many values.
    Ignored(usize),
}

/// What `openssl s_client` calls it.
fn old(option: &str) -> Option<Old> {
    Some(match option {
        "-connect" => Old::Target,
        "-cert" => Old::Is("--cert"),
        "-key" => Old::Is("--key"),
        "-certform" => Old::Is("--cert-type"),
        "-keyform" => Old::Is("--key-type"),
        "-CAfile" => Old::Is("--cacert"),
        "-CApath" => Old::Is("--capath"),
        "-servername" => Old::Is("--servername"),
        "-noservername" => Old::Is("--noservername"),
        "-status" => Old::Is("--status"),
        "-msg" => Old::Is("--msg"),
        "-state" => Old::Is("--state"),
        "-showcerts" => Old::Is("--showcerts"),
        "-starttls" => Old::Is("--starttls"),
        "-alpn" => Old::Is("--alpn"),
        "-cipher" => Old::Is("--ciphers"),
        "-ciphersuites" => Old::Is("--tls13-ciphers"),
        "-curves" | "-groups" => Old::Is("--curves"),
        "-sigalgs" => Old::Is("--sigalgs"),
        "-proxy" => Old::Is("--proxy"),
        "-keylogfile" => Old::Is("--keylog"),
        "-tls1" => Old::Becomes(&["--tlsv1.0", "--tls-max", "1.0"]),
        "-tls1_1" => Old::Becomes(&["--tlsv1.1", "--tls-max", "1.1"]),
        "-tls1_2" => Old::Becomes(&["--tlsv1.2", "--tls-max", "1.2"]),
        "-tls1_3" => Old::Becomes(&["--tlsv1.3", "--tls-max", "1.3"]),
        "-no_tls1_3" => Old::Becomes(&["--tls-max", "1.2"]),
        "-no_renegotiation" => Old::Becomes(&["--no-renegotiation"]),
        "-brief" | "-quiet" | "-enable_pha" | "-prexit" | "-ign_eof" | "-no_ign_eof" | "-nocommands"
        | "-tlsextdebug" | "-no_ssl3" | "-no_tls1" | "-no_tls1_1" => Old::Ignored(0),
        "-verify" => Old::Ignored(1),
        _ => return None,
    })
}

/// Translates the options of `openssl s_client`, which have one dash, for what follows `connect`.
pub(super) fn translated(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let mut translated: Vec<OsString> = arguments.by_ref().take(2).collect();
    if translated.get(1).is_none_or(|command| command != "connect") {
        translated.extend(arguments);
        return translated;
    }
    let mut goes_on_anyway = true;
    let mut is_old_form = false;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            translated.push(argument);
            translated.extend(arguments);
            break;
        }
        if argument == "-verify_return_error" {
            goes_on_anyway = false;
            continue;
        }
        match argument.to_str().and_then(old) {
            None => translated.push(argument),
            Some(Old::Is(option)) => translated.push(option.into()),
            Some(Old::Becomes(words)) => translated.extend(words.iter().map(OsString::from)),
            Some(Old::Target) => {
                is_old_form = true;
                translated.extend(arguments.next());
            }
            Some(Old::Ignored(values)) => drop(arguments.by_ref().take(values).collect::<Vec<_>>()),
        }
    }
    // As s_client does, which says what is wrong with the server and goes on.
    if is_old_form && goes_on_anyway {
        translated.insert(2, "--insecure".into());
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(words: &str) -> String {
        let translated = translated(words.split(' ').map(OsString::from));
        translated.join(std::ffi::OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn the_words_of_s_client_are_understood() {
        assert_eq!(
            after(
                "mtlscope connect -connect localhost:443 -status -msg -key k.pem -cert c.pem -CAfile ssl.crt -state"
            ),
            "mtlscope connect --insecure localhost:443 --status --msg --key k.pem --cert c.pem --cacert ssl.crt --state"
        );
        assert_eq!(
            after("mtlscope connect -tls1_2 -verify 3 -verify_return_error -connect a:1"),
            "mtlscope connect --tlsv1.2 --tls-max 1.2 a:1"
        );
    }

    #[test]
    fn the_words_of_curl_and_of_other_commands_stay() {
        for words in [
            "mtlscope connect -kv -E c.pem --cert-type P12 https://a/",
            "mtlscope connect -- -connect",
            "mtlscope read -msg",
            "mtlscope",
        ] {
            assert_eq!(after(words), words);
        }
    }
}
