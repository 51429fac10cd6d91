//! `mtlscope capture` while it runs on one of the hosts, and what it told.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Bench, wait_for};
use crate::connection::{self, Connection};
use crate::peers::Process;

/// A capture that runs.
pub(crate) struct Capturing {
    process: Process,
    out: PathBuf,
    log: PathBuf,
}

/// What a capture told until it ended.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) connections: Vec<Connection>,
    /// What was counted on the interfaces; none where it did not come so far.
    pub(crate) counted: Vec<Counted>,
    /// What it said on standard error.
    pub(crate) said: String,
}

/// What was counted on one interface.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Counted {
    pub(crate) received: u64,
    pub(crate) dropped: u64,
}

impl Capturing {
    /// Starts `mtlscope capture --json` and waits until it captures. `host`: a command on one of the hosts.
    pub(crate) fn start<A: AsRef<OsStr>>(
        bench: &Bench<'_>,
        host: impl Fn(&str) -> Command,
        arguments: &[A],
    ) -> Result<Self> {
        let mut command = host("sh");
        let out = new_file(bench, "json");
        command.args(["-c", "out=$1; shift; exec \"$@\" >\"$out\"", "sh"]).arg(&out).arg(bench.program);
        command.args(["capture", "--json"]).args(arguments);
        Self::of(bench, command, out)
    }

    /// Waits until a command that is a capture captures; what it tells goes to the file `out`.
    pub(crate) fn of(bench: &Bench<'_>, mut command: Command, out: PathBuf) -> Result<Self> {
        let log = new_file(bench, "log");
        let mut process = Process::start("mtlscope capture", &mut command, &log)?;
        wait_for("mtlscope capture to begin", || {
            if let Some(end) = process.ended()? {
                anyhow::bail!("it ended ({end}): {}", std::fs::read_to_string(&log)?.trim());
            }
            Ok(std::fs::read_to_string(&log)?.contains("capturing on"))
        })?;
        Ok(Self { process, out, log })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it said on standard error so far.
    pub(crate) fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// Waits until it has told so many connections.
    pub(crate) fn has_told(&mut self, count: usize) -> Result<()> {
        let out = self.out.clone();
        wait_for(&format!("{count} connections to be told"), || {
            Ok(std::fs::read(&out).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() >= count)
        })
        .with_context(|| std::fs::read_to_string(&self.log).unwrap_or_default())
    }

    /// Asks it to stop.
    pub(crate) fn stop(mut self) -> Result<Told> {
        let code = self.process.stop(LIMIT)?.code();
        self.told(code)
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(mut self) -> Result<Told> {
        let mut code = None;
        wait_for("mtlscope capture to end", || {
            code = self.process.ended()?;
            Ok(code.is_some())
        })?;
        self.told(code.and_then(|status| status.code()))
    }

    fn told(&self, code: Option<i32>) -> Result<Told> {
        let text = std::fs::read_to_string(&self.out).unwrap_or_default();
        let (counts, connections): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.contains("\"capture\":"));
        let counted = match counts.as_slice() {
            [] => Vec::new(),
            [line, ..] => serde_json::from_str::<Line>(line)?.capture.interfaces,
        };
        Ok(Told {
            code,
            connections: connection::parse(connections.join("\n").as_bytes())?,
            counted,
            said: self.said()?,
        })
    }
}

/// A path that nobody else is given.
pub(crate) fn new_file(bench: &Bench<'_>, extension: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    bench.place.join(&format!("capture-{}.{extension}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// Connections of a recording.
pub(crate) fn read(bench: &Bench<'_>, recording: &Path) -> Result<Vec<Connection>> {
    let run = connection::read(bench.program, recording, None, None)?;
    match run.fault {
        Some(fault) => anyhow::bail!("{}: {fault}", recording.display()),
        None => Ok(run.connections),
    }
}

#[derive(Deserialize)]
struct Line {
    capture: Interfaces,
}

#[derive(Deserialize)]
struct Interfaces {
    interfaces: Vec<Counted>,
}

const LIMIT: Duration = Duration::from_secs(20);
