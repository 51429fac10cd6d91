//! Run one command and learn what it cost: CPU seconds, wall seconds, peak memory, exit code, within a time limit.
//!
//! The kernel keeps the peak memory of all children of a process together, and a new process starts with its parent's
//! peak. So each command gets a small parent of its own: this program again, with the hidden task `measured`, which
//! waits for its only child and writes down what `getrusage` says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use serde::{Deserialize, Serialize};

/// What one command did and what it cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Whether it was killed because its time was up.
    pub(crate) timed_out: bool,
    /// User and system CPU time, in seconds.
    pub(crate) cpu_seconds: f64,
    /// Time on the clock, in seconds.
    pub(crate) wall_seconds: f64,
    /// The largest resident set, in MiB.
    pub(crate) peak_mib: f64,
}

/// What a command wrote, beside what it cost.
pub(crate) struct Output {
    pub(crate) measured: Measured,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs `program` with `arguments` and keeps what it writes.
pub(crate) fn output(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Output> {
    let report = Report::new();
    let output = parent(program, arguments, limit, &report)?
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let measured = report.read().with_context(|| {
        format!("cannot run {}: {}", program.display(), String::from_utf8_lossy(&output.stderr))
    })?;
    Ok(Output {
        measured,
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs `program` with `arguments` and throws away what it writes to standard output.
pub(crate) fn cost(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Measured> {
    let report = Report::new();
    parent(program, arguments, limit, &report)?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", program.display()))?;
    report.read().with_context(|| format!("cannot run {}", program.display()))
}

/// The arguments of the hidden task.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to write what it cost.
    #[arg(long)]
    report: PathBuf,
    /// When to kill it, in seconds.
    #[arg(long)]
    seconds: u64,
    /// The command.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// The hidden task: be the small parent.
pub(crate) fn run(arguments: Arguments) -> Result<bool> {
    let (program, rest) = arguments.command.split_first().context("no command")?;
    // A program gone wild must not take the machine with it; far above every limit that is judged.
    setrlimit(Resource::RLIMIT_AS, ADDRESS_SPACE, ADDRESS_SPACE).context("cannot limit memory")?;
    let begin = Instant::now();
    let mut child = Command::new(program).args(rest).spawn().context("cannot start it")?;
    let mut pause = Duration::from_micros(200);
    let mut timed_out = false;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if !timed_out && begin.elapsed() > Duration::from_secs(arguments.seconds) {
            timed_out = true;
            child.kill()?;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(2));
    };
    let wall_seconds = begin.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let measured = Measured {
        code: status.code(),
        timed_out,
        cpu_seconds: seconds(usage.user_time()) + seconds(usage.system_time()),
        wall_seconds,
        peak_mib: usage.max_rss() as f64 / MAX_RSS_IN_A_MIB,
    };
    std::fs::write(&arguments.report, serde_json::to_vec(&measured)?).context("cannot write the report")?;
    Ok(true)
}

/// This very program. Building the tests replaces its file while it runs, so where the system gives a name to what runs
/// rather than to its file, that is used.
fn myself() -> Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        Ok(running.to_owned())
    } else {
        std::env::current_exe().context("cannot find myself")
    }
}

fn parent(program: &Path, arguments: &[OsString], limit: Duration, report: &Report) -> Result<Command> {
    let mut command = Command::new(myself()?);
    command
        .arg("measured")
        .arg("--report")
        .arg(&report.path)
        .arg("--seconds")
        .arg(limit.as_secs().to_string());
    command.arg("--").arg(program).args(arguments).stdin(Stdio::null());
    Ok(command)
}

/// The file the small parent writes to; gone when read.
struct Report {
    path: PathBuf,
}

impl Report {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            path: std::env::temp_dir().join(format!("mtlscope-measured-{}-{count}.json", std::process::id())),
        }
    }

    fn read(&self) -> Result<Measured> {
        let text = std::fs::read(&self.path).context("it could not be started")?;
        ensure!(!text.is_empty(), "its report is empty");
        Ok(serde_json::from_slice(&text)?)
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        // Nothing depends on it: a leftover is a few bytes in the temporary directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// 16 GiB of address space: generous to allocators that reserve much and touch little.
const ADDRESS_SPACE: u64 = 16 << 30;

/// Linux counts `ru_maxrss` in KiB, macOS in bytes.
const MAX_RSS_IN_A_MIB: f64 = if cfg!(target_os = "macos") { 1_048_576.0 } else { 1024.0 };
