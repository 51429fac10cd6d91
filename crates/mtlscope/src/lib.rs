//! The program as a function: what was typed goes in, what is written comes out, and no process is needed to test it.
//!
//! Nothing is found out here. `cli` declares what can be typed, `commands` do it, and `pipeline` connects the crates that
//! know things: read that first.

#![forbid(unsafe_code)]
// Elsewhere the parts of live capture are without use.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

mod pipeline;
mod threads;
mod showing;
mod closing;
mod connection_filter;
mod passed_over;
mod judging;
mod key_logs;
mod seams;
mod numbered;
mod certificate_directory;
mod certificates_at_hand;
mod failed_connections;
mod packet_limit;
mod progress;
mod live_ends;
mod live_pipe;
mod open_files;
mod stop_signals;
mod wall_clock;
mod page;
mod rereading;
#[cfg(target_os = "linux")]
mod confinement;

mod cli;
mod commands;

mod console;
mod exit;

use std::ffi::OsString;

pub use console::{Console, Terminal};
pub use exit::Exit;

/// Runs the program. `arguments`: what was typed, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> Exit {
    let exit = match cli::parse(arguments, console) {
        Ok(typed) => commands::run(&typed.command, console),
        Err(exit) => exit,
    };
    match console.out.flush() {
        Err(error) if !console::is_closed_pipe(&error) => {
            console.complain(&console::cannot_write(&error));
            Exit::CouldNotLook
        }
        Ok(()) | Err(_) => exit,
    }
}
