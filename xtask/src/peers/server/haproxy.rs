//! HAProxy with one frontend a mode.

use std::fmt::Write;
use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::{ServerAccount, Verdict};
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, Certificates, &str)] = &[
    ("haproxy-none", Certificates::Two, "verify none"),
    ("haproxy-optional", Certificates::Flawed, "verify optional"),
    ("haproxy-required", Certificates::Flawed, "verify required"),
    ("haproxy-crl", Certificates::Revoked, "verify required crl-file CRL"),
];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    // One process a mode, so that each has a log of its own.
    for (name, certificates, verify) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        let verify = verify.replace("CRL", &authority.revoked.display().to_string());
        let mut conf = String::from(
            "global\n  log stdout format raw local0 info\n  maxconn 64\ndefaults\n  mode http\n  log global\n  \
             option httplog\n  timeout client 8s\n  timeout server 8s\n  timeout connect 8s\n",
        );
        writeln!(
            conf,
            "frontend {name}\n  bind 127.0.0.1:{port} ssl crt {} ca-file {} {verify}\n  \
             log-format \"end used=%[ssl_c_used] verify=%[ssl_c_verify] status=%ST\"\n  \
             error-log-format \"end failed=%[ssl_fc_err_str] verify=%[ssl_c_err]\"\n  http-request return status 200 \
             content-type text/plain lf-string \"used=%[ssl_c_used] verify=%[ssl_c_verify]\\n\"",
            authority.server.both.display(),
            authority.root.display(),
        )?;
        let conf = place.write(&format!("{name}.cfg"), conf)?;
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(conf);
        let server = Server { name, port, path: "/", log: log.clone(), certificates: *certificates, account };
        plans.push(Plan { command, log, servers: vec![server] });
    }
    Ok(plans)
}

/// Our own `log-format` and `error-log-format`: one line a connection.
fn account(log: &str) -> Option<ServerAccount> {
    let line = log.lines().find(|line| line.starts_with("end "))?;
    let failed = line.split_once("failed=").map(|(_, text)| text.to_owned());
    Some(ServerAccount {
        requested: None,
        answer: None,
        verdict: failed.is_some().then_some(Verdict::RefusedTls),
        complaint: failed,
    })
}
