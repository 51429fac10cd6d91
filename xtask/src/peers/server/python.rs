//! A server on Python's `ssl`: one program, one listener a mode.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::ServerAccount;
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, Certificates, &str)] = &[
    ("python-none", Certificates::Two, "none"),
    ("python-optional", Certificates::Flawed, "optional"),
    ("python-required", Certificates::Flawed, "required"),
];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let program: PathBuf = place.write("server.py", include_str!("server.py"))?;
    let mut command = Command::new("python3");
    command.arg(program).arg(&authority.server.chain).arg(&authority.server.key).arg(&authority.root);
    let mut servers = Vec::new();
    for (name, certificates, mode) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        command.arg(port.to_string()).arg(mode).arg(&log);
        let certificates = *certificates;
        servers.push(Server { name, port, path: "/", log, certificates, account: ServerAccount::of_a_line });
    }
    Ok(vec![Plan { command, log: place.join("python.out"), servers }])
}
