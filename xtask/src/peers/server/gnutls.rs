//! `gnutls-serv --http`, one process a mode.

use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::{Answer, ServerAccount, Verdict};
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, Certificates, &[&str])] = &[
    ("gnutls-disable", Certificates::Two, &["--disable-client-cert"]),
    ("gnutls-request", Certificates::Flawed, &[]),
    ("gnutls-require", Certificates::Flawed, &["--require-client-cert", "--verify-client-cert"]),
];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    for (name, certificates, options) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        let mut command = Command::new("gnutls-serv");
        command.args(["--http", "--port", &port.to_string(), "--x509certfile"]).arg(&authority.server.chain);
        command.arg("--x509keyfile").arg(&authority.server.key);
        command.arg("--x509cafile").arg(&authority.root).args(*options);
        let server = Server { name, port, path: "/", log: log.clone(), certificates: *certificates, account };
        plans.push(Plan { command, log, servers: vec![server] });
    }
    Ok(plans)
}

/// It prints what it was given and what it thinks of it.
fn account(log: &str) -> Option<ServerAccount> {
    let error = log.lines().find(|line| line.contains("Error in handshake") || line.contains("NOT trusted"));
    let given = log.contains("- Got a certificate list") || log.contains("- Certificate type: X.509");
    Some(ServerAccount {
        requested: None,
        answer: given.then_some(Answer::Certificate),
        verdict: log.contains("Error in handshake").then_some(Verdict::RefusedTls),
        complaint: error.map(|line| line.trim().to_owned()),
    })
}
