//! What each subcommand does.

mod read;
mod capture;
mod report;
mod frames;
mod connect;
mod probe;
mod diff;
mod explain;
mod demo;
mod pki;
mod serve;
mod web;
mod run;
mod tap;
mod share;
mod inject_secrets;
mod completions;

use std::io;

use crate::cli::Command;
use crate::console::{self, Console};
use crate::exit::Exit;

/// Does what was typed.
pub(crate) fn run(command: &Command, console: &mut Console<'_>) -> Exit {
    match command {
        Command::Read(typed) => read::run(typed, console),
        Command::Capture(typed) => capture::run(typed, console),
        Command::Report(typed) => report::run(typed, console),
        Command::Connect(typed) => connect::run(typed, console),
        Command::Probe(typed) => probe::run(typed, console),
        Command::Diff(typed) => diff::run(typed, console),
        Command::Share(typed) => share::run(typed, console),
        Command::InjectSecrets(typed) => inject_secrets::run(typed, console),
        Command::Explain(typed) => explain::run(typed, console),
        Command::Demo(typed) => demo::run(typed, console),
        Command::Pki(typed) => pki::run(typed, console),
        Command::Serve(typed) => serve::run(typed, console),
        Command::Web(typed) => web::run(typed, console),
        Command::Run(typed) => run::run(typed, console),
        Command::Tap(typed) => tap::run(typed, console),
        Command::Completions(typed) => completions::run(typed, console),
    }
}

/// The exit code of a command that only writes.
fn written(result: io::Result<()>, console: &mut Console<'_>) -> Exit {
    match result {
        Err(error) if !console::is_closed_pipe(&error) => {
            console.complain(&console::cannot_write(&error));
            Exit::CouldNotLook
        }
        Ok(()) | Err(_) => Exit::Clean,
    }
}
