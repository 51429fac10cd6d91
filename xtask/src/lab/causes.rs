//! Whether our findings name the cause the lab knows: `../shared/lab/causes.tsv`, for information only.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::truth::Case;
use crate::connection;
use crate::workspace::Workspace;

/// Reads each case the table names with its keys, and prints the share that is right and each miss.
pub(super) fn print(workspace: &Workspace, program: &Path, only: Option<&str>) -> Result<()> {
    let path = workspace.shared.join("lab/causes.tsv");
    let table = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut right, mut total) = (0, 0);
    let mut misses: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for (name, causes) in table.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        if only.is_some_and(|only| only != name) {
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
        } else {
            let said = if errors.is_empty() { NONE.to_owned() } else { errors.join(" ") };
            misses.entry((causes.to_owned(), said)).or_default().push(name);
        }
    }
    println!("causes: {right} of {total} named");
    for ((causes, said), names) in &misses {
        println!("  {:>3} known: {causes}; we say: {said}: {}", names.len(), names.join(" "));
    }
    Ok(())
}

/// At least one error is among the causes, and none is anything else; or there is none where there should be none.
fn names_the_cause(errors: &[&str], causes: &str) -> bool {
    match causes {
        NONE => errors.is_empty(),
        _ => !errors.is_empty() && errors.iter().all(|error| causes.split('|').any(|cause| cause == *error)),
    }
}

const NONE: &str = "-";

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
}
