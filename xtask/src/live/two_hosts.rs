//! Client and server on two hosts, as in the article: Apache with PHP on one, curl on the other, our capture on the wire. What both say
//! of each connection is the truth.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::capturing::{self, Capturing};
use super::hosts::{Hosts, SERVER_V4, SERVER_V6, WIRE, Wire};
use super::{Bench, wait_for};
use crate::connection::Connection;
use crate::peers::{GOOD, NONE, Process, apache_foundation, run_program};
use crate::tally::Tally;

/// `SSLVerifyClient optional`, as the article has it.
const OPTIONAL: u16 = 8443;
const REQUIRE: u16 = 8444;

/// Every way between the two.
const WAYS: &[Way] = &[
    Way { name: "IPv4", wire: Wire::Good, server: SERVER_V4, mtu: 1500 },
    Way { name: "IPv6", wire: Wire::Good, server: SERVER_V6, mtu: 1500 },
    Way { name: "IPv4, MTU 1280", wire: Wire::Good, server: SERVER_V4, mtu: 1280 },
    Way { name: "IPv4, loss and reordering", wire: Wire::Bad, server: SERVER_V4, mtu: 1500 },
    Way { name: "IPv6, MTU 1280, loss and reordering", wire: Wire::Bad, server: SERVER_V6, mtu: 1280 },
];

struct Way {
    name: &'static str,
    wire: Wire,
    server: &'static str,
    mtu: u32,
}

/// What is tried on each way, in each version.
const TRIES: &[Try] = &[
    Try {
        port: OPTIONAL,
        certificate: NONE,
        answer: "empty",
        page: Some("SSL client verification failed"),
        cause: None,
    },
    Try { port: OPTIONAL, certificate: GOOD, answer: "certificate", page: Some("Welcome "), cause: None },
    Try { port: REQUIRE, certificate: GOOD, answer: "certificate", page: Some("Welcome "), cause: None },
    Try {
        port: REQUIRE,
        certificate: NONE,
        answer: "empty",
        page: None,
        cause: Some("no-client-cert-configured"),
    },
    Try {
        port: REQUIRE,
        certificate: "unknown-ca",
        answer: "certificate",
        page: None,
        cause: Some("unknown-ca"),
    },
    Try {
        port: REQUIRE,
        certificate: "leaf-expired",
        answer: "certificate",
        page: None,
        cause: Some("leaf-expired"),
    },
];

struct Try {
    port: u16,
    certificate: &'static str,
    /// What the client answers when it is asked.
    answer: &'static str,
    /// How the page begins that it gets; none: it is refused.
    page: Option<&'static str>,
    /// The finding that names why.
    cause: Option<&'static str>,
}

const VERSIONS: &[(&str, &[&str])] =
    &[("TLS 1.2", &["--tls-max", "1.2"]), ("TLS 1.3", &["--tlsv1.3", "--tls-max", "1.3"])];

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut tally = Tally::default();
    for way in WAYS {
        let (count, wrong) =
            on(bench, way).with_context(|| format!("{}: it could not be tried", way.name))?;
        for line in &wrong {
            println!("  {}: {line}", way.name);
        }
        tally.passed += count - wrong.len().min(count);
        tally.failed += wrong.len();
    }
    Ok(tally)
}

/// Tries everything on one way. How much that was, and what was told wrongly.
fn on(bench: &Bench<'_>, way: &Way) -> Result<(usize, Vec<String>)> {
    let hosts = Hosts::connect(way.wire, bench.place)?;
    hosts.set_mtu(way.mtu)?;
    let _server = serve(bench, &hosts)?;
    let (key_log, recording) = (capturing::new_file(bench, "keys"), capturing::new_file(bench, "pcapng"));
    let options = ["-i".as_ref(), WIRE.as_ref(), "--keylog".as_ref(), key_log.as_os_str()];
    let options = [&options[..], &["-w".as_ref(), recording.as_os_str()]].concat();
    let mut capture = Capturing::start(bench, |program| hosts.on_server(program), &options)?;
    let mut tried = Vec::new();
    for (version, limits) in VERSIONS {
        for one in TRIES {
            let port = call(bench, &hosts, way, one, limits, &key_log)
                .with_context(|| format!("{version}, port {}, {}", one.port, one.certificate))?;
            tried.push((*version, one, port));
        }
    }
    capture.has_told(tried.len())?;
    let told = capture.stop()?;
    ensure!(told.code == Some(0), "mtlscope capture ended with {:?}: {}", told.code, told.said);
    let read = capturing::read(bench, &recording)?;
    let mut wrong = Vec::new();
    for (index, (version, one, port)) in tried.iter().enumerate() {
        // A port may be taken again: calls follow each other, and so do connections.
        let before = tried[..index].iter().filter(|(_, _, earlier)| earlier == port).count();
        for (where_from, connections) in [("live", &told.connections), ("from the recording", &read)] {
            let is_from = |found: &&Connection| found.client.as_ref().map(|end| end.port) == Some(*port);
            let found = connections.iter().filter(is_from).nth(before);
            if let Some(difference) = difference(one, version, found) {
                let Try { port, certificate, .. } = one;
                wrong.push(format!(
                    "{version}, port {port}, certificate {certificate}, {where_from}: {difference}"
                ));
            }
        }
    }
    if way.wire == Wire::Bad && !is_bad(bench, &recording)? {
        wrong.push("the wire lost nothing and kept the order: nothing was proven".to_owned());
    }
    let dropped: u64 = told.counted.iter().map(|counted| counted.dropped).sum();
    if told.connections.len() != tried.len() || dropped > 0 {
        wrong.push(format!(
            "{} connections told of {}, {dropped} packets lost",
            told.connections.len(),
            tried.len()
        ));
    }
    println!("  {} ({}): {} connections, {} told wrongly", way.name, hosts.wire, tried.len(), wrong.len());
    Ok((tried.len(), wrong))
}

