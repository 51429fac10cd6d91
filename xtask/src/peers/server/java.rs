//! A server on JSSE, Java's own TLS: one program, one listener a mode.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::ServerAccount;
use crate::peers::authority::{Authority, PASSWORD};
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, &str)] = &[("java-want", "want"), ("java-need", "need")];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let program: PathBuf = place.write("Server.java", include_str!("Server.java"))?;
    let mut command = Command::new("java");
    command.args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]).arg(program);
    command.arg(&authority.server.p12).arg(PASSWORD).arg(&authority.root);
    let mut servers = Vec::new();
    for (name, mode) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        command.arg(port.to_string()).arg(mode).arg(&log);
        let certificates = Certificates::Flawed;
        servers.push(Server { name, port, path: "/", log, certificates, account: ServerAccount::of_a_line });
    }
    Ok(vec![Plan { command, log: place.join("java.out"), servers }])
}
