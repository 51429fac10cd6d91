//! Our own two ends: how the program is called in the place of a peer, and its account held against the table.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::client::Call;
use super::process::Ended;
use super::table::Row;
use crate::connection::Connection;

/// `mtlscope connect` for a call, with more options.
pub(crate) fn connect(program: &Path, call: &Call<'_>, more: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["connect", "--http1.1", "--max-time", "10", "--cacert"]).arg(call.root);
    command.arg(format!("--tlsv{}", call.version.number())).args(["--tls-max", call.version.number()]);
    if let Some(identity) = call.identity {
        command.arg("--cert").arg(&identity.chain).arg("--key").arg(&identity.key);
    }
    command.args(more).arg(call.url());
    command
}

/// The connection that a run of `mtlscope connect --output-json` told of.
pub(crate) fn told(ended: &Ended) -> Result<Connection> {
    let said = || ended.text().trim().to_owned();
    let told: Told = serde_json::from_slice(&ended.stdout).with_context(said)?;
    told.connection.with_context(said)
}

/// Shape connect-v1, as far as it is looked at.
#[derive(Deserialize)]
struct Told {
    connection: Option<Connection>,
}

/// A column in which we differ from the table.
pub(crate) struct Difference {
    pub(crate) column: &'static str,
    pub(crate) known: String,
    pub(crate) ours: String,
}

/// Every column in which an account of ours differs from what is known.
pub(crate) fn differences(row: &Row, connection: &Connection) -> Vec<Difference> {
    let outcome = &connection.outcome;
    let columns = [
        ("requested", &row.happened.requested, connection.client_auth.requested.clone()),
        ("answer", &row.happened.answer, connection.client_auth.answer.clone()),
        ("outcome", &row.happened.outcome, outcome.result.clone()),
        ("layer", &row.happened.layer, outcome.layer.clone().unwrap_or_else(|| "-".to_owned())),
        ("finding", &row.finding, leading(connection).to_owned()),
    ];
    columns
        .into_iter()
        .filter(|(_, known, ours)| *known != ours)
        .map(|(column, known, ours)| Difference { column, known: known.clone(), ours })
        .collect()
}

/// The id of the first error among the findings; `-` for none.
fn leading(connection: &Connection) -> &str {
    let error = connection.findings.iter().find(|finding| finding.severity == "error");
    error.map_or("-", |finding| &finding.id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::tests::line;
    use crate::peers::table;

    fn row(line: &str) -> Row {
        table::read(line).unwrap().remove(0)
    }

    #[test]
    fn each_column_that_differs_is_named() {
        let row = row("a\tcurl\tgood\t1.2\tyes\tcertificate\trefused\ttls\tunknown-ca\t-\n");
        let outcome =
            json!({"result": "refused", "by": "server", "how": "alert", "layer": "tls", "frame": null});
        let finding = json!([
            {"id": "server-never-asks", "severity": "note"}, {"id": "unknown-ca", "severity": "error"}
        ]);
        assert!(differences(&row, &line(&[("outcome", outcome.clone()), ("findings", finding)])).is_empty());
        let found = differences(&row, &line(&[("outcome", outcome)]));
        assert_eq!(found.iter().map(|found| found.column).collect::<Vec<_>>(), ["finding"]);
        assert_eq!(found[0].ours, "-");
    }
}
