//! `mtlscope pki`: makes a test authority, or judges files of certificates and keys.

mod init;
mod show;

use crate::cli;
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn run(typed: &cli::Pki, console: &mut Console<'_>) -> Exit {
    match &typed.command {
        cli::PkiCommand::Init(typed) => init::run(typed, console),
        cli::PkiCommand::Show(typed) => show::run(typed, console),
    }
}
