//! Runs Cargo, lets its output through, and counts the tests from its closing lines.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::tally::Tally;
use crate::workspace::{Workspace, cargo};

/// Whether a Cargo command succeeds.
pub(super) fn cargo_passes(workspace: &Workspace, arguments: &[&str]) -> Result<bool> {
    let status = Command::new(cargo()).current_dir(&workspace.root).args(arguments).status();
    Ok(status.context("cannot run cargo")?.success())
}

/// Runs the tests of some packages: with `cargo nextest` where it is installed, else with `cargo test`.
pub(super) fn count_tests(workspace: &Workspace, packages: &[&str]) -> Result<Tally> {
    let nextest = Command::new(cargo())
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let mut arguments = if nextest.is_ok_and(|status| status.success()) {
        vec!["nextest", "run", "--no-fail-fast", "--no-tests", "pass", "--status-level", "slow"]
    } else {
        vec!["test", "--no-fail-fast", "--all-targets"]
    };
    arguments.extend(packages);
    count(workspace, &arguments)
}

/// Runs Cargo and adds up what the closing lines say; a failure that counts no failed test (it does not build) is one.
pub(super) fn count(workspace: &Workspace, arguments: &[&str]) -> Result<Tally> {
    let mut child = Command::new(cargo())
        .current_dir(&workspace.root)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let (stdout, stderr) =
        (child.stdout.take().context("no stdout")?, child.stderr.take().context("no stderr")?);
    let mut tally = std::thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(stderr));
        let mut tally = pass_on(stdout);
        tally += errors.join().unwrap_or_default();
        tally
    });
    if !child.wait()?.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

fn pass_on(stream: impl Read) -> Tally {
    let mut tally = Tally::default();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally += closing_line(&line).unwrap_or_default();
    }
    tally
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; ...` of `cargo test`, and
/// `Summary [ 0.1s] 4 tests run: 3 passed (1 slow), 1 failed, 2 skipped` of `cargo nextest`.
fn closing_line(line: &str) -> Option<Tally> {
    let line = line.trim_start();
    let counts = match line.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None => line.strip_prefix("Summary [")?.split_once("run: ")?.1,
    };
    let mut tally = Tally::default();
    for part in counts.split([';', ',']) {
        let mut words = part.split_whitespace();
        let (Some(Ok(count)), Some(word)) = (words.next().map(str::parse::<usize>), words.next()) else {
            continue;
        };
        match word {
            "passed" => tally.passed += count,
            "failed" | "timed" | "exec" => tally.failed += count,
            "ignored" | "skipped" => tally.skipped += count,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_closing_lines_of_both_runners() {
        let cargo = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(closing_line(cargo), Some(Tally { passed: 3, failed: 1, skipped: 2 }));
        let nextest = "     Summary [   0.012s] 4 tests run: 3 passed (1 slow), 1 failed, 2 skipped";
        assert_eq!(closing_line(nextest), Some(Tally { passed: 3, failed: 1, skipped: 2 }));
        assert_eq!(closing_line("running 4 tests"), None);
    }
}