/// Whether what came over the wire was sent again, and overtook each other.
fn is_bad(bench: &Bench<'_>, recording: &Path) -> Result<bool> {
    let mut command = Command::new(bench.program);
    command.args(["read", "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport"]);
    command.args(["-e", "tcp.seq_raw"]).arg(recording);
    let ended = run_program(&mut command, "", Duration::from_secs(60))?;
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    let mut highest: HashMap<&str, u32> = HashMap::new();
    let (mut again, mut overtaken) = (0, 0);
    for (direction, number) in text.lines().filter_map(|line| line.rsplit_once('\t')) {
        let number: u32 = number.parse()?;
        let highest = highest.entry(direction).or_insert(number.wrapping_sub(1));
        match number.wrapping_sub(*highest).cast_signed() {
            0 => again += 1,
            ..0 => overtaken += 1,
            _ => *highest = number,
        }
    }
    println!("    {overtaken} segments came late, {again} twice");
    Ok(again + overtaken > 0)
}

/// What we tell otherwise than both ends.
fn difference(one: &Try, version: &str, told: Option<&Connection>) -> Option<String> {
    let Some(told) = told else { return Some("it was not told".to_owned()) };
    let (result, by) = if one.page.is_some() { ("accepted", None) } else { ("refused", Some("server")) };
    let expected = [result, by.unwrap_or("nobody"), "yes", one.answer, version];
    let by = told.outcome.by.as_deref().filter(|_| told.outcome.result == "refused");
    let found = [
        told.outcome.result.as_str(),
        by.unwrap_or("nobody"),
        &told.client_auth.requested,
        &told.client_auth.answer,
        told.version.as_deref().unwrap_or("no version"),
    ];
    if expected != found {
        return Some(format!("told {}; is {}", found.join(", "), expected.join(", ")));
    }
    let named = |cause: &str| told.findings.iter().any(|finding| finding.id == cause);
    one.cause.filter(|cause| !named(cause)).map(|cause| format!("{cause} is not named"))
}

/// curl calls. What it saw must be what the server is there for; the port it called from.
fn call(
    bench: &Bench<'_>,
    hosts: &Hosts,
    way: &Way,
    one: &Try,
    limits: &[&str],
    key_log: &Path,
) -> Result<u16> {
    let page = capturing::new_file(bench, "page");
    let server = if way.server.contains(':') { format!("[{}]", way.server) } else { way.server.to_owned() };
    let mut command = hosts.on_client("curl");
    command.env("SSLKEYLOGFILE", key_log);
    command.args(["--silent", "--show-error", "--max-time", "60", "--http1.1"]).args(limits);
    command.arg("--connect-to").arg(format!("localhost:{}:{server}:{}", one.port, one.port));
    command.arg("--cacert").arg(&bench.authority.root).arg("--output").arg(&page);
    command.args(["--write-out", "%{http_code} %{local_port}"]);
    if let Some(identity) = bench.authority.identity(one.certificate)? {
        command.arg("--cert").arg(&identity.chain).arg("--key").arg(&identity.key);
    }
    command.arg(format!("https://localhost:{}/server.php", one.port));
    let ended = run_program(&mut command, "", Duration::from_secs(70))?;
    let said = ended.text();
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    let (status, port) = told.split_once(' ').with_context(|| format!("curl said {said}"))?;
    match one.page {
        Some(begins) => {
            let page = std::fs::read_to_string(&page).unwrap_or_default();
            ensure!(
                ended.code == Some(0) && status == "200" && page.starts_with(begins),
                "curl got {page}: {said}"
            );
        }
        None => ensure!(ended.code != Some(0) && status == "000", "curl was let in: {said}"),
    }
    port.trim().parse().with_context(|| format!("curl said {said}"))
}

/// Apache with PHP on the server's host.
pub(super) fn serve(bench: &Bench<'_>, hosts: &Hosts) -> Result<Process> {
    let mut conf = apache_foundation(bench.place)?;
    for (port, verify) in [(OPTIONAL, "optional"), (REQUIRE, "require")] {
        conf.push_str(&format!(
            "Listen {port}\n<VirtualHost *:{port}>\nSSLEngine on\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\n\
             SSLCACertificateFile {}\nSSLVerifyClient {verify}\nSSLVerifyDepth 3\nSSLOptions +StdEnvVars\n</VirtualHost>\n",
            bench.authority.server.chain.display(),
            bench.authority.server.key.display(),
            bench.authority.root.display(),
        ));
    }
    let conf = bench.place.write("apache/two-hosts.conf", conf)?;
    let mut command = hosts.on_server("apache2");
    command.arg("-f").arg(conf).arg("-DFOREGROUND");
    let server = Process::start("apache2", &mut command, &bench.place.join("two-hosts.log"))?;
    wait_for("Apache to listen", || {
        let ended = run_program(&mut listening(hosts), "", Duration::from_secs(10))?;
        Ok(ended.text().contains(&format!(":{REQUIRE}")))
    })?;
    Ok(server)
}

fn listening(hosts: &Hosts) -> Command {
    let mut command = hosts.on_server("ss");
    command.args(["-Htln"]);
    command
}
