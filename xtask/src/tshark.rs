//! The suite `tshark`: our reading of each fixture and tshark's must agree on every handshake message, its sender's frame
//! and every alert. tshark is what our users compare us with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::connection::{self, Connection, Endpoint};
use crate::tally::Tally;
use crate::workspace::{Workspace, sorted_entries};

/// Fixtures with a request after the handshake, behind which tshark 4.0 counts records wrongly: a close_notify that we open stays
/// application data for it. The one alert that is not compared.
const GOODBYES_LOST: &[&str] = &["http2-asked-late-tls13"];

/// One test a fixture.
pub(crate) fn compare_all(workspace: &Workspace) -> Result<Tally> {
    let program = workspace.program(None)?;
    let mut tally = Tally::default();
    for folder in sorted_entries(&workspace.root.join("fixtures"))? {
        let Some(capture) = ["capture.pcap", "capture.pcapng"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|p| p.is_file())
        else {
            continue;
        };
        let key_log = Some(folder.join("keys.log")).filter(|path| path.is_file());
        let mut theirs = tshark(&capture, key_log.as_deref())?;
        let run = connection::read(&program, &capture, key_log.as_deref(), None)?;
        let mut ours = ours(&run.connections);
        if folder.file_name().is_some_and(|name| GOODBYES_LOST.iter().any(|lost| name == *lost)) {
            theirs.values_mut().chain(ours.values_mut()).for_each(Sent::forget_goodbyes);
        }
        let agrees = run.fault.is_none() && theirs == ours;
        if !agrees {
            println!("{}: {}", workspace.shown(&folder), run.fault.unwrap_or_default());
            print_differences(&theirs, &ours);
        }
        tally += Tally::one(agrees);
    }
    Ok(tally)
}

/// What was read of one sender: the frame and number of each handshake message, then of alerts their numbers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sent {
    handshake: Vec<(u64, u8)>,
    alerts: Vec<u8>,
}

impl Sent {
    fn forget_goodbyes(&mut self) {
        const CLOSE_NOTIFY: u8 = 0;
        self.alerts.retain(|alert| *alert != CLOSE_NOTIFY);
    }
}

/// By the address and port it was sent from.
type Reading = BTreeMap<Endpoint, Sent>;

fn print_differences(theirs: &Reading, ours: &Reading) {
    let nothing = Sent::default();
    let ends: BTreeSet<&Endpoint> = theirs.keys().chain(ours.keys()).collect();
    for end in ends {
        let (theirs, ours) = (theirs.get(end).unwrap_or(&nothing), ours.get(end).unwrap_or(&nothing));
        if theirs != ours {
            println!("  {end}\n    tshark: {theirs:?}\n    we:     {ours:?}");
        }
    }
}

fn ours(connections: &[Connection]) -> Reading {
    let mut reading = Reading::new();
    for connection in connections {
        let (Some(client), Some(server)) = (&connection.client, &connection.server) else { continue };
        let end = |from: &str| if from == "client" { client.clone() } else { server.clone() };
        for message in &connection.messages {
            if let (Some(frame), Some(number)) = (message.frame, message.number) {
                reading.entry(end(&message.from)).or_default().handshake.push((frame, number));
            }
        }
        for alert in &connection.alerts {
            if let Some(number) = alert.number {
                reading.entry(end(&alert.from)).or_default().alerts.push(number);
            }
        }
    }
    for sent in reading.values_mut() {
        sent.handshake.sort_unstable();
    }
    reading
}

fn tshark(capture: &Path, key_log: Option<&Path>) -> Result<Reading> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(capture);
    if let Some(key_log) = key_log {
        let mut option = std::ffi::OsString::from("tls.keylog_file:");
        option.push(key_log);
        command.arg("-o").arg(option);
    }
    command.args(["-Y", "tls.handshake.type or tls.alert_message.desc", "-T", "fields"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().context("cannot run tshark")?;
    ensure!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr).trim());
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// What tshark opens in a capture of the secrets that are inside.
pub(crate) struct Opened {
    /// Every handshake message, by its frame and type.
    pub(crate) handshake: BTreeSet<(u64, u8)>,
    /// The frames with HTTP inside TLS.
    pub(crate) http: Vec<u64>,
    /// The frames of which the capture holds only the beginning.
    pub(crate) cut: BTreeSet<u64>,
}

/// Reads a capture with nothing but what is inside it.
pub(crate) fn opened(capture: &Path) -> Result<Opened> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(capture).args(["-Y", "tcp", "-T", "fields"]);
    for field in [
        "frame.number",
        "frame.cap_len",
        "frame.len",
        "tls.record.length",
        "tls.handshake.type",
        "http.request.method",
        "http.response.code",
        "http2.streamid",
    ] {
        command.args(["-e", field]);
    }
    let output = command.output().context("cannot run tshark")?;
    ensure!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr).trim());
    let mut opened = Opened { handshake: BTreeSet::new(), http: Vec::new(), cut: BTreeSet::new() };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut columns = line.split('\t');
        let frame: u64 = columns.next().unwrap_or_default().parse().context("a frame without number")?;
        if columns.next() != columns.next() {
            opened.cut.insert(frame);
        }
        let holds_tls = columns.next().is_some_and(|lengths| !lengths.is_empty());
        let types = columns.next().unwrap_or_default();
        opened.handshake.extend(types.split(',').filter_map(|number| Some((frame, number.parse().ok()?))));
        if holds_tls && columns.any(|column| !column.is_empty()) {
            opened.http.push(frame);
        }
    }
    Ok(opened)
}

const FIELDS: [&str; 6] =
    ["frame.number", "ip.src", "ipv6.src", "tcp.srcport", "tls.handshake.type", "tls.alert_message.desc"];

fn parse(lines: &str) -> Result<Reading> {
    let mut reading = Reading::new();
    for line in lines.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [frame, ipv4, ipv6, port, types, alerts] = columns[..] else {
            anyhow::bail!("tshark printed {} columns: {line}", columns.len());
        };
        let ip = if ipv4.is_empty() { ipv6 } else { ipv4 };
        let end =
            Endpoint::parse(&format!("{ip}:{port}")).with_context(|| format!("no address in: {line}"))?;
        let sent = reading.entry(end).or_default();
        let frame: u64 = frame.parse()?;
        sent.handshake.extend(types.split(',').filter_map(|number| Some((frame, number.parse().ok()?))));
        sent.alerts.extend(alerts.split(',').filter_map(|number| number.parse::<u8>().ok()));
    }
    for sent in reading.values_mut() {
        sent.handshake.sort_unstable();
    }
    Ok(reading)
}

/// Where tshark is looked for: `PATH`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::tests::line;

    #[test]
    fn both_readings_come_out_alike() {
        let theirs = parse("4\t10.0.0.1\t\t1234\t1\t\n6\t10.0.0.2\t\t443\t2\t\n7\t10.0.0.2\t\t443\t13\t\n8\t10.0.0.1\t\t1234\t11\t\n9\t10.0.0.2\t\t443\t\t48\n").unwrap();
        let alert = json!([{"frame": 9, "from": "server", "level": "fatal", "number": 48}]);
        assert_eq!(ours(&[line(&[("alerts", alert)])]), theirs);
        assert_ne!(ours(&[line(&[])]), theirs);
    }
}
