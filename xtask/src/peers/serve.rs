//! Part `serve`: in the place of Apache and nginx, `mtlscope serve` is called by every client with every certificate, and
//! says what their logs say.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{ChildStdout, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::authority::Authority;
use super::client::{self, Call, Version};
use super::ours;
use super::place::{Place, free_port};
use super::process::Process;
use super::record::{FOR_EVERY_CLIENT, calls};
use super::rig::at_once;
use super::suite::Bench;
use super::table::Row;
use crate::connection::{self, Connection};
use crate::tally::Tally;

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut pairs = Vec::new();
    // Those that take longest first.
    for client in client::KINDS.iter().rev() {
        let servers = FOR_EVERY_CLIENT.iter().filter(|server| calls(client.name, server));
        pairs.extend(servers.map(|server| (*server, client)));
    }
    let mut tally = Tally::default();
    for counted in at_once(&pairs, |(server, client)| pair(bench, server, client)) {
        tally += counted;
    }
    Ok(tally)
}

fn pair(bench: &Bench<'_>, server: &str, client: &client::Kind) -> Tally {
    let rows: Vec<&Row> =
        bench.rows.iter().filter(|row| row.key.server == server && row.key.client == client.name).collect();
    let mut tally = Tally::default();
    let opened = Serving::start(bench, server)
        .and_then(|serving| Ok((serving, (client.open)(&bench.rig.place, &bench.rig.authority)?)));
    let (mut serving, mut session) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            println!("  serve / {server} / {}: {error:#}", client.name);
            tally.failed += rows.len();
            return tally;
        }
    };
    if client.connects_often {
        serving.more_within = Duration::from_millis(250);
    }
    for row in rows {
        tally += Tally::one(judge(bench, row, &mut serving, session.as_mut()));
    }
    tally
}

fn judge(bench: &Bench<'_>, row: &Row, serving: &mut Serving, session: &mut dyn client::Session) -> bool {
    let key = row.key.to_string();
    if row.happened.outcome == "not-tried" {
        return true;
    }
    let told = call(bench, row, serving, session);
    let (connection, text) = match told {
        Ok(told) => told,
        Err(error) => return bench.known.accepts("serve", &key, "run", &format!("{error:#}")),
    };
    let accepted = |difference: &ours::Difference| {
        let text = format!(
            "the peers say {}; we say {}; the client says {}",
            difference.known,
            difference.ours,
            text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default()
        );
        bench.known.accepts("serve", &key, difference.column, &text)
    };
    ours::differences(row, &connection).iter().filter(|difference| !accepted(difference)).count() == 0
}

fn call(
    bench: &Bench<'_>,
    row: &Row,
    serving: &mut Serving,
    session: &mut dyn client::Session,
) -> Result<(Connection, String)> {
    let call = Call {
        port: serving.port,
        path: "/",
        version: Version::of(&row.key.version)?,
        identity: bench.rig.authority.identity(&row.key.certificate)?,
        root: &bench.rig.authority.root,
    };
    // Whatever came late belongs to the call before.
    while serving.lines.try_recv().is_ok() {}
    let account = session.call(&call)?;
    Ok((serving.told()?, account.text))
}

/// A server of ours that runs, and what it tells.
pub(super) struct Serving {
    pub(super) port: u16,
    /// How long to wait whether it tells of one more connection.
    more_within: Duration,
    lines: Receiver<String>,
    process: Process,
}

impl Serving {
    fn start(bench: &Bench<'_>, server: &str) -> Result<Self> {
        let like: &[&str] = match server {
            "apache-optional" => &["--like", "apache", "--verify-client", "optional"],
            "nginx-on" => &["--like", "nginx", "--verify-client", "require"],
            _ => &["--like", "apache", "--verify-client", "require"],
        };
        // A browser that came for the page comes again for its icon; without tickets, it shakes hands as before.
        let more =
            [like, &["--verify-depth", "3", "--session-tickets", "off", "--alpn", "http/1.1"]].concat();
        Self::with(bench.program, &bench.rig.place, &bench.rig.authority, &more)
    }

    /// Starts `mtlscope serve` with these options beside the usual ones.
    pub(super) fn with(program: &Path, place: &Place, authority: &Authority, more: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["serve", "--json", "--listen", &format!("127.0.0.1:{port}"), "--cert"]);
        command.arg(&authority.server.chain).arg("--key").arg(&authority.server.key);
        command.arg("--ca-certificate").arg(&authority.root).args(more);
        let serving = Self::of("serve", command, place, port)?;
        // The look whether it listens was a connection, too.
        serving.settle(Duration::from_millis(300));
        Ok(serving)
    }

    /// Starts a command of ours that tells connections, and waits until it listens on this port.
    pub(super) fn of(name: &str, mut command: Command, place: &Place, port: u16) -> Result<Self> {
        let log = place.join(&format!("{name}-{port}.log"));
        let mut process = Process::converse(&format!("mtlscope {name}"), &mut command, &log)?;
        let (_, stdout) = process.pipes()?;
        let lines = read_lines(stdout);
        process.ready(&[port])?;
        Ok(Self { port, more_within: Duration::from_millis(10), lines, process })
    }

    /// The connection that came to something, of those told of since the last call; the last, if none did.
    pub(super) fn told(&mut self) -> Result<Connection> {
        let first = self.lines.recv_timeout(Duration::from_secs(8)).context("it tells of no connection")?;
        let mut lines = vec![first];
        lines.extend(self.settle(self.more_within));
        let connections =
            lines.iter().flat_map(|line| connection::parse(line.as_bytes()).into_iter().flatten());
        let connections: Vec<Connection> = connections.collect();
        let decided =
            |connection: &&Connection| ["accepted", "refused"].contains(&connection.outcome.result.as_str());
        let chosen = connections.iter().find(decided).or(connections.last());
        chosen.cloned().with_context(|| format!("not of the promised shape: {}", lines.join(" ")))
    }

    /// Stops it, which must end well.
    pub(super) fn stop(mut self) -> Result<()> {
        let status = self.process.stop(Duration::from_secs(5))?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    /// Whatever it still tells, until it tells nothing for a while.
    fn settle(&self, quiet: Duration) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(quiet) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return lines,
            }
        }
    }
}

fn read_lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
