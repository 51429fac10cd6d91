//! `mtlscope capture`: what can be typed.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use super::{Appearance, Keyless, Known, LivePage, Looks, Passphrase};

const AFTER_HELP: &str = "\
Examples:
  sudo mtlscope capture                                  every interface, until Ctrl-C
  mtlscope capture -i eth0 --port 443 --net 10.0.0.0/8   only what matters is copied
  mtlscope capture -i lo --keylog keys.log -w all.pcapng keys that are still being written; kept for Wireshark
  mtlscope capture -Y 'outcome.result == \"refused\"'      the refused ones
  mtlscope capture -w failed.pcapng --keep failed:20     the packets of the last twenty that failed
  sudo mtlscope capture -i eth0 --web                    the same on a page in the browser, row by row
  mtlscope capture --json --duration 60 | jq .outcome    one JSON object a connection
  mtlscope capture -D                                    the interfaces

To capture without root, once: sudo setcap cap_net_raw+ep \"$(command -v mtlscope)\"
On other systems and other hosts: ssh HOST tcpdump -i any -U -w - not port 22 | mtlscope read -

Exit codes:
  0  stopped by SIGINT or SIGTERM, whatever was seen
  0  ended as asked (-c, --duration, --connections, --first-failure), and no finding is an error
  1  ended as asked, and one is
  2  it could not capture, or something was lost: an interface, the rest of a recording (outranks the others)";

/// Capture on this machine's interfaces, and tell every TLS connection as it ends (Linux).
///
/// The words and options are those of `mtlscope read`. The right to capture is needed only for a moment: the interfaces are
/// opened, every right is dropped, and only then the first packet is looked at.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Capture {
    /// An expression as tcpdump takes them: what is meant by it is said otherwise here
    #[arg(value_name = "EXPRESSION", hide = true)]
    pub(crate) expression: Vec<String>,

    /// Interface to capture on; may be given more than once. `any` is all of them
    #[arg(short, long, value_name = "NAME", default_value = "any")]
    pub(crate) interface: Vec<String>,

    /// List the interfaces, and end
    #[arg(short = 'D', long)]
    pub(crate) list_interfaces: bool,

    /// Only packets from or to this host, by address or name; may be given more than once, then any of them
    ///
    /// The kernel leaves out the rest, by the outermost IP header. With --port both must fit.
    #[arg(long, value_name = "HOST", help_heading = "What to capture")]
    pub(crate) host: Vec<String>,

    /// Only packets from or to addresses like these, such as 10.0.0.0/8; counts among the hosts
    #[arg(long, value_name = "ADDRESS/BITS", help_heading = "What to capture")]
    pub(crate) net: Vec<String>,

    /// Only packets from or to this TCP or UDP port; may be given more than once, then any of them
    #[arg(long, value_name = "PORT", help_heading = "What to capture")]
    pub(crate) port: Vec<u16>,

    /// Take packets for other machines too, where the interface sees them (promiscuous mode)
    #[arg(long, help_heading = "What to capture")]
    pub(crate) promiscuous: bool,

    /// As in tcpdump: do not. So it is unless --promiscuous is given
    #[arg(short = 'p', help_heading = "What to capture", conflicts_with = "promiscuous", hide = true)]
    pub(crate) not_promiscuous: bool,

    /// Mebibytes the kernel keeps for each interface, should we fall behind
    #[arg(short = 'B', long, value_name = "MIB", default_value = "32", help_heading = "What to capture")]
    #[arg(value_parser = clap::value_parser!(u16).range(2..=2048))]
    pub(crate) buffer_size: u16,

    /// How readily to leave the CPU to others, as of nice(1). Unasked: -10 where that is granted
    ///
    /// What is not taken in time is lost, most of all on a busy machine. 0 leaves it as it is. Below 0 it takes root or CAP_SYS_NICE.
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "What to capture")]
    #[arg(value_parser = clap::value_parser!(i8).range(-20..=19))]
    pub(crate) nice: Option<i8>,

    /// Become this user once the interfaces are open, instead of who called sudo, or nobody. `root` stays root, without rights
    /// over others' files
    #[arg(short = 'Z', long, value_name = "USER", help_heading = "What to capture")]
    pub(crate) run_as: Option<String>,

    /// Record to this pcapng, which holds the secrets too, as they become known
    ///
    /// Only its owner can read it: who called sudo, or who ran this.
    #[arg(short, long, value_name = "FILE", help_heading = "What to keep")]
    pub(crate) write: Option<PathBuf>,

    /// Go on in another file when this one has filesize:KB, duration:SECONDS or packets:N; files:N keeps the last N
    ///
    /// As in dumpcap, and given once for each of them: -w trace.pcapng -b filesize:100000 -b files:5 makes
    /// trace_00001_20261124150000.pcapng and so on. Each file begins with the secrets of the last minute.
    #[arg(short = 'b', long = "ring-buffer", value_name = "WHEN:VALUE", requires = "write")]
    #[arg(value_parser = rotate, help_heading = "What to keep")]
    pub(crate) rotate: Vec<Rotate>,

    /// Keep only the connections that failed, the last N of them [default: 100]
    ///
    /// The recording then holds their packets and the secrets that opened them, and nothing of others. With -Y, of those that
    /// match.
    #[arg(long, value_name = "failed[:N]", value_parser = keep, requires = "write", conflicts_with = "rotate")]
    #[arg(help_heading = "What to keep")]
    pub(crate) keep: Option<usize>,

    /// Stop after so many packets
    #[arg(short, long, value_name = "N", help_heading = "When to stop")]
    pub(crate) count: Option<NonZeroU64>,

    /// Stop after this time: 90, 90s, 15m, 2h
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "When to stop")]
    pub(crate) duration: Option<Duration>,

    /// Stop when standard input ends: `mtlscope run --capture` says so when its command is over
    #[arg(long, hide = true)]
    pub(crate) until_input_ends: bool,

    /// Stop after so many connections
    #[arg(long, value_name = "N", help_heading = "When to stop")]
    pub(crate) connections: Option<NonZeroU64>,

    /// Stop after the first connection with an error
    #[arg(long, help_heading = "When to stop")]
    pub(crate) first_failure: bool,

    /// Key log to decrypt with, followed as it grows; it may come later, and go and come again
    ///
    /// As programs write it when SSLKEYLOGFILE is set. May be given more than once.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keylog: Vec<PathBuf>,

    /// Show only what a filter in Wireshark's language means; see `mtlscope read --help`
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "What to show")]
    pub(crate) filter: Option<String>,

    #[command(flatten)]
    pub(crate) looks: Looks,

    /// Check every client's signature (CertificateVerify), not only those of clients that were refused
    #[arg(long, help_heading = "What to show")]
    pub(crate) verify: bool,

    /// No line on the terminal that says how many packets, drops, connections and failures there were so far
    #[arg(short, long, help_heading = "What to show")]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) known: Known,

    #[command(flatten)]
    pub(crate) keyless: Keyless,

    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    #[command(flatten)]
    pub(crate) live_page: LivePage,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}

