//! Part `messages`: the lines in which `connect -v` names the messages of a handshake are those of `curl -v`, in the same
//! order: direction, kind and number.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::authority::{GOOD, NONE};
use super::client::{Call, LIMIT, Version};
use super::ours;
use super::process;
use super::rig::at_once;
use super::suite::Bench;
use crate::tally::Tally;

const SERVERS: [&str; 4] = ["apache-require", "apache-location", "nginx-on", "openssl-strict"];

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut work = Vec::new();
    for server in SERVERS {
        for version in Version::BOTH {
            for certificate in [NONE, GOOD] {
                work.push((server, version, certificate));
            }
        }
    }
    let mut tally = Tally::default();
    for good in at_once(&work, |(server, version, certificate)| {
        let key = format!("{server} {certificate} {}", version.number());
        match compare(bench, server, *version, certificate) {
            Ok(None) => true,
            Ok(Some(difference)) => bench.known.accepts("messages", &key, "list", &difference),
            Err(error) => bench.known.accepts("messages", &key, "run", &format!("{error:#}")),
        }
    }) {
        tally += Tally::one(good);
    }
    Ok(tally)
}

/// Both lists, if they are not the same.
fn compare(bench: &Bench<'_>, server: &str, version: Version, certificate: &str) -> Result<Option<String>> {
    let server = bench.rig.server(server).context("no such server")?;
    let call = Call {
        port: server.port,
        path: server.path,
        version,
        identity: bench.rig.authority.identity(certificate)?,
        root: &bench.rig.authority.root,
    };
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-v", "--http1.1", "--max-time", "10", "--cacert"]).arg(call.root);
    curl.arg(format!("--tlsv{}", version.number())).args(["--tls-max", version.number()]);
    if let Some(identity) = call.identity {
        curl.arg("--cert").arg(&identity.chain).arg("--key").arg(&identity.key);
    }
    curl.arg(call.url());
    let theirs = messages(&process::run(&mut curl, "", LIMIT)?.text());
    let ours = messages(&process::run(&mut ours::connect(bench.program, &call, &["-v"]), "", LIMIT)?.text());
    ensure!(theirs.len() > 4, "curl names {} messages", theirs.len());
    Ok((theirs != ours).then(|| format!("\n    curl: {}\n    we:   {}", theirs.join("; "), ours.join("; "))))
}

/// `* TLSv1.2 (IN), TLS handshake, Request CERT (13):` to `TLSv1.2 (IN), TLS handshake, Request CERT (13)`.
fn messages(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("* "))
        .filter(|line| line.starts_with("TLS") && (line.contains(" (IN), ") || line.contains(" (OUT), ")))
        // Whose farewell comes first is a race, and the other's may not be read at all.
        .filter(|line| !line.contains(", TLS alert, close notify ("))
        // What we add, times and sizes, stands behind the colon.
        .filter_map(|line| Some(line.split_once("):")?.0.to_owned() + ")"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_colon_does_not_count() {
        let text = "* ALPN: offers h2\n* TLSv1.2 (IN), TLS handshake, Request CERT (13): 58 bytes\n* TLSv1.2 (IN), TLS alert, close notify (256):\nTLSv1.2 (IN)\n";
        assert_eq!(messages(text), ["TLSv1.2 (IN), TLS handshake, Request CERT (13)"]);
    }
}
