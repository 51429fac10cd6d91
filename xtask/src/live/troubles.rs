//! What goes wrong while a capture runs, and what it must do all the same: each trouble is made, and what is told is held against
//! what was there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::capturing::{self, Capturing, Told, new_file};
use super::hosts::{Hosts, SERVER_V4, WIRE, Wire};
use super::{Bench, two_hosts, wait_for};
use crate::peers::{Process, run_program};
use crate::tally::Tally;

type Trouble = (&'static str, fn(&Bench<'_>, &Hosts) -> Result<()>);

/// Each on a wire of its own, since some cut it.
const TROUBLES: &[Trouble] = &[
    ("every right is dropped before a packet is looked at", rights),
    ("without the right it says what to run", no_right),
    ("what came just before a signal is told and recorded", signals),
    ("an interface that is removed ends the capture, and what came before is told", removed),
    ("an interface that goes down is waited for", down_and_up),
    ("a full disk ends the recording at a whole packet, and nothing else", full_disk),
    ("a key log that is removed and written anew is followed", key_log),
    ("a reader that goes away ends it quietly", closed_pipe),
    ("lost packets are counted and shown", lost),
    ("files are rotated, and together hold everything", rotated),
    ("only what failed is kept, with its keys", kept),
    ("what was refused is told and kept though nobody closes it", unclosed),
    ("tagged packets are whole, on the wire and on any, and filters see through the tag", tagged),
    ("packets larger than the wire's are whole", large),
    ("loopback shows each packet once", loopback),
];

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut tally = Tally::default();
    for (name, trouble) in TROUBLES {
        let result = Hosts::connect(Wire::Good, bench.place).and_then(|hosts| trouble(bench, &hosts));
        match &result {
            Ok(()) => println!("  {name}"),
            Err(error) => println!("  {name}: {error:#}"),
        }
        tally += Tally::one(result.is_ok());
    }
    Ok(tally)
}

fn rights(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let capture = on_wire(bench, hosts, &[])?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", capture.id()))?;
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":"));
        line.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    for capabilities in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        ensure!(
            value(capabilities).trim_matches('0').is_empty(),
            "{capabilities} is {}",
            value(capabilities)
        );
    }
    ensure!(!value("Uid").split(' ').any(|id| id == "0"), "it runs as {}", value("Uid"));
    ensure!(value("NoNewPrivs") == "1", "it may gain rights");
    ensure!(value("Seccomp") == "2", "system calls are not restricted");
    let tasks = std::fs::read_dir(format!("/proc/{}/task", capture.id()))?;
    for task in tasks {
        let status = std::fs::read_to_string(task?.path().join("status"))?;
        ensure!(status.contains("Seccomp:\t2"), "a thread may call what it likes");
    }
    ended_well(&capture.stop()?)
}

