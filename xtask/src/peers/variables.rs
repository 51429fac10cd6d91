//! Part `variables`: curl meets Apache and our server with the same certificates; the variables of mod_ssl that Apache's
//! page prints are those that our `/env` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::authority::{GOOD, Identity, NONE};
use super::client::{LIMIT, Version};
use super::process;
use super::rig::at_once;
use super::serve::Serving;
use super::suite::Bench;
use crate::tally::Tally;

/// Which Apache, the same of ours, and the certificate.
const SCENES: [(&str, &str, &str); 6] = [
    ("apache-none", "none", NONE),
    ("apache-optional", "optional", NONE),
    ("apache-optional", "optional", GOOD),
    ("apache-optional-no-ca", "optional_no_ca", GOOD),
    ("apache-optional-no-ca", "optional_no_ca", "unknown-ca"),
    ("apache-optional-no-ca", "optional_no_ca", "self-signed-client-cert"),
];

type Variables = BTreeMap<String, String>;

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut work = Vec::new();
    for scene in SCENES {
        for version in Version::BOTH {
            work.push((scene, version));
        }
    }
    let mut tally = Tally::default();
    for good in at_once(&work, |((apache, mode, certificate), version)| {
        let key = format!("{apache} {certificate} {}", version.number());
        match both(bench, apache, mode, certificate, *version) {
            Ok((theirs, ours)) => compare(bench, &key, &theirs, &ours),
            Err(error) => bench.known.accepts("variables", &key, "run", &format!("{error:#}")),
        }
    }) {
        tally += Tally::one(good);
    }
    Ok(tally)
}

/// Whether all variables are the same, but for what is known.
fn compare(bench: &Bench<'_>, key: &str, theirs: &Variables, ours: &Variables) -> bool {
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    let mut good = true;
    for name in names {
        let (theirs, ours) = (theirs.get(name), ours.get(name));
        if theirs != ours {
            let text = format!("Apache: {theirs:?}; we: {ours:?}");
            good &= bench.known.accepts("variables", key, name, &text);
        }
    }
    good
}

fn both(
    bench: &Bench<'_>,
    apache: &str,
    mode: &str,
    certificate: &str,
    version: Version,
) -> Result<(Variables, Variables)> {
    let identity = bench.rig.authority.identity(certificate)?;
    let apache = bench.rig.server(apache).context("no such server")?;
    let root = &bench.rig.authority.root;
    let theirs = fetch(apache.port, "/env.php", identity, version, root).context("Apache")?;
    let options = ["--like", "apache", "--verify-client", mode, "--verify-depth", "3"];
    let serving = Serving::with(bench.program, &bench.rig.place, &bench.rig.authority, &options)?;
    let ours = fetch(serving.port, "/env?json", identity, version, root).context("mtlscope serve")?;
    // As much as mod_ssl gives without a client's certificate.
    ensure!(theirs.len() > 20, "Apache gives {} variables", theirs.len());
    Ok((theirs, ours))
}

fn fetch(
    port: u16,
    path: &str,
    identity: Option<&Identity>,
    version: Version,
    root: &Path,
) -> Result<Variables> {
    let mut command = Command::new("curl");
    command.args(["-sS", "--http1.1", "--max-time", "10", "--cacert"]).arg(root);
    command.arg(format!("--tlsv{}", version.number())).args(["--tls-max", version.number()]);
    if let Some(identity) = identity {
        command.arg("--cert").arg(&identity.chain).arg("--key").arg(&identity.key);
    }
    command.arg(format!("https://localhost:{port}{path}"));
    let ended = process::run(&mut command, "", LIMIT)?;
    serde_json::from_slice(&ended.stdout).with_context(|| format!("no variables: {}", ended.text().trim()))
}
