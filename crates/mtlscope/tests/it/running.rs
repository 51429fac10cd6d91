//! The program as a process that runs until it is stopped: where it listens, what it tells, how it ends.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nothing here takes longer, unless something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The program as it runs with `--json`.
pub(crate) struct Running {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
    told: Receiver<Value>,
    pub(crate) remarks: Receiver<String>,
}

impl Running {
    /// Starts it with these arguments. The first thing that it says on standard error names the address at which it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_mtlscope")).args(arguments))
    }

    /// Starts a command that is the program.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap());
            }
        });
        let (remark, remarks) = channel();
        let err = BufReader::new(process.stderr.take().unwrap());
        thread::spawn(move || {
            for line in err.lines().map_while(Result::ok) {
                let _ = remark.send(line);
            }
        });
        let first = remarks.recv_timeout(PATIENCE).unwrap();
        // `127.0.0.1:8444`, `https://127.0.0.1:8443/`, `http://127.0.0.1:8444,`
        let as_address = |word: &str| {
            let word = word.trim_end_matches(['/', ',']);
            word.rsplit("//").next().and_then(|word| word.parse().ok())
        };
        let address = first.split_whitespace().find_map(as_address).unwrap_or_else(|| panic!("{first}"));
        Self { process, address, told, remarks }
    }

    /// What is told next.
    pub(crate) fn told(&self) -> Value {
        self.told.recv_timeout(PATIENCE).unwrap()
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