fn no_right(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let program = bench.place.join("mtlscope");
    std::fs::copy(bench.program, &program)?;
    let mut command = hosts.on_server("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&program);
    let ended = run_program(command.args(["capture", "-i", WIRE]), "", LIMIT)?;
    let said = ended.text();
    ensure!(ended.code == Some(2), "it ended with {:?}", ended.code);
    let advice = format!("sudo setcap cap_net_raw+ep {}", program.display());
    ensure!(said.contains(&advice) && said.contains("| mtlscope read -"), "it said {said}");
    Ok(())
}

fn signals(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let recording = new_file(bench, "pcapng");
    let capture = on_wire(bench, hosts, &["-w".as_ref(), recording.as_ref()])?;
    replay(hosts, &refused(bench), &[])?;
    // At once: the kernel still holds all of it.
    let told = capture.stop()?;
    ended_well(&told)?;
    ensure!(told.connections.len() == 1, "{} connections were told", told.connections.len());
    ensure!(capturing::read(bench, &recording)?.len() == 1, "the recording lacks it");
    same_packets(bench, &recording, &refused(bench))
}

fn removed(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let recording = new_file(bench, "pcapng");
    let capture = on_wire(bench, hosts, &["-w".as_ref(), recording.as_ref()])?;
    replay(hosts, &refused(bench), &[])?;
    hosts.cut_wire()?;
    let told = capture.end()?;
    ensure!(told.code == Some(2), "it ended with {:?}", told.code);
    ensure!(told.said.contains("e0 is gone"), "it said {}", told.said);
    ensure!(told.connections.len() == 1, "{} connections were told", told.connections.len());
    same_packets(bench, &recording, &refused(bench))
}

fn down_and_up(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let mut capture = on_wire(bench, hosts, &[])?;
    hosts.switch_wire("down")?;
    wait_for("word of the interface", || Ok(capture.said()?.contains("e0 is down")))?;
    hosts.switch_wire("up")?;
    replay(hosts, &refused(bench), &[])?;
    capture.has_told(1)?;
    ended_well(&capture.stop()?)
}

fn full_disk(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let (folder, kept) = (bench.place.own_folder("full")?, new_file(bench, "pcapng"));
    let out = new_file(bench, "json");
    // The disk is there for this command only; the shell outlives the capture's end by a signal.
    let script = "trap : TERM; mount -t tmpfs -o size=128k none \"$1\" && chmod 777 \"$1\" || exit 9; \
                  \"$2\" capture --json -i e0 -w \"$1/a.pcapng\" >\"$3\"; code=$?; \
                  cp \"$1/a.pcapng\" \"$4\"; exit $code";
    let mut command = hosts.on_server("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]);
    command.arg(&folder).arg(bench.program).arg(&out).arg(&kept);
    let mut capture = Capturing::of(bench, command, out)?;
    replay(hosts, &refused(bench), &["--loop".as_ref(), "100".as_ref(), "--unique-ip".as_ref()])?;
    capture.has_told(100)?;
    let told = capture.stop()?;
    ensure!(told.code == Some(2), "it ended with {:?}", told.code);
    ensure!(told.said.matches("is the disk full").count() == 1, "it said {}", told.said);
    let read = capturing::read(bench, &kept)?;
    ensure!(!read.is_empty() && read.len() < 100, "{} connections were recorded", read.len());
    Ok(())
}

fn key_log(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let _server = two_hosts::serve(bench, hosts)?;
    let keys = new_file(bench, "keys");
    let mut capture = on_wire(bench, hosts, &["--keylog".as_ref(), keys.as_ref()])?;
    for count in 1..=2 {
        get(bench, hosts, "/server.php", Some(&keys))?;
        capture.has_told(count)?;
        std::fs::remove_file(&keys)?;
        wait_for("word of the key log", || Ok(capture.said()?.matches("was removed").count() == count))?;
    }
    let told = capture.stop()?;
    ended_well(&told)?;
    let opened =
        told.connections.iter().filter(|one| one.decrypted_with.as_deref() == Some("key_log")).count();
    ensure!(opened == 2, "{opened} of two connections were opened");
    Ok(())
}

fn closed_pipe(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let mut command = hosts.on_server(&bench.program.display().to_string());
    command.args(["capture", "--json", "-i", WIRE]);
    let log = new_file(bench, "log");
    let mut process = Process::converse("mtlscope capture", &mut command, &log)?;
    wait_for("mtlscope capture to begin", || Ok(std::fs::read_to_string(&log)?.contains("capturing on")))?;
    drop(process.pipes()?);
    replay(hosts, &refused(bench), &[])?;
    let mut code = None;
    wait_for("it to end", || {
        code = process.ended()?;
        Ok(code.is_some())
    })?;
    let said = std::fs::read_to_string(&log)?;
    ensure!(code.and_then(|status| status.code()) != Some(2) && !said.contains("roken"), "{code:?}: {said}");
    Ok(())
}

fn lost(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let recording = new_file(bench, "pcapng");
    let options: [&Path; 4] = ["-B".as_ref(), "2".as_ref(), "-w".as_ref(), &recording];
    let capture = on_wire(bench, hosts, &options)?;
    signal(capture.id(), "STOP")?;
    let sent = replay(hosts, &refused(bench), &["--loop".as_ref(), "2000".as_ref()]);
    signal(capture.id(), "CONT")?;
    sent?;
    wait_for("word of the loss", || Ok(capture.said()?.contains("had no room")))?;
    let told = capture.stop()?;
    ended_well(&told)?;
    let [counted] = told.counted.as_slice() else { anyhow::bail!("nothing was counted") };
    let sent = 2000 * packets(bench, &refused(bench))? as u64;
    ensure!(counted.dropped > 0 && counted.received >= sent, "{counted:?}, and {sent} were sent");
    ensure!(told.said.contains("lost on e0"), "it said {}", told.said);
    // Of whatever kind: the hosts talk of neighbours too.
    let mut frames = Command::new(bench.program);
    frames.args(["read", "-T", "fields", "-e", "frame.number"]).arg(&recording);
    let ended = run_program(&mut frames, "", LIMIT)?;
    let recorded = String::from_utf8_lossy(&ended.stdout).lines().count() as u64;
    // What came between the last packet that was taken and the last count is counted only.
    let taken = counted.received - counted.dropped;
    ensure!((taken.saturating_sub(5)..=taken).contains(&recorded), "{recorded} recorded of {counted:?}");
    Ok(())
}

fn rotated(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    // The user that it becomes must be let in.
    let folder = open_to_all(bench, "rotated")?;
    let whole = folder.join("a.pcapng");
    let size = packets(bench, &refused(bench))?;
    for (files, expected) in [("files:50", 10), ("files:3", 3)] {
        let options: [&Path; 6] =
            ["-w".as_ref(), &whole, "-b".as_ref(), "packets:20".as_ref(), "-b".as_ref(), files.as_ref()];
        let capture = on_wire(bench, hosts, &options)?;
        replay(hosts, &refused(bench), &["--loop".as_ref(), "10".as_ref(), "--unique-ip".as_ref()])?;
        let told = capture.stop()?;
        ended_well(&told)?;
        let mut made: Vec<PathBuf> =
            std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        made.sort();
        let counts = made.iter().map(|file| packets(bench, file)).collect::<Result<Vec<_>>>()?;
        ensure!(counts.iter().all(|count| *count <= 20), "files hold {counts:?} packets");
        let all = (10 * size).div_ceil(20);
        // Packets of other kinds count, too.
        let fitting = if expected == 3 { 3..=3 } else { all..=all + 1 };
        ensure!(fitting.contains(&made.len()), "there are {} files", made.len());
        if expected != 3 {
            ensure!(counts.iter().sum::<usize>() == 10 * size, "they hold {counts:?} packets");
            let mut command = Command::new(bench.program);
            let ended = run_program(command.args(["read", "--json"]).args(&made), "", LIMIT)?;
            let read = crate::connection::parse(&ended.stdout)?;
            ensure!(read.len() == 10, "{} connections of 10 go on from file to file", read.len());
        }
        for file in made {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

fn kept(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let failed = open_to_all(bench, "kept")?.join("failed.pcapng");
    let (accepted, keys) = (fixture(bench, "wireshark-article-tls12-with-certificate"), refused(bench));
    let keys = keys.with_file_name("keys.log");
    let options: [&Path; 6] =
        ["-w".as_ref(), &failed, "--keep".as_ref(), "failed:2".as_ref(), "--keylog".as_ref(), &keys];
    let mut capture = on_wire(bench, hosts, &options)?;
    for (count, capture_file) in [&accepted, &refused(bench), &accepted].into_iter().enumerate() {
        replay(hosts, capture_file, &[])?;
        capture.has_told(count + 1)?;
        // Beyond the patience for late packets of the same ends.
        std::thread::sleep(Duration::from_millis(600));
    }
    ended_well(&capture.stop()?)?;
    let read = capturing::read(bench, &failed)?;
    ensure!(read.len() == 1 && read[0].outcome.result == "refused", "{} connections were kept", read.len());
    ensure!(read[0].decrypted_with.is_some(), "its keys were not kept");
    same_packets(bench, &failed, &refused(bench))
}

fn unclosed(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    /// Of the fixture, up to the server's alert.
    const UP_TO_ALERT: &str = "--limit=11";
    let failed = open_to_all(bench, "unclosed")?.join("failed.pcapng");
    let mut capture = on_wire(bench, hosts, &["-w".as_ref(), &failed, "--keep=failed".as_ref()])?;
    replay(hosts, &refused(bench), &[UP_TO_ALERT.as_ref()])?;
    capture.has_told(1)?;
    let told = capture.stop()?;
    ended_well(&told)?;
    let kept = capturing::read(bench, &failed)?;
    for connections in [&told.connections, &kept] {
        let [connection] = connections.as_slice() else { bail!("{} connections", connections.len()) };
        ensure!(connection.outcome.result == "refused", "it is told as {}", connection.outcome.result);
    }
    Ok(())
}

fn tagged(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let tagged = new_file(bench, "pcap");
    let mut rewrite = Command::new("tcprewrite");
    rewrite.args(["--enet-vlan=add", "--enet-vlan-tag=7", "--enet-vlan-cfi=0", "--enet-vlan-pri=3"]);
    rewrite.arg("-i").arg(refused(bench)).arg("-o").arg(&tagged);
    let ended = run_program(&mut rewrite, "", LIMIT)?;
    ensure!(ended.code == Some(0), "tcprewrite: {}", ended.text());
    let [original] = &capturing::read(bench, &refused(bench))?[..] else {
        anyhow::bail!("the fixture changed")
    };
    let server = original.server.clone().context("no server")?;
    let (port, host) = (server.port.to_string(), server.ip.to_string());
    for interface in [WIRE, "any"] {
        for (options, count) in [
            (&["--port", &port, "--host", &host][..], 1),
            (&["--net", "0.0.0.0/0"], 1),
            (&["--port", "9"], 0),
            (&["--host", "203.0.113.1"], 0),
        ] {
            let recording = new_file(bench, "pcapng");
            let options = [&["-i", interface], options].concat();
            let options: Vec<&Path> = options.iter().map(|option| Path::new(*option)).collect();
            let options = [&options[..], &["-w".as_ref(), recording.as_path()]].concat();
            let capture = Capturing::start(bench, |program| hosts.on_server(program), &options)?;
            replay(hosts, &tagged, &[])?;
            let told = capture.stop()?;
            ended_well(&told)?;
            ensure!(told.connections.len() == count, "{options:?}: {} connections", told.connections.len());
            let read = capturing::read(bench, &recording)?;
            ensure!(read.len() == count, "{options:?}: {} connections were recorded", read.len());
            if count == 1 && interface == WIRE {
                same_packets(bench, &recording, &tagged)?;
            }
            if count == 1 {
                let mut frames = Command::new(bench.program);
                frames.args(["read", "-Y", "vlan.id == 7", "--frames"]).arg(&recording);
                let ended = run_program(&mut frames, "", LIMIT)?;
                let (shown, sent) =
                    (String::from_utf8_lossy(&ended.stdout).lines().count(), packets(bench, &tagged)?);
                ensure!(shown == sent, "{interface}: {shown} of {sent} packets have their tag");
            }
        }
    }
    Ok(())
}

fn large(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let _server = two_hosts::serve(bench, hosts)?;
    bench.place.write("apache/pages/large.bin", vec![7; 8 << 20])?;
    let recording = new_file(bench, "pcapng");
    let capture = on_wire(bench, hosts, &["-w".as_ref(), recording.as_ref()])?;
    get(bench, hosts, "/large.bin", None)?;
    let told = capture.stop()?;
    ended_well(&told)?;
    let [connection] = told.connections.as_slice() else {
        anyhow::bail!("{} connections were told", told.connections.len())
    };
    ensure!(connection.notices.is_empty(), "{:?}", connection.notices);
    let mut frames = Command::new(bench.program);
    frames.args(["read", "-T", "fields", "-e", "frame.len"]).arg(&recording);
    let ended = run_program(&mut frames, "", LIMIT)?;
    let lengths = String::from_utf8_lossy(&ended.stdout).into_owned();
    let longest = lengths.lines().filter_map(|line| line.parse::<u32>().ok()).max().unwrap_or_default();
    ensure!(longest > 30_000, "the longest packet has {longest} bytes: nothing was put together");
    println!("    the longest packet has {longest} bytes");
    Ok(())
}

fn loopback(bench: &Bench<'_>, hosts: &Hosts) -> Result<()> {
    let _server = two_hosts::serve(bench, hosts)?;
    for interface in ["lo", "any"] {
        let recording = new_file(bench, "pcapng");
        let options: [&Path; 4] = ["-i".as_ref(), interface.as_ref(), "-w".as_ref(), &recording];
        let capture = Capturing::start(bench, |program| hosts.on_server(program), &options)?;
        let mut curl = hosts.on_server("curl");
        curl.args(["-sk", "--max-time", "20", "https://127.0.0.1:8443/server.php"]);
        let ended = run_program(&mut curl, "", LIMIT)?;
        ensure!(ended.code == Some(0), "curl: {}", ended.text());
        ended_well(&capture.stop()?)?;
        let mut frames = Command::new(bench.program);
        frames.args(["read", "-Y", "tcp.flags.syn == 1", "--frames"]).arg(&recording);
        let ended = run_program(&mut frames, "", LIMIT)?;
        let count = String::from_utf8_lossy(&ended.stdout).lines().count();
        ensure!(count == 2, "{interface}: {count} packets with SYN instead of two");
    }
    Ok(())
}

/// A capture on the server's end of the wire.
fn on_wire(bench: &Bench<'_>, hosts: &Hosts, options: &[&Path]) -> Result<Capturing> {
    let options = [&["-i".as_ref(), WIRE.as_ref()][..], options].concat();
    Capturing::start(bench, |program| hosts.on_server(program), &options)
}

fn ended_well(told: &Told) -> Result<()> {
    ensure!(told.code == Some(0), "it ended with {:?}: {}", told.code, told.said);
    Ok(())
}

/// A folder into which everybody may write.
fn open_to_all(bench: &Bench<'_>, name: &str) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let folder = bench.place.own_folder(name)?;
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777))?;
    Ok(folder)
}

fn fixture(bench: &Bench<'_>, name: &str) -> PathBuf {
    let folder = bench.workspace.root.join("fixtures").join(name);
    let (pcap, pcapng) = (folder.join("capture.pcap"), folder.join("capture.pcapng"));
    if pcap.is_file() { pcap } else { pcapng }
}

/// One connection, refused, TLS 1.2.
fn refused(bench: &Bench<'_>) -> PathBuf {
    fixture(bench, "unknown-ca-tls12")
}

/// Sends the packets of a capture from the client's end.
fn replay(hosts: &Hosts, capture: &Path, options: &[&Path]) -> Result<()> {
    let mut command = hosts.on_client("tcpreplay");
    command.args(["--quiet", "--topspeed", "--intf1", WIRE]).args(options).arg(capture);
    let ended = run_program(&mut command, "", Duration::from_secs(120))?;
    ensure!(ended.code == Some(0), "tcpreplay: {}", ended.text());
    Ok(())
}

/// curl gets a page from the server's host.
fn get(bench: &Bench<'_>, hosts: &Hosts, page: &str, key_log: Option<&Path>) -> Result<()> {
    let mut command = hosts.on_client("curl");
    if let Some(key_log) = key_log {
        command.env("SSLKEYLOGFILE", key_log);
    }
    command.args(["-s", "-S", "--max-time", "20", "-o", "/dev/null", "--http1.1"]);
    command.arg("--connect-to").arg(format!("localhost:8443:{SERVER_V4}:8443"));
    command.arg("--cacert").arg(&bench.authority.root).arg(format!("https://localhost:8443{page}"));
    let ended = run_program(&mut command, "", LIMIT)?;
    ensure!(ended.code == Some(0), "curl: {}", ended.text());
    Ok(())
}

/// How many packets a capture holds.
fn packets(bench: &Bench<'_>, capture: &Path) -> Result<usize> {
    Ok(contents_of(bench, capture)?.len())
}

/// Both hold the same packets.
fn same_packets(bench: &Bench<'_>, one: &Path, other: &Path) -> Result<()> {
    let (one, other) = (contents_of(bench, one)?, contents_of(bench, other)?);
    ensure!(one.len() == other.len(), "{} packets instead of {}", one.len(), other.len());
    ensure!(one == other, "some packets are not as they were sent");
    Ok(())
}

/// What makes up each TCP packet of a capture. What else was on the wire, such as neighbour discovery, is left aside.
fn contents_of(bench: &Bench<'_>, capture: &Path) -> Result<Vec<String>> {
    let mut command = Command::new(bench.program);
    command.args(["read", "-Y", "tcp", "-T", "fields"]);
    for field in ["frame.len", "eth.src", "vlan.id", "ip.id", "tcp.seq_raw", "tcp.checksum", "tcp.payload"] {
        command.args(["-e", field]);
    }
    let ended = run_program(command.arg(capture), "", LIMIT)?;
    ensure!(ended.code == Some(0), "mtlscope read: {}", String::from_utf8_lossy(&ended.stderr));
    Ok(String::from_utf8_lossy(&ended.stdout).lines().map(str::to_owned).collect())
}

fn signal(id: u32, name: &str) -> Result<()> {
    let ended = run_program(Command::new("kill").args([format!("-{name}"), id.to_string()]), "", LIMIT)?;
    ensure!(ended.code == Some(0), "kill: {}", ended.text());
    Ok(())
}

const LIMIT: Duration = Duration::from_secs(60);
