//! `run --capture`: a process of our own captures while the command runs. It gives up its rights before it looks at a packet, which we
//! cannot: we wait for the command and pass signals on to it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};

use clap::ValueEnum;
use rustix::process::{Pid, Signal};

use crate::cli;
use crate::exit::Exit;

use super::child::Behind;

/// What `mtlscope capture` says once packets gather.
const READY: &str = "mtlscope: capturing on ";

/// A capture beside the command.
pub(super) struct Capture {
    process: Child,
    /// Until it is closed.
    input: ChildStdin,
    complaints: JoinHandle<()>,
}

impl Capture {
    /// Begins to capture, and comes back once packets gather.
    ///
    /// # Errors
    /// What the capture says, if it cannot.
    pub(super) fn start(typed: &cli::Run, key_logs: &[PathBuf], out: Option<File>) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot start to capture: {error}");
        let mut process = Command::new(std::env::current_exe().map_err(failed)?)
            .args(arguments(typed, key_logs))
            .stdin(Stdio::piped())
            .stdout(out.map_or_else(|| Stdio::from(io::stderr()), Stdio::from))
            .stderr(Stdio::piped())
            // Ctrl-C is the command's; we say when it is over.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let pipes = process.stdin.take().zip(process.stderr.take());
        let (input, errors) = pipes.ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        let mut errors = BufReader::new(errors);
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if errors.read_line(&mut line).map_err(failed)? == 0 {
                // It has ended; why, it has said.
                let _ = process.wait();
                let said = said.trim_end();
                return Err(said.strip_prefix("mtlscope: ").unwrap_or(said).to_owned());
            }
            if line.starts_with(READY) {
                break;
            }
            said.push_str(&line);
        }
        // What it said before is for the user: where its page is.
        let _ = io::stderr().write_all(said.as_bytes());
        // Another handle of it: this one is locked by whoever tells.
        let to = io::stderr().as_fd().try_clone_to_owned().map_err(failed)?;
        let complaints = thread::spawn(move || {
            // If there is no standard error, there is nobody to tell.
            let _ = io::copy(&mut errors, &mut File::from(to));
        });
        Ok(Self { process, input, complaints })
    }

    /// What asks it to end: its page stays behind the command.
    pub(super) fn stopping(&self) -> Behind {
        let process = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        Box::new(move || {
            if let Some(process) = process {
                // It may have ended by itself.
                let _ = rustix::process::kill_process(process, Signal::TERM);
            }
        })
    }

    /// There is no command to capture for.
    pub(super) fn give_up(mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = self.complaints.join();
    }

    /// The command is over: what was captured is told to its end.
    pub(super) fn end(mut self) -> Exit {
        drop(self.input);
        let code = self.process.wait().ok().and_then(|status| status.code());
        let _ = self.complaints.join();
        match code {
            Some(0) => Exit::Clean,
            Some(1) => Exit::Trouble,
            _ => Exit::CouldNotLook,
        }
    }
}

fn arguments(typed: &cli::Run, key_logs: &[PathBuf]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["capture", "--until-input-ends", "--quiet"].map(Into::into).into();
    let mut add = |option: &str, value: OsString| arguments.extend([option.into(), value]);
    for interface in &typed.interface {
        add("--interface", interface.into());
    }
    for key_log in key_logs {
        add("--keylog", key_log.into());
    }
    if let Some(path) = &typed.record {
        add("--write", path.into());
    }
    if let Some(color) = typed.appearance.color.to_possible_value() {
        add("--color", color.get_name().into());
    }
    if let Some(width) = typed.appearance.width {
        add("--width", width.to_string().into());
    }
    arguments.extend(typed.appearance.ascii.then(|| "--ascii".into()));
    arguments.extend(typed.json.then(|| "--json".into()));
    let page = &typed.live_page;
    arguments.extend(page.web.then(|| "--web".into()));
    arguments.extend(page.page.no_open.then(|| "--no-open".into()));
    arguments.extend(["--page-port".into(), page.page.page_port.to_string().into()]);
    arguments
}
