//! The program: hands the process's arguments and streams to [`mtlscope::run`], and its verdict to the system.

use std::io::{self, BufWriter, IsTerminal};
use std::process::ExitCode;

use mtlscope::{Console, Terminal};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is gathered before it is written, in bytes.
const OUTPUT_BUFFER: usize = 64 * 1024;

fn main() -> ExitCode {
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let terminal = |is_terminal: bool| is_terminal.then_some(Terminal { columns });
    let (out, err) = (io::stdout(), io::stderr());
    let mut console = Console {
        input: None,
        out_terminal: terminal(out.is_terminal()),
        err_terminal: terminal(err.is_terminal()),
        no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
        out: &mut BufWriter::with_capacity(OUTPUT_BUFFER, out.lock()),
        err: &mut err.lock(),
    };
    mtlscope::run(std::env::args_os(), &mut console).into()
}
