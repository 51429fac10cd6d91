//! Our side: the example `answers` of the program, which asks the libraries as `mtlscope read` does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::workspace::{Workspace, cargo};

/// What we say of one capture.
#[derive(Deserialize)]
pub(super) struct Answer {
    /// For each filter the frames that match.
    pub(super) frames: Vec<Vec<u64>>,
    /// For each frame that the first filter means the values of each field.
    pub(super) values: BTreeMap<u64, Vec<Vec<String>>>,
}

/// One process that answers.
pub(super) struct Answers {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Builds the example, unless one is given.
pub(super) fn program(workspace: &Workspace, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        return path.canonicalize().with_context(|| format!("cannot find {}", path.display()));
    }
    eprintln!("building the example answers --release");
    let status = Command::new(cargo())
        .current_dir(&workspace.root)
        .args(["build", "--quiet", "--release", "--package", "mtlscope", "--example", "answers"])
        .status()
        .context("while building the example answers")?;
    ensure!(status.success(), "the example answers does not build");
    Ok(workspace.target.join("release/examples").join(format!("answers{}", std::env::consts::EXE_SUFFIX)))
}

impl Answers {
    pub(super) fn start(program: &Path, filters: &Path, fields: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args([filters, fields])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("{} has no pipes", program.display());
        };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    pub(super) fn of(&mut self, capture: &Path, key_log: Option<&Path>) -> Result<Answer> {
        let key_log = key_log.map(|path| path.display().to_string()).unwrap_or_default();
        writeln!(self.input, "{}\t{key_log}", capture.display()).context("the example answers has ended")?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "the example answers ended at {}", capture.display());
        serde_json::from_str(&line).context("the example answers printed no answer")
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
