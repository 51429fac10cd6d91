//! How many packets a second a capture keeps up with: traffic of the bench replayed over the wire, to us, to tcpdump and to dumpcap, one
//! after the other in one run. Machines and their load differ, so ours counts beside theirs.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Bench;
use super::hosts::{Hosts, WIRE, Wire};
use crate::bench::traffic::{Generator, Traffic};
use crate::peers::{Place, Process, run_program};
use crate::tally::Tally;
use crate::tshark::on_path;
use crate::workspace::Workspace;

/// In the suite: some, so that it is quick.
const SUITE: (&str, u32) = ("hs1", 50_000);

const OURS: &str = "mtlscope";

/// Who captures, and with what options. `CAPTURE` is a file, `WIRE` the interface.
const CONTENDERS: &[(&str, &[&str])] = &[
    (OURS, &["capture", "-i", WIRE, "-B", "64", "--json"]),
    ("mtlscope -w", &["capture", "-i", WIRE, "-B", "64", "--json", "-w", "/dev/null"]),
    ("tcpdump", &["-Z", "root", "-i", WIRE, "-s0", "-B", "65536", "-w", "/dev/null"]),
    ("dumpcap", &["-q", "-i", WIRE, "-B", "64", "-w", "CAPTURE"]),
];

/// What one of them kept of what was sent.
struct Kept {
    sent: u64,
    lost: u64,
    connections: Option<u64>,
    rate: f64,
    cpu_seconds: f64,
    peak_mib: f64,
    /// The resident set of each second without the ring of packets, in MiB.
    resident: Vec<f64>,
}

