//! A server on Node's `https`: one program, one listener a mode. `request` leaves the verdict to the program, which
//! answers 401 where the certificate is missing or does not verify, as many programs do.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::ServerAccount;
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, &str)] = &[("node-request", "request"), ("node-require", "require")];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let program: PathBuf = place.write("server.js", include_str!("server.js"))?;
    let mut command = Command::new("node");
    command.arg(program).arg(&authority.server.chain).arg(&authority.server.key).arg(&authority.root);
    let mut servers = Vec::new();
    for (name, mode) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        command.arg(port.to_string()).arg(mode).arg(&log);
        let certificates = Certificates::Flawed;
        servers.push(Server { name, port, path: "/", log, certificates, account: ServerAccount::of_a_line });
    }
    Ok(vec![Plan { command, log: place.join("node.out"), servers }])
}
