//! The table of truth, `expected.tsv`: a row for each server, client, certificate and version, made by
//! `cargo xtask peers --record` from what the peers themselves say.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};

use super::account::Happened;

/// What is known of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) happened: Happened,
    /// The finding of severity error that should lead; `-`: none.
    pub(crate) finding: String,
    /// What the peer that refused said of it, word for word; `-`: nothing.
    pub(crate) said: String,
}

/// Which connection it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) server: String,
    pub(crate) client: String,
    pub(crate) certificate: String,
    /// `1.2`, `1.3`.
    pub(crate) version: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} {}", self.server, self.client, self.certificate, self.version)
    }
}

/// The committed table.
pub(crate) fn committed() -> Result<Vec<Row>> {
    read(include_str!("expected.tsv"))
}

/// Reads a table; lines that begin with `#` are for the reader.
pub(crate) fn read(text: &str) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [server, client, certificate, version, requested, answer, outcome, layer, finding, said] =
            columns[..]
        else {
            anyhow::bail!("expected.tsv: ten columns are needed, {} are in: {line}", columns.len());
        };
        let owned = str::to_owned;
        let key = Key {
            server: owned(server),
            client: owned(client),
            certificate: owned(certificate),
            version: owned(version),
        };
        ensure!(!rows.iter().any(|row| row.key == key), "expected.tsv: there are two rows {key}");
        let happened = Happened {
            requested: owned(requested),
            answer: owned(answer),
            outcome: owned(outcome),
            layer: owned(layer),
        };
        rows.push(Row { key, happened, finding: owned(finding), said: owned(said) });
    }
    Ok(rows)
}

/// The table as text, under a head that names the programs it was made with.
pub(crate) fn written(rows: &[Row], programs: &[String]) -> Result<String> {
    let mut text = String::from(
        "# What happens between real peers. Written by `cargo xtask peers --record`; docs/testing.md says from what.\n",
    );
    for program in programs {
        writeln!(text, "# {program}")?;
    }
    text.push_str(
        "# server\tclient\tcertificate\tversion\trequested\tanswer\toutcome\tlayer\tfinding\tsaid\n",
    );
    for Row { key, happened, finding, said } in rows {
        writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{finding}\t{}",
            key.server,
            key.client,
            key.certificate,
            key.version,
            happened.requested,
            happened.answer,
            happened.outcome,
            happened.layer,
            said.replace(['\t', '\n'], " "),
        )
        .context("while writing the table")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a\tcurl\tnone\t1.2\tyes\tempty\trefused\ttls\tno-client-cert-configured\tpeer did not\n";
        let rows = read(text).unwrap();
        assert_eq!(read(&written(&rows, &["curl 8".to_owned()]).unwrap()).unwrap(), rows);
        assert!(read(&format!("{text}{text}")).is_err());
        assert!(read("a\tb\n").is_err());
    }

    #[test]
    fn the_committed_table_can_be_read() {
        assert!(!committed().unwrap().is_empty());
    }
}
