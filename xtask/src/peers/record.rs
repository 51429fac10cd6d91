//! `cargo xtask peers --record`: lets the peers meet each other, without us, and writes down what both say.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::account::{ClientAccount, Happened, ServerAccount};
use super::client::{self, Call, Session, Version};
use super::flaw;
use super::process;
use super::rig::{Rig, at_once};
use super::server::Server;
use super::table::{Key, Row};
use crate::tshark::on_path;

/// One server and one client, who meet with each certificate and version.
struct Pair<'a> {
    server: &'a Server,
    client: &'static client::Kind,
}

/// What one call came to.
pub(crate) struct Met {
    pub(crate) key: Key,
    pub(crate) row: Result<Row>,
    /// What the client wrote and what the server logged, for a reader.
    pub(crate) texts: (String, String),
}

/// Lets those meet that `wanted` wants.
pub(crate) fn meet(rig: &Rig, wanted: impl Fn(&Key) -> bool + Sync) -> Vec<Met> {
    // One server at a time by one client only: its log must tell the calls apart.
    let work: Vec<Vec<Pair<'_>>> = rig
        .servers
        .iter()
        .map(|server| {
            client::KINDS
                .iter()
                .filter(|client| calls(client.name, server.name))
                .map(|client| Pair { server, client })
                .collect()
        })
        .collect();
    at_once(&work, |pairs| pairs.iter().flat_map(|pair| meet_pair(rig, pair, &wanted)).collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect()
}

/// The servers whose place `mtlscope serve` takes: every client calls them. The others are called by curl.
pub(crate) const FOR_EVERY_CLIENT: [&str; 3] = ["apache-require", "apache-optional", "nginx-on"];

/// Whether a client calls a server. Two servers are enough for a browser, which takes seconds for a page.
pub(crate) fn calls(client: &str, server: &str) -> bool {
    match client {
        "curl" => true,
        "chromium" => ["apache-require", "nginx-on"].contains(&server),
        _ => FOR_EVERY_CLIENT.contains(&server),
    }
}

/// Server, client and certificate of what does not come out alike each time, and why.
const LEFT_OUT: [(&str, &str, &str, &str); 2] = [
    ("node-request", "curl", "leaf-signature-invalid", STALE_ERROR),
    ("nginx-on", "java", "leaf-signature-invalid", STALE_ERROR),
];
const STALE_ERROR: &str = "the signature that does not verify leaves an error in OpenSSL's queue, and the server takes it \
    for the connection's own if it has to read once more";

fn meet_pair(rig: &Rig, pair: &Pair<'_>, wanted: &(impl Fn(&Key) -> bool + Sync)) -> Vec<Met> {
    let mut keys = Vec::new();
    for certificate in pair.server.certificates.names() {
        for version in Version::BOTH {
            let key = Key {
                server: pair.server.name.to_owned(),
                client: pair.client.name.to_owned(),
                certificate: certificate.to_owned(),
                version: version.number().to_owned(),
            };
            let left_out = LEFT_OUT.iter().any(|(server, client, certificate, _)| {
                (*server, *client, *certificate)
                    == (pair.server.name, pair.client.name, key.certificate.as_str())
            });
            if wanted(&key) && !left_out {
                keys.push((key, version));
            }
        }
    }
    if keys.is_empty() {
        return Vec::new();
    }
    let mut session = match on_path(pair.client.program) {
        Some(_) => (pair.client.open)(&rig.place, &rig.authority),
        None => Err(anyhow!("{} is not installed", pair.client.program)),
    };
    keys.into_iter()
        .map(|(key, version)| {
            let mut texts = (String::new(), String::new());
            let row = match &mut session {
                // Once more if a log was cut short: a browser may leave a connection open until it ends.
                Ok(session) => call(rig, pair, session.as_mut(), &key, version, &mut texts)
                    .or_else(|_| call(rig, pair, session.as_mut(), &key, version, &mut texts)),
                Err(error) => Err(anyhow!("{error:#}")),
            };
            Met { key, row, texts }
        })
        .collect()
}

fn call(
    rig: &Rig,
    pair: &Pair<'_>,
    session: &mut dyn Session,
    key: &Key,
    version: Version,
    texts: &mut (String, String),
) -> Result<Row> {
    let server = pair.server;
    let from = quiet(server)?;
    let call = Call {
        port: server.port,
        path: server.path,
        version,
        identity: rig.authority.identity(&key.certificate)?,
        root: &rig.authority.root,
    };
    let client = session.call(&call)?;
    texts.0.clone_from(&client.text);
    let account = if client.not_tried.is_some() {
        ServerAccount::default()
    } else {
        let account = told(server, from, &mut texts.1)?;
        account.context("its log does not tell how the connection ended")?
    };
    let happened = Happened::from_both(&client, &account)?;
    let finding = flaw::finding(&key.certificate, &happened).to_owned();
    Ok(Row { key: key.clone(), finding, said: said(&happened, client, account), happened })
}

/// The complaint of the one that refused; where it has none, the other's.
fn said(happened: &Happened, client: ClientAccount, server: ServerAccount) -> String {
    let complaint = match happened.outcome.as_str() {
        "accepted" => None,
        "not-tried" => client.not_tried,
        _ => server.complaint.or(client.complaint),
    };
    complaint.unwrap_or_else(|| "-".to_owned())
}

/// The length of a log that no longer grows.
fn quiet(server: &Server) -> Result<usize> {
    let length = || std::fs::metadata(&server.log).map_or(0, |metadata| metadata.len());
    let (mut last, mut since) = (length(), Instant::now());
    while since.elapsed() < Duration::from_millis(60) {
        std::thread::sleep(Duration::from_millis(5));
        if length() != last {
            (last, since) = (length(), Instant::now());
        }
    }
    Ok(usize::try_from(last)?)
}

/// Reads what was logged since, until it tells the end of the connection.
fn told(server: &Server, from: usize, text: &mut String) -> Result<Option<ServerAccount>> {
    let begin = Instant::now();
    loop {
        let log = std::fs::read(&server.log)?;
        *text = String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned();
        let account = (server.account)(text);
        if account.is_some() || begin.elapsed() > Duration::from_secs(5) {
            // Its last lines may still be on their way.
            let end = quiet(server)?;
            let log = std::fs::read(&server.log)?;
            *text = String::from_utf8_lossy(log.get(from..end).unwrap_or_default()).into_owned();
            return Ok((server.account)(text));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What each program calls itself, each once: the first line of what it says to the question for its version.
pub(crate) fn versions(questions: &[&'static [&'static str]]) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for (program, arguments) in questions.iter().filter_map(|words| words.split_first()) {
        let ended = process::run(Command::new(program).args(arguments), "", Duration::from_secs(20));
        let text = ended.map_or_else(|error| format!("{program}: {error:#}"), |ended| ended.text());
        // Debian's script around Chromium complains before it runs it.
        let says = |line: &&str| !line.trim().is_empty() && !line.starts_with('/');
        let line = text.lines().find(says).unwrap_or_default().trim();
        let line = if line.starts_with('v') { format!("{program} {line}") } else { line.to_owned() };
        if !versions.contains(&line) {
            versions.push(line);
        }
    }
    versions
}