/// The part of the suite: no packet is lost, unless tcpdump loses some too.
pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    if !bench.workspace.shared.join("perf/gen").is_dir() {
        println!("  skipped: ../shared/perf/gen is not there; it is kept outside the repository");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let traffic = Generator::build(bench.workspace)?.traffic(SUITE.0)?;
    let hosts = hosts(bench.place)?;
    let mut kept = Vec::new();
    for (name, options) in CONTENDERS.iter().filter(|(name, _)| matches!(*name, OURS | "tcpdump")) {
        let (program, place) = (bench.program, bench.place);
        let one = replay(&hosts, place, &traffic, name, program, options, (SUITE.1, 1))?;
        print(name, &one);
        kept.push(one);
    }
    let [ours, theirs] = kept.as_slice() else { return Ok(Tally::one(false)) };
    if theirs.lost > 0 {
        println!("  skipped: tcpdump lost packets too; this machine is too busy");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let all_told = ours.connections == Some(flows(&traffic)?);
    Ok(Tally::one(ours.lost == 0 && all_told))
}

/// `cargo xtask live --traffic`: everybody at each rate. False if we lost packets where tcpdump lost none.
pub(super) fn measure(workspace: &Workspace, program: &Path, arguments: &super::Arguments) -> Result<bool> {
    let super::Arguments { traffic: names, rates, repeat, only, .. } = arguments;
    if let Some(unknown) = only.iter().find(|name| !CONTENDERS.iter().any(|(known, _)| known == name)) {
        let known: Vec<&str> = CONTENDERS.iter().map(|(name, _)| *name).collect();
        bail!("nobody is called {unknown}; there are {}", known.join(", "));
    }
    let contenders =
        || CONTENDERS.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|one| one == name));
    let generator = Generator::build(workspace)?;
    let place = Place::make()?;
    let folder = place.folder().to_owned();
    crate::peers::end_with_us(move || {
        super::hosts::remove_all();
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    let hosts = hosts(&place)?;
    let mut is_good = true;
    for name in names {
        let traffic = generator.traffic(name)?;
        for rate in rates {
            println!("{name}, {rate} packets a second are asked for, {repeat} times:");
            let mut lost = Vec::new();
            for (name, options) in contenders() {
                if !name.starts_with(OURS) && on_path(name).is_none() {
                    println!("  {name} is left out: it is not installed");
                    continue;
                }
                let one = replay(&hosts, &place, &traffic, name, program, options, (*rate, *repeat))?;
                print(name, &one);
                lost.push((*name, one.lost));
            }
            let lost_by = |wanted: &str| lost.iter().find(|(name, _)| *name == wanted).map(|(_, lost)| *lost);
            is_good &=
                lost_by(OURS).is_none_or(|lost| lost == 0) || lost_by("tcpdump").is_some_and(|lost| lost > 0);
        }
    }
    Ok(is_good)
}

fn hosts(place: &Place) -> Result<Hosts> {
    let hosts = Hosts::connect(Wire::Good, place)?;
    // Some packets of the bench are longer than usual.
    hosts.set_mtu(1600)?;
    Ok(hosts)
}

fn print(name: &str, kept: &Kept) {
    let connections = kept.connections.map(|count| format!(", {count} connections told")).unwrap_or_default();
    println!(
        "  {name:11} {:>9} packets at {:>7.0} a second, {} lost ({:.2} %){connections}; {:.2} s of CPU, {:.0} MiB",
        kept.sent,
        kept.rate,
        kept.lost,
        100.0 * kept.lost as f64 / kept.sent.max(1) as f64,
        kept.cpu_seconds,
        kept.peak_mib,
    );
    // Of a short run it says nothing.
    if let [.., last] = kept.resident.as_slice()
        && kept.resident.len() >= 60
    {
        let quarters = (1..=3).filter_map(|quarter| kept.resident.get(kept.resident.len() * quarter / 4));
        let quarters: Vec<String> = quarters.chain([last]).map(|mib| format!("{mib:.1}")).collect();
        println!(
            "  {:11} MiB of its own after each quarter of {} s: {}",
            "",
            kept.resident.len(),
            quarters.join(", ")
        );
    }
}

/// Has one of them capture while the traffic is replayed, `(rate, repeat)`.
fn replay(
    hosts: &Hosts,
    place: &Place,
    traffic: &Traffic,
    name: &str,
    ours: &Path,
    options: &[&str],
    (rate, repeat): (u32, u32),
) -> Result<Kept> {
    let (capture, log) = (place.join("rates.pcapng"), place.join(&format!("rates-{name}.log")));
    for file in [&capture, &log] {
        let _ = std::fs::remove_file(file);
    }
    let program = if name.starts_with(OURS) { ours.display().to_string() } else { name.to_owned() };
    let mut command = hosts.on_server(&program);
    for option in options {
        match *option {
            "CAPTURE" => command.arg(&capture),
            option => command.arg(option),
        };
    }
    let mut process = Process::converse(name, &mut command, &log)?;
    // Some take the end of their input for a wish to stop.
    let (_input, output) = process.pipes()?;
    let told = thread::spawn(move || last_line(output));
    // Each says so when it begins, in words of its own.
    super::wait_for(&format!("{name} to begin"), || {
        let said = std::fs::read_to_string(&log)?.to_lowercase();
        Ok(["capturing on", "listening on", "file:"].iter().any(|words| said.contains(words)))
    })?;
    thread::sleep(Duration::from_millis(500));
    let mut sender = hosts.on_client("tcpreplay");
    sender.args(["--quiet", "--preload-pcap", "--intf1", WIRE]).arg(format!("--pps={rate}"));
    if repeat > 1 {
        // The same connections come again once they are over. With --unique-ip the directions of some of IPv6 would part.
        sender.arg(format!("--loop={repeat}"));
    }
    let is_over = AtomicBool::new(false);
    let (ended, resident) = thread::scope(|scope| {
        let watching = scope.spawn(|| resident(process.id(), &is_over));
        let ended = run_program(sender.arg(&traffic.capture), "", Duration::from_secs(3600));
        is_over.store(true, Ordering::Relaxed);
        (ended, watching.join().unwrap_or_default())
    });
    let ended = ended?;
    let said = ended.text();
    let sent = number_behind(&said, "Actual:").with_context(|| format!("tcpreplay said {said}"))?;
    let rate = said
        .lines()
        .flat_map(|line| line.split(','))
        .find_map(|part| part.trim().strip_suffix(" pps")?.trim().parse().ok());
    // Whoever is behind may catch up.
    thread::sleep(Duration::from_secs(2));
    let cost = cost(process.id())?;
    process.stop(Duration::from_secs(60))?;
    let said = std::fs::read_to_string(&log)?;
    let (lines, last) = told.join().unwrap_or_else(|_| Ok((0, String::new())))?;
    let (lost, connections) = match name {
        _ if name.starts_with(OURS) => {
            let line: serde_json::Value = serde_json::from_str(&last).context("no count of packets")?;
            let dropped = line["capture"]["interfaces"][0]["dropped"].as_u64();
            (dropped.context("no count of drops")?, Some(lines - 1))
        }
        "tcpdump" => (number_before(&said, "packets dropped by kernel")?, None),
        _ => (number_behind(&said, "dropped on interface 'e0':").map_or(0, |_| dumpcap_lost(&said)), None),
    };
    // It may be large.
    let _ = std::fs::remove_file(&capture);
    let (cpu_seconds, peak_mib) = cost;
    Ok(Kept { sent, lost, connections, rate: rate.unwrap_or_default(), cpu_seconds, peak_mib, resident })
}

/// How many lines there are, and the last.
fn last_line(output: impl Read) -> std::io::Result<(u64, String)> {
    let (mut output, mut lines, mut last, mut line) =
        (BufReader::new(output), 0, String::new(), String::new());
    while output.read_line(&mut line)? > 0 {
        lines += 1;
        std::mem::swap(&mut last, &mut line);
        line.clear();
    }
    Ok((lines, last))
}

/// The resident set of each second without what is mapped of files and rings, in MiB, until it is over.
fn resident(id: u32, is_over: &AtomicBool) -> Vec<f64> {
    let mut resident = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        resident.extend(number_behind(&status, "RssAnon:").map(|kib| kib as f64 / 1024.0));
        thread::sleep(Duration::from_secs(1));
    }
    resident
}