/// When a recording goes on in another file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rotate {
    /// In bytes.
    FileSize(u64),
    Duration(Duration),
    Packets(u64),
    /// How many are kept.
    Files(u64),
}

/// `filesize:1000`, in units of 1000 bytes as dumpcap counts them.
fn rotate(text: &str) -> Result<Rotate, String> {
    let (what, number) = text.split_once(':').ok_or("write it as filesize:100000 or files:5")?;
    let number: u64 =
        number.parse().ok().filter(|&number| number > 0).ok_or("the value is to be a number")?;
    match what {
        "filesize" => Ok(Rotate::FileSize(number.saturating_mul(1000))),
        "duration" => Ok(Rotate::Duration(Duration::from_secs(number))),
        "packets" => Ok(Rotate::Packets(number)),
        "files" => Ok(Rotate::Files(number)),
        _ => Err("known are filesize, duration, packets and files".to_owned()),
    }
}

/// `failed`, `failed:20`.
fn keep(text: &str) -> Result<usize, String> {
    const DEFAULT: usize = 100;
    match text.strip_prefix("failed") {
        Some("") => Ok(DEFAULT),
        Some(number) => number
            .strip_prefix(':')
            .and_then(|number| number.parse().ok())
            .filter(|&number| number > 0)
            .ok_or_else(|| "write it as failed or failed:20".to_owned()),
        None => {
            Err("only failed connections can be kept by themselves: write failed or failed:20".to_owned())
        }
    }
}

/// `90`, `90s`, `15m`, `2h`.
fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 60 * 60,
        _ => return Err("write a number and s, m or h, such as 15m".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write a number and s, m or h, such as 15m".to_owned())?;
    match number.checked_mul(unit) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("it must be more than nothing, and less than forever".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_what_to_keep_are_read_as_people_write_them() {
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(time("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(rotate("filesize:100"), Ok(Rotate::FileSize(100_000)));
        assert_eq!((keep("failed"), keep("failed:7")), (Ok(100), Ok(7)));
        for bad in ["filesize", "filesize:0", "files:x", "interval:3"] {
            assert!(rotate(bad).is_err(), "{bad}");
        }
        for bad in ["", "all", "failed:", "failed:0", "failed7"] {
            assert!(keep(bad).is_err(), "{bad}");
        }
        for bad in ["", "m", "0", "-1", "1d", "1.5h", "99999999999999999999h"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
