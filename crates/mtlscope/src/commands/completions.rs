//! `mtlscope completions`: a script that completes what `cli` declares.

use super::written;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn run(typed: &cli::Completions, console: &mut Console<'_>) -> Exit {
    // Gathered first, since the generator does not bear a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut cli::command(), "mtlscope", &mut script);
    let result = console.out.write_all(&script);
    written(result, console)
}
