//! `cargo xtask bench`: `mtlscope read` on generated traffic beside the floor (a bare walk over the file, and one that looks
//! at handshake types) and, if asked, its peers; then the table of goals (`gates.rs`). Machines and their load differ, so what counts are ratios in one run, of
//! medians over rounds in which all commands take turns.

mod gates;
mod handshakes;
mod relays;
pub(crate) mod traffic;
mod verdicts;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::measured::{self, Measured};
use crate::tshark::on_path;
use crate::workspace::Workspace;
use gates::Results;
use traffic::{Generator, Traffic};

/// What can be said to `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which traffic: hs1, hs4, hs16 (many handshakes), bulk (few, and much data), mixed, open, kl16.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "hs1,hs16,bulk,mixed,open,kl16",
        value_name = "NAME,..."
    )]
    traffic: Vec<String>,
    /// Measure full handshakes of `mtlscope serve` beside nginx, Apache and `openssl s_server` instead.
    #[arg(long, conflicts_with_all = ["traffic", "peers"])]
    handshakes: bool,
    /// Measure `mtlscope tap` beside socat and HAProxy in TCP mode instead.
    #[arg(long, conflicts_with_all = ["traffic", "peers", "handshakes"])]
    tap: bool,
    /// With --handshakes: how long each server is loaded in a round, in seconds.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many rounds; each runs every command once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Measure the peers that are here, too, once each: tshark, tcpdump, ssldump, ndpiReader. It takes minutes.
    #[arg(long)]
    peers: bool,
    /// Fail where a goal is missed, not only where a verdict is wrong.
    #[arg(long)]
    gate: bool,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    if arguments.handshakes {
        handshakes::measure(workspace, arguments.bin.as_deref(), arguments.rounds, arguments.seconds)?;
        return Ok(true);
    }
    if arguments.tap {
        relays::measure(workspace, arguments.bin.as_deref(), arguments.rounds)?;
        return Ok(true);
    }
    let generator = Generator::build(workspace)?;
    let program = workspace.program(arguments.bin.as_deref())?;
    let mut right = true;
    let mut results = Results::new();
    for name in &arguments.traffic {
        let traffic = generator.traffic(name)?;
        println!("\n{name}: {} MB", traffic.bytes / 1_000_000);
        right &= verdicts::check(&program, &traffic)?;
        let mut contenders = contenders(&generator.walk, &program, &traffic, arguments.peers);
        measure(&mut contenders, arguments.rounds)?;
        print_table(&contenders, traffic.bytes);
        results.insert(name.clone(), contenders);
    }
    let capture = workspace.root.join("fixtures/unknown-ca-tls12/capture.pcap");
    let mut start = vec![contender(START_UP, &program, &["read", "--json"], &capture)];
    measure(&mut start, 4 * arguments.rounds)?;
    results.insert("start".to_owned(), start);
    let met = gates::judge(&results);
    Ok(right && (met || !arguments.gate))
}

/// A capture with 100,000 connections, made now if it is not there yet.
pub(crate) fn many_connections(workspace: &Workspace) -> Result<PathBuf> {
    Ok(Generator::build(workspace)?.traffic("hs16")?.capture)
}

/// One command and its runs.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Whether it runs in the first round only.
    once: bool,
    runs: Vec<Measured>,
}

/// Runs all of them in so many rounds.
fn measure(contenders: &mut [Contender], rounds: u32) -> Result<()> {
    for round in 0..rounds {
        for contender in contenders.iter_mut().filter(|contender| round == 0 || !contender.once) {
            let run = measured::cost(&contender.program, &contender.arguments, TIME_LIMIT)?;
            if run.timed_out || !matches!(run.code, Some(0 | 1)) {
                bail!("{} ended with {:?} after {:.0} s", contender.name, run.code, run.wall_seconds);
            }
            contender.runs.push(run);
        }
    }
    Ok(())
}