/// `Packets received/dropped on interface 'e0': 41/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)`.
fn dumpcap_lost(said: &str) -> u64 {
    let counts = said.rsplit("on interface 'e0':").next().and_then(|rest| rest.split_whitespace().next());
    counts.and_then(|counts| counts.split_once('/')?.1.parse().ok()).unwrap_or_default()
}

fn number_behind(text: &str, words: &str) -> Option<u64> {
    let rest = text.split(words).nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn number_before(text: &str, words: &str) -> Result<u64> {
    let before = text.split(words).next().filter(|before| before.len() < text.len());
    let number = before.and_then(|before| before.split_whitespace().last()?.parse().ok());
    number.with_context(|| format!("it said {text}"))
}

/// Seconds of CPU so far, and the largest resident set in MiB.
fn cost(id: u32) -> Result<(f64, f64)> {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    Ok((
        (ticks(11) + ticks(12)) / TICKS,
        number_behind(&status, "VmHWM:").unwrap_or_default() as f64 / 1024.0,
    ))
}

/// How many connections the traffic has.
fn flows(traffic: &Traffic) -> Result<u64> {
    let text = std::fs::read_to_string(&traffic.flows)?;
    Ok(text.lines().filter(|line| !line.starts_with('#')).count() as u64 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_each_program_writes_them() {
        let dumpcap =
            "Packets captured: 41\nPackets received/dropped on interface 'e0': 41/7 (pcap:7/dumpcap:0)";
        assert_eq!(dumpcap_lost(dumpcap), 7);
        assert_eq!(
            number_before("9 packets captured\n3 packets dropped by kernel\n", "packets dropped by kernel")
                .unwrap(),
            3
        );
        assert_eq!(number_behind("Actual: 1950000 packets (6 bytes)", "Actual:"), Some(1_950_000));
    }
}
