//! The command as a process: started, waited for, and told the signals that we get.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;
use signal_hook::low_level::siginfo::Cause;

/// What a signal does once the command is over.
pub(super) type Behind = Box<dyn FnOnce() + Send>;

/// A command that runs.
pub(super) struct Child {
    process: std::process::Child,
    /// Whom signals are passed on to; `None` once it is over, when its number may be another's.
    running: Arc<Mutex<Option<Pid>>>,
}

impl Child {
    /// Starts a command in an environment that differs from ours by these variables. `behind`: what a signal does once the command
    /// is over, in place of ending us.
    ///
    /// # Errors
    /// One line that says why it cannot be run.
    pub(super) fn start(
        command: &[OsString],
        changes: &[(&'static str, Option<OsString>)],
        behind: Option<Behind>,
    ) -> Result<Self, String> {
        let (name, arguments) = command.split_first().ok_or("no command was given")?;
        let running = Arc::new(Mutex::new(None));
        pass_signals_on(Arc::clone(&running), behind)
            .map_err(|error| format!("cannot wait for signals: {error}"))?;
        adopt_what_is_left();
        let mut starting = Command::new(name);
        starting.args(arguments);
        for (variable, value) in changes {
            match value {
                Some(value) => starting.env(variable, value),
                None => starting.env_remove(variable),
            };
        }
        // Until it runs a signal waits, so that none leaves it behind.
        let mut pid = running.lock().unwrap_or_else(PoisonError::into_inner);
        let process = starting.spawn().map_err(|error| cannot_run(name, &error))?;
        *pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        drop(pid);
        Ok(Self { process, running })
    }

    /// Waits until it is over.
    pub(super) fn wait(mut self) -> io::Result<ExitStatus> {
        let pid = *self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = pid {
            // Over, but its number still its own: until nobody passes a signal on any more.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(rustix::process::waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {
            }
        }
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.process.wait()
    }
}

/// From here on what the command leaves in the background is ours to wait for, and nobody else's.
fn adopt_what_is_left() {
    #[cfg(target_os = "linux")]
    // Where it cannot be, what is left is not waited for.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Whether the command, which is over, left something in the background that still runs.
pub(super) fn background_is_left() -> bool {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// The exit code that a shell would give: 128 + N where signal N ended it.
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    let code = status.code().or(signal.map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(u8::MAX)
}

/// How it ended, where that was not well.
pub(super) fn ending(status: ExitStatus) -> Option<String> {
    match (std::os::unix::process::ExitStatusExt::signal(&status), status.code()) {
        (Some(signal), _) => Some(format!("was ended by signal {signal}")),
        (None, Some(0)) => None,
        (None, code) => Some(format!("ended with exit code {}", code.unwrap_or(1))),
    }
}

fn cannot_run(name: &OsStr, error: &io::Error) -> String {
    let name = name.to_string_lossy();
    let name = mtlscope_views::printable::printable(&name);
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "cannot run {name}: there is no such program (check the name, and whether its directory is in PATH; a script's first \
             line may name one that is not there)"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("cannot run {name}: permission denied (is it a file, and executable? `chmod +x`)")
        }
        _ => format!("cannot run {name}: {error} (is it a program for this machine?)"),
    }
}

/// Passes each signal on that somebody sends us. Those of the terminal (Ctrl-C) the system sends the command itself. Once it is over, a
/// signal ends us, or what is still left to be ended.
fn pass_signals_on(running: Arc<Mutex<Option<Pid>>>, mut behind: Option<Behind>) -> io::Result<()> {
    let all = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];
    let mut signals = SignalsInfo::<WithOrigin>::new(all)?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for origin in &mut signals {
            let running = running.lock().unwrap_or_else(PoisonError::into_inner);
            match *running {
                Some(_) if origin.cause == Cause::Kernel => {}
                Some(pid) => {
                    if let Some(signal) = Signal::from_named_raw(origin.signal) {
                        // It may be over in this moment.
                        let _ = rustix::process::kill_process(pid, signal);
                    }
                }
                None => match behind.take() {
                    Some(behind) => behind(),
                    // Whoever asks twice does not want to wait.
                    None => {
                        let _ = signal_hook::low_level::emulate_default_handler(origin.signal);
                    }
                },
            }
        }
    })?;
    Ok(())
}
