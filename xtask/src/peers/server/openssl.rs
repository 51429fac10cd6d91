//! `openssl s_server -www`, one process a mode.

use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::{ServerAccount, Verdict};
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, Certificates, &[&str])] = &[
    ("openssl-none", Certificates::Two, &[]),
    ("openssl-verify", Certificates::Flawed, &["-verify", "3"]),
    ("openssl-strict", Certificates::Flawed, &["-Verify", "3", "-verify_return_error"]),
    ("openssl-crl", Certificates::Revoked, &["-Verify", "3", "-verify_return_error", "-crl_check"]),
];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let both = [std::fs::read(&authority.root)?, std::fs::read(&authority.revoked)?].concat();
    let trusted_and_revoked = place.write("openssl-trusted.pem", both)?;
    let mut plans = Vec::new();
    for (name, certificates, options) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        let mut command = Command::new("openssl");
        command.args(["s_server", "-www", "-state", "-accept", &format!("127.0.0.1:{port}"), "-cert"]);
        command.arg(&authority.server.chain).arg("-cert_chain").arg(&authority.server.chain);
        command.arg("-key").arg(&authority.server.key).arg("-CAfile").arg(match certificates {
            // `-CRL` takes one list; here all are read.
            Certificates::Revoked => &trusted_and_revoked,
            Certificates::Two | Certificates::Flawed => &authority.root,
        });
        command.args(*options);
        let server = Server { name, port, path: "/", log: log.clone(), certificates: *certificates, account };
        plans.push(Plan { command, log, servers: vec![server] });
    }
    Ok(plans)
}

/// `-state` writes each state of the handshake, and what it refuses is written as an error.
fn account(log: &str) -> Option<ServerAccount> {
    let error = log.lines().find(|line| line.contains(":error:") && line.contains("SSL routines"));
    if error.is_none() && !log.contains("SSL3 alert write:warning:close notify") {
        return None;
    }
    let complaint = log.lines().find(|line| line.starts_with("verify error:")).or(error);
    Some(ServerAccount {
        requested: Some(log.contains("write certificate request")),
        answer: None,
        verdict: error.is_some().then_some(Verdict::RefusedTls),
        complaint: error.and(complaint).map(|line| {
            let line = line.split(":../").next().unwrap_or(line);
            line.rsplit_once("SSL routines:").map_or(line, |(_, text)| text).to_owned()
        }),
    })
}
