//! Part `probe`: `mtlscope probe` looks at every server in every mode, and is right about whether it asks, when, whether it
//! insists, and on which layer, as the table knows it from a client without a certificate.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::authority::NONE;
use super::client::Version;
use super::process;
use super::suite::Bench;
use super::table::Row;
use crate::tally::Tally;

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut command = Command::new(bench.program);
    command.args(["probe", "--json", "--cacert"]).arg(&bench.rig.authority.root);
    let mut targets = Vec::new();
    for server in &bench.rig.servers {
        // Those with a list of revoked certificates differ from the others only for who shows one.
        if bench.rows.iter().any(|row| is_of(row, server.name, None)) {
            targets.push(server.name);
            command.arg(format!("localhost:{}{}", server.port, server.path));
        }
    }
    let ended = process::run(&mut command, "", Duration::from_secs(120))?;
    let lines: Vec<&[u8]> =
        ended.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    anyhow::ensure!(lines.len() == targets.len(), "{} of {} servers told", lines.len(), targets.len());
    let mut tally = Tally::default();
    for (server, line) in targets.into_iter().zip(lines) {
        let probed: Probed = serde_json::from_slice(line).context("not of shape probe-v1")?;
        for version in Version::BOTH {
            tally += Tally::one(judge(bench, server, version, &probed));
        }
    }
    Ok(tally)
}

fn is_of(row: &Row, server: &str, version: Option<Version>) -> bool {
    let key = &row.key;
    key.server == server
        && key.client == "curl"
        && key.certificate == NONE
        && version.is_none_or(|version| version.number() == key.version)
}

fn judge(bench: &Bench<'_>, server: &str, version: Version, probed: &Probed) -> bool {
    let key = format!("{server} {}", version.number());
    let Some(row) = bench.rows.iter().find(|row| is_of(row, server, Some(version))) else {
        return bench.known.accepts("probe", &key, "row", "there is no row without a certificate");
    };
    let name = format!("TLS {}", version.number());
    // Over HTTP/2 and HTTP/1.1, where a server speaks both; as the client of the table, which can be asked late.
    let wanted = |attempt: &&Attempt| attempt.version == name && attempt.post_handshake_auth;
    let attempts: Vec<&Attempt> = probed.attempts.iter().filter(wanted).collect();
    let known = Known::of(row, version);
    let mut good =
        !attempts.is_empty() || bench.known.accepts("probe", &key, "attempts", "none in this version");
    for attempt in attempts {
        let told = Known {
            asked: attempt.asked.clone().unwrap_or_default(),
            requirement: attempt.requirement.clone().unwrap_or_default(),
            layer: attempt.layer.clone().unwrap_or_default(),
        };
        if told != known {
            let text = format!("known: {known:?}; we say: {told:?}");
            let what = attempt.protocol.as_deref().unwrap_or("tls");
            good &= bench.known.accepts("probe", &key, what, &text);
        }
    }
    good
}

/// What a probe is to find out, in its words.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    asked: String,
    requirement: String,
    layer: String,
}

impl Known {
    fn of(row: &Row, version: Version) -> Self {
        let asks = row.happened.requested == "yes";
        let asked = match (asks, row.key.server.as_str(), version) {
            (false, ..) => "no",
            // What `SSLVerifyClient` in a `Location` means: it knows the path only after the handshake.
            (true, "apache-location", Version::Tls12) => "renegotiation",
            (true, "apache-location", Version::Tls13) => "post_handshake",
            (true, ..) => "handshake",
        };
        let requirement = match (row.happened.outcome.as_str(), asks) {
            ("refused", _) => "required",
            (_, true) => "optional",
            (_, false) => "none",
        };
        Self {
            asked: asked.to_owned(),
            requirement: requirement.to_owned(),
            layer: row.happened.layer.clone(),
        }
    }
}

/// A line of shape probe-v1, as far as it is looked at. Our own reading, on purpose not the types that write it.
#[derive(Deserialize)]
struct Probed {
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    version: String,
    protocol: Option<String>,
    post_handshake_auth: bool,
    asked: Option<String>,
    requirement: Option<String>,
    layer: Option<String>,
}
