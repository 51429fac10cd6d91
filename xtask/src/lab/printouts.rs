//! What the programs of each case printed, read as text: nothing that is said of it may contradict what is known.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::score::{self, Answer};
use super::truth::Case;
use crate::connection;
use crate::tally::Tally;

/// Reads `client.txt` and `server.txt` of every case: one test a file that tells of a connection.
pub(super) fn score(program: &Path, cases: &[Case]) -> Result<Tally> {
    println!("printouts:");
    let mut tally = Tally::default();
    let mut untold = 0;
    let mut columns: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in cases {
        // There the text is that of a whole connection, and the capture and its truth are cut.
        if case.name.starts_with("derived-") || case.name.contains("-cap_") {
            continue;
        }
        for file in ["client.txt", "server.txt"] {
            let path = case.capture.with_file_name(file);
            if !path.is_file() {
                continue;
            }
            let run = connection::read(program, &path, None, None)?;
            if run.connections.is_empty() {
                untold += 1;
                continue;
            }
            let mut good = true;
            for ours in &run.connections {
                let scored = case
                    .truth
                    .observed
                    .iter()
                    .map(|observed| score::without_keys(&case.truth, observed, Some(ours)));
                // A case of several conversations does not say which of them a text is about.
                let Some(answers) = scored.min_by_key(|answers| wrong(answers).count()) else { continue };
                for answer in &answers {
                    let (said, total) = columns.entry(answer.column).or_default();
                    *total += 1;
                    *said += usize::from(answer.right && answer.expected == answer.ours);
                }
                for Answer { column, expected, ours, .. } in wrong(&answers) {
                    good = false;
                    println!("  {} / {file} / {column}: known: {expected}; we say: {ours}", case.name);
                }
            }
            tally += Tally::one(good);
        }
    }
    for (column, (said, total)) in columns {
        println!("  {column:<14} {said:>4} said of {total:>4}");
    }
    println!("  {untold} texts tell of no connection");
    Ok(tally)
}

/// What contradicts the truth. A text need not hold every certificate of a chain, nor in what form it was sent.
fn wrong(answers: &[Answer]) -> impl Iterator<Item = &Answer> {
    answers
        .iter()
        .filter(|answer| !answer.right && !answer.ours.is_empty() && answer.expected != score::UNKNOWN)
}
