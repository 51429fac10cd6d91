//! `cargo xtask peers --record`: lets the peers meet each other, without us, and writes down what both say.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::account::{ClientAccount, Happened, ServerAccount};
use super::client::{self, Call, Session, Version};
use super::flaw;
use super::rig::{Rig, at_once};
use super::server::Server;
use super::table::{Key, Row};

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
    let work: Vec<Vec<Pair<'_>>> = rig.servers.iter().map(|server| {
        client::KINDS
            .iter()
            .filter(|client| client.name == "curl" || FOR_EVERY_CLIENT.contains(&server.name))
            .map(|client| Pair { server, client })
            .collect()
    }).collect();
    at_once(&work, |pairs| pairs.iter().flat_map(|pair| meet_pair(rig, pair, &wanted)).collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect()
}

/// The servers whose place `mtlscope serve` takes: every client calls them. The others are called by curl.
pub(crate) const FOR_EVERY_CLIENT: [&str; 3] = ["apache-require", "apache-optional", "nginx-on"];

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
            if wanted(&key) {
                keys.push((key, version));
            }
        }
    }
    if keys.is_empty() {
        return Vec::new();
    }
    let mut session = (pair.client.open)(&rig.place, &rig.authority);
    keys.into_iter()
        .map(|(key, version)| {
            let mut texts = (String::new(), String::new());
            let row = match &mut session {
                Ok(session) => call(rig, pair, session.as_mut(), &key, version, &mut texts),
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
