//! Part `connect`: in the place of curl, `mtlscope connect` calls every server with every certificate, and says what curl
//! and the server's log say.

use anyhow::{Context, Result};

use super::client::{Call, Version};
use super::ours;
use super::process;
use super::rig::at_once;
use super::suite::Bench;
use super::table::Row;
use crate::connection::Connection;
use crate::tally::Tally;

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let rows: Vec<&Row> = bench.rows.iter().filter(|row| row.key.client == "curl").collect();
    let mut tally = Tally::default();
    for good in at_once(&rows, |row| judge(bench, row)) {
        tally += Tally::one(good);
    }
    Ok(tally)
}

fn judge(bench: &Bench<'_>, row: &Row) -> bool {
    let key = row.key.to_string();
    let connection = match call(bench, row) {
        Ok(connection) => connection,
        Err(error) => return bench.known.accepts("connect", &key, "run", &format!("{error:#}")),
    };
    let differences = ours::differences(row, &connection);
    let accepted = |difference: &ours::Difference| {
        let text = format!("the peers say {}; we say {}", difference.known, difference.ours);
        bench.known.accepts("connect", &key, difference.column, &text)
    };
    // Each is looked at, so that each is printed.
    differences.iter().filter(|difference| !accepted(difference)).count() == 0
}

fn call(bench: &Bench<'_>, row: &Row) -> Result<Connection> {
    let server = bench.rig.server(&row.key.server).context("no such server")?;
    let call = Call {
        port: server.port,
        path: server.path,
        version: Version::of(&row.key.version)?,
        identity: bench.rig.authority.identity(&row.key.certificate)?,
        root: &bench.rig.authority.root,
    };
    let ended =
        process::run(&mut ours::connect(bench.program, &call, &["--output-json"]), "", super::client::LIMIT)?;
    ours::told(&ended)
}
