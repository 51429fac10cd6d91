//! `cargo xtask captures`: every real capture of `../shared/captures` is read, and each TLS connection compared with
//! tshark's reading of it. What looks like TLS and is not (`negatives`) must yield none.

mod compare;
mod oracle;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::connection;
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::workspace::{Workspace, sorted_entries};
use compare::{Comparison, Difference};

/// What can be said to `cargo xtask captures`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write every difference as JSON, too.
    #[arg(long, value_name = "FILE")]
    json_out: Option<PathBuf>,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let tally = compare_all(workspace, arguments.bin.as_deref(), arguments.json_out.as_deref())?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// The suite: one test a file, one for the table of known differences.
pub(crate) fn compare_all(
    workspace: &Workspace,
    program: Option<&Path>,
    json_out: Option<&Path>,
) -> Result<Tally> {
    let program = workspace.program(program)?;
    let shared = workspace.shared.join("captures");
    let known = KnownDifferences::read(include_str!("captures/known_differences.tsv"))?;
    let mut tally = Tally::default();
    let mut total = Total::default();
    let mut records = Vec::new();
    for path in captures(&shared.join("files"))? {
        let result = compare_file(&program, &shared, &path)?;
        total.add(&result);
        let bad = judge(&result, &known);
        print_differences(&result.name, &bad);
        tally += Tally::one(bad.is_empty());
        records.push(record(&result));
    }
    for path in captures(&shared.join("negatives"))? {
        let run = connection::read(&program, &path, None, None)?;
        let name = name(&path);
        total.peak(&name, run.measured.peak_mib);
        let mut faults: Vec<String> = run.fault.into_iter().collect();
        for connection in &run.connections {
            let ends = connection.ends();
            if known.reason(&format!("negatives/{name}"), &ends, "extra").is_none() {
                faults.push(format!("{ends}: a connection, there is none"));
            }
        }
        for fault in &faults {
            println!("negatives/{name}: {fault}");
        }
        tally += Tally::one(faults.is_empty());
    }
    let gone = known.no_longer_seen();
    for line in &gone {
        println!("known difference no longer seen: {line}");
    }
    tally += Tally::one(gone.is_empty());
    total.print(&known);
    if let Some(path) = json_out {
        std::fs::write(path, serde_json::to_vec_pretty(&records)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(tally)
}

/// Both readings of one file.
struct FileResult {
    name: String,
    /// How many connections tshark sees, and how many we see.
    theirs: usize,
    ours: usize,
    comparison: Comparison,
    fault: Option<String>,
    peak_mib: f64,
}

fn compare_file(program: &Path, shared: &Path, path: &Path) -> Result<FileResult> {
    let name = name(path);
    let key_log = path.with_file_name(format!("{name}.keylog"));
    let rsa_key = path.with_file_name(format!("{name}.rsa.pem"));
    let given = |path: &'_ PathBuf| path.is_file().then(|| path.clone());
    let run = connection::read(program, path, given(&key_log).as_deref(), given(&rsa_key).as_deref())?;
    let theirs = oracle::read(&shared.join("oracle").join(format!("{name}.jsonl")))?;
    let reordered = oracle::read(&shared.join("oracle").join(format!("{name}.ooo.jsonl")))?;
    Ok(FileResult {
        theirs: theirs.len(),
        ours: run.connections.len(),
        comparison: compare::compare(&theirs, &reordered, &run.connections),
        fault: run.fault,
        peak_mib: run.measured.peak_mib,
        name,
    })
}

/// What is wrong with a file: its fault, which nothing excuses, and the differences without a known reason.
fn judge(result: &FileResult, known: &KnownDifferences) -> Vec<Difference> {
    let fault = result.fault.iter().map(|fault| Difference {
        connection: "-".to_owned(),
        what: "run",
        theirs: "exit 0 or 1, or 2 with one line".to_owned(),
        ours: fault.clone(),
    });
    let unexplained =
        result.comparison.differences.iter().filter(|difference| {
            known.reason(&result.name, &difference.connection, difference.what).is_none()
        });
    fault.chain(unexplained.cloned()).collect()
}

fn print_differences(name: &str, differences: &[Difference]) {
    if differences.is_empty() {
        return;
    }
    println!("{name}");
    for Difference { connection, what, theirs, ours } in differences {
        println!("  {connection:<16} {what:<28} tshark: {theirs:<20} we: {ours}");
    }
}

fn record(result: &FileResult) -> serde_json::Value {
    let differences: Vec<_> = result.comparison.differences.iter().map(|difference| {
        json!({"connection": difference.connection, "what": difference.what, "tshark": difference.theirs, "ours": difference.ours})
    }).collect();
    json!({
        "file": result.name, "tshark": result.theirs, "ours": result.ours, "both": result.comparison.both,
        "fault": result.fault, "peak_mib": result.peak_mib, "differences": differences,
    })
}

/// Sums over all files.
#[derive(Default)]
struct Total {
    files: usize,
    theirs: usize,
    ours: usize,
    both: usize,
    differences: usize,
    largest: (String, f64),
}

impl Total {
    fn add(&mut self, result: &FileResult) {
        self.files += 1;
        self.theirs += result.theirs;
        self.ours += result.ours;
        self.both += result.comparison.both;
        self.differences += result.comparison.differences.len();
        self.peak(&result.name, result.peak_mib);
    }

    fn peak(&mut self, name: &str, peak_mib: f64) {
        if peak_mib > self.largest.1 {
            self.largest = (name.to_owned(), peak_mib);
        }
    }

    fn print(&self, known: &KnownDifferences) {
        let Self { files, theirs, ours, both, differences, largest } = self;
        println!(
            "{files} files: {theirs} TLS connections by tshark, {ours} by us, {both} by both; {differences} differences"
        );
        for (count, reason) in known.reasons() {
            println!("  {count:>5} explained: {reason}");
        }
        println!("most memory: {:.0} MiB on {}", largest.1, largest.0);
    }
}

/// The captures of a directory, without the key files that lie beside them.
fn captures(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = sorted_entries(directory)?;
    paths.retain(|path| {
        !path
            .extension()
            .is_some_and(|extension| ["keylog", "pem", "decodeas"].iter().any(|key| extension == *key))
    });
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