fn contenders(walk: &Path, program: &Path, traffic: &Traffic, peers: bool) -> Vec<Contender> {
    let capture = &traffic.capture;
    let key_log = traffic.key_log.as_ref().map(|path| path.display().to_string());
    let ours = |name, options: &[&str]| {
        let keys: Vec<&str> = key_log.iter().flat_map(|key_log| ["--keylog", key_log]).collect();
        contender(name, program, &[&["read"], options, &keys].concat(), capture)
    };
    let mut contenders = vec![
        contender(WALK, walk, &["walk:read"], capture),
        contender(FLOOR, walk, &["tls:read"], capture),
        ours(ONE_THREAD, &["--json", "--threads", "1"]),
        ours(TWO_THREADS, &["--json", "--threads", "2"]),
        ours("mtlscope read --threads 1", &["--threads", "1"]),
    ];
    if peers {
        let preference = key_log.as_ref().map(|key_log| format!("tls.keylog_file:{key_log}"));
        let keys: Vec<&str> = preference.iter().flat_map(|preference| ["-o", preference]).collect();
        let requests =
            ["-n", "-Y", "tls.handshake.type==13", "-T", "fields", "-e", "tcp.stream", "-e", "frame.number"];
        let commands: [(_, &str, &[&str]); 4] = [
            (TSHARK, "tshark", &[&requests, &keys[..], &["-r"]].concat()),
            ("tcpdump --count", "tcpdump", &["-n", "--count", "-r"]),
            ("ndpiReader", "ndpiReader", &["-q", "-i"]),
            ("ssldump", "ssldump", &["-n", "-r"]),
        ];
        for (name, peer, options) in commands {
            // ssldump is quadratic: hs16 takes it four minutes of CPU, hs1 a second.
            if on_path(peer).is_none() || peer == "ssldump" && !capture.ends_with("hs1.pcap") {
                println!("{peer} is left out");
                continue;
            }
            contenders.push(Contender { once: true, ..contender(name, Path::new(peer), options, capture) });
        }
    }
    contenders
}

/// A command that ends in the name of the capture.
fn contender(name: &'static str, program: &Path, options: &[&str], capture: &Path) -> Contender {
    let arguments = options.iter().map(OsString::from).chain([capture.into()]).collect();
    Contender { name, program: program.to_owned(), arguments, once: false, runs: Vec::new() }
}

fn print_table(contenders: &[Contender], bytes: u64) {
    let cpu = |contender: &Contender| median(contender.runs.iter().map(|run| run.cpu_seconds));
    let of = |name: &str| contenders.iter().find(|contender| contender.name == name).map(cpu);
    println!("| command | runs | CPU s (min) | wall s | MB/s | x walk | x floor | tshark / it | RSS MiB |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for contender in contenders {
        let seconds = cpu(contender);
        let least = contender.runs.iter().map(|run| run.cpu_seconds).fold(f64::INFINITY, f64::min);
        let ratio =
            |base: Option<f64>| base.map_or_else(|| "-".to_owned(), |base| format!("{:.1}", seconds / base));
        println!(
            "| {} | {} | {seconds:.3} ({least:.3}) | {:.3} | {:.0} | {} | {} | {} | {:.0} |",
            contender.name,
            contender.runs.len(),
            median(contender.runs.iter().map(|run| run.wall_seconds)),
            bytes as f64 / 1e6 / seconds,
            ratio(of(WALK)),
            ratio(of(FLOOR)),
            of(TSHARK).map_or_else(|| "-".to_owned(), |tshark| format!("{:.0}", tshark / seconds)),
            contender.runs.iter().map(|run| run.peak_mib).fold(0.0, f64::max),
        );
    }
}

/// The middle value, the mean of the two middle ones of an even number; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or_default();
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower =
        values.len().checked_sub(1).and_then(|last| values.get(last / 2)).copied().unwrap_or_default();
    (lower + upper) / 2.0
}

const WALK: &str = "pcapwalk walk:read";
const FLOOR: &str = "pcapwalk tls:read";
const ONE_THREAD: &str = "mtlscope read --json --threads 1";
const TWO_THREADS: &str = "mtlscope read --json --threads 2";
const START_UP: &str = "mtlscope read --json, one connection";
const TSHARK: &str = "tshark, type 13";
const TIME_LIMIT: Duration = Duration::from_secs(1200);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }
}
