//! Programs that run beside us: each in a process group of its own, its output kept, its whole group gone in the end,
//! whether the end is a success, a failure or Ctrl-C.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A program in the background. Dropping it ends it and everything it started.
pub(crate) struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts it; what it writes goes to the file `log`. Its standard input stays open and silent: some take its end
    /// for a wish to stop.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        Ok(Self { child: spawn(name, command)?, name: name.to_owned(), log: log.to_owned() })
    }

    /// Starts it to talk with: its standard input and output are pipes, its errors go to the file `log`.
    pub(crate) fn converse(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        Ok(Self { child: spawn(name, command)?, name: name.to_owned(), log: log.to_owned() })
    }

    /// The pipes of one started with [`Process::converse`].
    pub(crate) fn pipes(&mut self) -> Result<(std::process::ChildStdin, std::process::ChildStdout)> {
        self.child.stdin.take().zip(self.child.stdout.take()).context("its pipes are taken")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until something listens on each of its ports, or says why nothing ever will.
    pub(crate) fn ready(&mut self, ports: &[u16]) -> Result<()> {
        let begin = Instant::now();
        for port in ports {
            while TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, *port))).is_err() {
                if let Some(status) = self.child.try_wait()? {
                    bail!("{} ended ({status}) before it listened: {}", self.name, self.last_words());
                }
                if begin.elapsed() > READY_WITHIN {
                    bail!("{} does not listen on port {port}: {}", self.name, self.last_words());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(&mut self, limit: Duration) -> Result<ExitStatus> {
        signal(&self.child, Signal::SIGTERM);
        wait(&mut self.child, limit)?.with_context(|| format!("{} does not stop", self.name))
    }

    fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// What a program wrote, and how it ended.
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Ended {
    /// Both outputs, one behind the other.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", String::from_utf8_lossy(&self.stderr), String::from_utf8_lossy(&self.stdout))
    }
}

/// Runs a program to its end. It is given `input`, then silence; past `limit` it is ended, and has no exit code.
pub(crate) fn run(command: &mut Command, input: &str, limit: Duration) -> Result<Ended> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(&name, command)?;
    let (stdout, stderr) = child.stdout.take().zip(child.stderr.take()).context("no pipes")?;
    let mut stdin = child.stdin.take().context("no pipe")?;
    // It may end without reading.
    let _ = stdin.write_all(input.as_bytes());
    let ended = std::thread::scope(|scope| {
        let stdout = scope.spawn(|| all(stdout));
        let stderr = scope.spawn(|| all(stderr));
        let status = wait(&mut child, limit);
        end(&mut child);
        let read = |reader: std::thread::ScopedJoinHandle<'_, Vec<u8>>| reader.join().unwrap_or_default();
        Ok::<_, anyhow::Error>(Ended {
            code: status?.and_then(|status| status.code()),
            stdout: read(stdout),
            stderr: read(stderr),
        })
    });
    drop(stdin);
    ended
}

fn all(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before an error is what there is.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

fn spawn(name: &str, command: &mut Command) -> Result<Child> {
    let child = command.process_group(0).spawn().with_context(|| format!("cannot run {name}"))?;
    running().push(child.id());
    Ok(child)
}

/// Waits within a limit; none if it still runs.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let begin = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begin.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

/// Ends a group: with a request first, for servers clean up after themselves; then without.
fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        signal(child, Signal::SIGTERM);
        if matches!(wait(child, STOPS_WITHIN), Ok(Some(_))) {
            // Its children may outlive it.
            signal(child, Signal::SIGKILL);
        } else {
            signal(child, Signal::SIGKILL);
            let _ = child.wait();
        }
    } else {
        signal(child, Signal::SIGKILL);
    }
    running().retain(|id| *id != child.id());
}

fn signal(child: &Child, signal: Signal) {
    if let Ok(id) = i32::try_from(child.id()) {
        // The group may be gone, which is what is wanted.
        let _ = killpg(Pid::from_raw(id), signal);
    }
}

/// On Ctrl-C or SIGTERM: ends every group that runs, cleans up, and ends us.
pub(crate) fn end_with_us(clean_up: impl FnOnce() + Send + 'static) -> Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            for id in running().iter().filter_map(|id| i32::try_from(*id).ok()) {
                let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
            }
            clean_up();
            std::process::exit(130);
        }
    });
    Ok(())
}

/// The groups that run.
fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPS_WITHIN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_given_its_input_and_what_it_says_is_kept() {
        let ended =
            run(Command::new("sh").args(["-c", "read a; echo $a; echo b >&2; exit 3"]), "x\n", STOPS_WITHIN)
                .unwrap();
        assert_eq!((ended.code, ended.text().as_str()), (Some(3), "b\n\nx\n"));
    }

    #[test]
    fn a_program_past_its_limit_is_ended_with_its_children() {
        let begin = Instant::now();
        let ended =
            run(Command::new("sh").args(["-c", "sleep 60 & wait"]), "", Duration::from_millis(50)).unwrap();
        assert_eq!(ended.code, None);
        assert!(begin.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn one_that_never_listens_says_why() {
        let log = std::env::temp_dir().join(format!("mtlscope-peers-test-{}.log", std::process::id()));
        let mut process =
            Process::start("sh", Command::new("sh").args(["-c", "echo no such file >&2; exit 1"]), &log)
                .unwrap();
        let error = process.ready(&[1]).unwrap_err().to_string();
        let _ = std::fs::remove_file(&log);
        assert!(error.contains("no such file"), "{error}");
    }
}
