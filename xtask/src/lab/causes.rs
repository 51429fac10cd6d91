//! Whether our error findings name the cause that is known: of the recordings in `../shared/lab/causes.tsv`, and of those it leaves
//! out, whose causes stand in `causes.tsv` here, written from how each was configured.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::truth::Case;
use crate::connection;
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The recordings that the shared table leaves out.
const LEFT_OUT: &str = include_str!("causes.tsv");

/// Reads each case of both tables with its keys, and prints the share of each that is right and each miss: one test a case.
pub(super) fn score(
    workspace: &Workspace,
    program: &Path,
    only: Option<&str>,
    known: &KnownDifferences,
) -> Result<Tally> {
    let path = workspace.shared.join("lab/causes.tsv");
    let shared = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let rows = |table| rows(table).filter(|(name, _)| only.is_none_or(|only| only == *name));
    let mut tally = Tally::default();
    // The first line of the shared table names its columns.
    tally += score_table(
        workspace,
        program,
        "of the lab's table",
        rows(&shared).skip_while(|(name, _)| *name == "case"),
        known,
    )?;
    tally += score_table(workspace, program, "of those it leaves out", rows(LEFT_OUT), known)?;
    Ok(tally)
}

fn score_table<'t>(
    workspace: &Workspace,
    program: &Path,
    title: &str,
    rows: impl Iterator<Item = (&'t str, &'t str)>,
    known: &KnownDifferences,
) -> Result<Tally> {
    let (mut right, mut explained, mut undecided, mut total) = (0, 0, 0, 0);
    let mut misses: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (name, causes) in rows {
        if causes == UNDECIDED {
            undecided += 1;
            continue;
        }
        let case = Case::read(&workspace.shared.join("lab/cases").join(name))?;
        let run = connection::read(program, &case.capture, case.key_log.as_deref(), None)?;
        let findings = run.connections.iter().flat_map(|connection| &connection.findings);
        let mut errors: Vec<&str> = findings
            .filter(|finding| finding.severity == "error")
            .map(|finding| finding.id.as_str())
            .collect();
        errors.sort_unstable();
        errors.dedup();
        total += 1;
        if names_the_cause(&errors, causes) {
            right += 1;
        } else if known.reason(name, "0", "cause").is_some() {
            explained += 1;
        } else {
            let said = if errors.is_empty() { NONE.to_owned() } else { errors.join(" ") };
            misses.entry((causes, said)).or_default().push(name);
        }
    }
    println!(
        "causes {title}: {right} of {total} named, {explained} known differences; {undecided} undecided"
    );
    for ((causes, said), names) in &misses {
        println!("  {:>3} known: {causes}; we say: {said}: {}", names.len(), names.join(" "));
    }
    Ok(Tally { passed: right + explained, failed: total - right - explained, ..Tally::default() })
}

/// The names of cases with their causes.
fn rows(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        Some((columns.next()?, columns.next()?))
    })
}

/// At least one error is among the causes, and none is anything else; or there is none where there should be none.
fn names_the_cause(errors: &[&str], causes: &str) -> bool {
    match causes {
        NONE => errors.is_empty(),
        _ => !errors.is_empty() && errors.iter().all(|error| causes.split('|').any(|cause| cause == *error)),
    }
}

/// No error finding.
const NONE: &str = "-";
/// The configuration does not say what must be found.
const UNDECIDED: &str = "?";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_of_several_is_enough_and_another_is_too_much() {
        assert!(names_the_cause(&["unknown-ca"], "leaf-signature-invalid|unknown-ca"));
        assert!(!names_the_cause(&["unknown-ca", "leaf-expired"], "leaf-signature-invalid|unknown-ca"));
        assert!(!names_the_cause(&[], "unknown-ca"));
    }

    #[test]
    fn no_cause_means_no_error() {
        assert!(names_the_cause(&[], "-"));
        assert!(!names_the_cause(&["unknown-ca"], "-"));
    }

    #[test]
    fn every_line_of_our_table_has_causes_and_a_reason() {
        for line in LEFT_OUT.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!(columns.len() == 3 && columns.iter().all(|column| !column.is_empty()), "{line}");
        }
    }
}
