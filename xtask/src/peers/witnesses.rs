//! Part `witnesses`: one handshake between our client and our server is seen by four: client, server, and what each
//! recorded, read again. All four tell the same messages and findings. And tshark reads the recordings with the secrets
//! inside, down to HTTP.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::authority::{GOOD, NONE};
use super::client::{Call, LIMIT, Version};
use super::ours;
use super::process;
use super::rig::at_once;
use super::serve::Serving;
use super::suite::Bench;
use crate::connection::{self, Connection};
use crate::tally::Tally;

/// How our server is told to behave, and what the client shows: accepted, refused by an alert, refused by HTTP.
const SCENES: [(&str, &[&str], &str); 5] = [
    ("apache-require", &["--like", "apache", "--verify-client", "require"], GOOD),
    ("apache-require", &["--like", "apache", "--verify-client", "require"], NONE),
    ("apache-require", &["--like", "apache", "--verify-client", "require"], "leaf-expired"),
    ("nginx-on", &["--like", "nginx", "--verify-client", "require"], NONE),
    ("nginx-on", &["--like", "nginx", "--verify-client", "require"], "unknown-ca"),
];

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut work = Vec::new();
    for scene in SCENES {
        for version in Version::BOTH {
            work.push((scene, version));
        }
    }
    let mut tally = Tally::default();
    for counted in at_once(&work, |((name, options, certificate), version)| {
        let key = format!("{name} {certificate} {}", version.number());
        scene(bench, &key, options, certificate, *version).unwrap_or_else(|error| {
            println!("  witnesses / {key}: {error:#}");
            Tally::one(false)
        })
    }) {
        tally += counted;
    }
    Ok(tally)
}

fn scene(
    bench: &Bench<'_>,
    key: &str,
    options: &[&str],
    certificate: &str,
    version: Version,
) -> Result<Tally> {
    let folder = bench.rig.place.own_folder("witnesses")?;
    let recorded = |name: &str| folder.join(name).display().to_string();
    let (by_client, by_server) = (recorded("client.pcapng"), recorded("server.pcapng"));
    let options = [options, &["--verify-depth", "3", "-w", &by_server]].concat();
    let mut serving = Serving::with(bench.program, &bench.rig.place, &bench.rig.authority, &options)?;
    let call = Call {
        port: serving.port,
        path: "/",
        version,
        identity: bench.rig.authority.identity(certificate)?,
        root: &bench.rig.authority.root,
    };
    let mut command = ours::connect(bench.program, &call, &["--output-json", "--record", &by_client]);
    let client = ours::told(&process::run(&mut command, "", LIMIT)?).context("the client")?;
    let server = serving.told().context("the server")?;
    serving.stop()?;
    let mut witnesses = vec![("client", Account::of(&client)), ("server", Account::of(&server))];
    for (name, file) in [("client's recording", &by_client), ("server's recording", &by_server)] {
        let read = read_back(bench.program, Path::new(file), &client).context(name)?;
        witnesses.push((name, Account::of(&read)));
    }
    let mut tally = Tally::default();
    for (name, account) in &witnesses[1..] {
        let same = *account == witnesses[0].1;
        if !same {
            let text = format!("\n    client: {:?}\n    {name}: {account:?}", witnesses[0].1);
            tally += Tally::one(bench.known.accepts("witnesses", key, name, &text));
        } else {
            tally += Tally::one(true);
        }
    }
    // A client that was turned away in the handshake never got to HTTP.
    if client.outcome.layer.as_deref() == Some("http") {
        for (name, file) in [("client's recording", &by_client), ("server's recording", &by_server)] {
            let seen = http_by_tshark(Path::new(file))?;
            if !seen {
                println!("  witnesses / {key} / {name}: tshark sees no HTTP in it");
            }
            tally += Tally::one(seen);
        }
    }
    Ok(tally)
}

/// What a witness tells: what each side sent, in order, and what is to be said of it.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    client: Vec<u8>,
    server: Vec<u8>,
    alerts: Vec<(String, Option<u8>)>,
    outcome: (String, Option<String>),
    findings: Vec<String>,
}

impl Account {
    fn of(connection: &Connection) -> Self {
        let from = |side: &str| {
            let messages = connection.messages.iter().filter(|message| message.from == side);
            messages.filter_map(|message| message.number).collect()
        };
        // How a closed connection is taken leave of depends on who closes first, and on whose side one stands.
        let alerts = connection.alerts.iter().filter(|alert| alert.number != Some(0));
        Self {
            client: from("client"),
            server: from("server"),
            alerts: alerts.map(|alert| (alert.from.clone(), alert.number)).collect(),
            outcome: (connection.outcome.result.clone(), connection.outcome.layer.clone()),
            findings: connection.findings.iter().map(|finding| finding.id.clone()).collect(),
        }
    }
}

/// The connection in a recording that has the most messages: the server's holds the look whether it listens, too.
fn read_back(program: &Path, file: &Path, client: &Connection) -> Result<Connection> {
    let run = connection::read(program, file, None, None)?;
    ensure!(run.fault.is_none(), "{}", run.fault.unwrap_or_default());
    let port = |connection: &Connection| connection.client.as_ref().map(|end| end.port);
    let found = run.connections.into_iter().find(|read| port(read) == port(client));
    found.context("its recording does not hold the connection")
}

/// Whether tshark sees a response of HTTP in it, with nothing but the file.
fn http_by_tshark(file: &Path) -> Result<bool> {
    let mut command = Command::new("tshark");
    command.args([
        "-n",
        "-Y",
        "http.response",
        "-T",
        "fields",
        "-e",
        "http.response.code",
        "-d",
        "tcp.port==0-65535,tls",
    ]);
    command.arg("-r").arg(file);
    let ended = process::run(&mut command, "", Duration::from_secs(30))?;
    Ok(String::from_utf8_lossy(&ended.stdout).split_whitespace().any(|code| code.parse::<u16>().is_ok()))
}
