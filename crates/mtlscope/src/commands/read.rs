//! `mtlscope read`: every connection in every file given.

use std::num::NonZeroU64;
use std::path::Path;

use mtlscope_dissect::Settings;
use mtlscope_sources::{CaptureFile, SourceError, decryption_secrets};
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::{self, Certificates, Terminal};

use crate::certificate_directory::CertificateDirectory;
use crate::cli;
use crate::closing;
use crate::console::Console;
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use crate::pipeline::{Interrupted, Pipeline};
use crate::progress::ProgressLine;
use crate::showing::{Showing, Stop, Until};

/// Bytes from which on a capture is read by several threads unasked.
const WORTH_THREADS: u64 = 8 << 20;
/// Threads that read it then at most: each walks the whole file, so that more of them gain little.
const DEFAULT_THREADS: u32 = 4;
/// Threads at most.
const MOST_THREADS: u32 = 64;

/// Standard input, as it is typed.
const STANDARD_INPUT: &str = "-";

pub(crate) fn run(typed: &cli::Read, console: &mut Console<'_>) -> Exit {
    let mut showing = showing(typed, console);
    if let Some(directory) = &typed.save_certs {
        match CertificateDirectory::open(directory) {
            Ok(directory) => showing.certificates = Some(directory),
            Err(failure) => showing.could_not(&failure),
        }
    }
    let (key_logs, errors) = KeyLogs::read(&typed.keylog);
    for error in &errors {
        showing.could_not(error);
    }
    for file in &typed.files {
        match capture(file, typed, &key_logs, &mut showing) {
            Ok(()) => {}
            Err(Interrupted::Source(error)) => showing.could_not(&error),
            Err(Interrupted::Showing(Stop::Enough)) => break,
            Err(Interrupted::Showing(stop)) => {
                showing.stopped(&stop);
                return showing.exit;
            }
        }
    }
    showing.progress = None;
    if let Err(stop) = close(typed, &mut showing) {
        showing.stopped(&stop);
    }
    showing.exit
}

/// Reads one capture to its end.
fn capture(
    file: &Path,
    typed: &cli::Read,
    key_logs: &KeyLogs,
    showing: &mut Showing<'_>,
) -> Result<(), Interrupted> {
    let is_pipe = file.as_os_str() == STANDARD_INPUT || !file.is_file();
    let mut capture = open(file, showing)?;
    showing.input(&file.to_string_lossy())?;
    showing.at_once = is_pipe || showing.console.out_terminal.is_some();
    let settings = Settings {
        keep_bytes: typed.tree || typed.hex,
        // What is read of a pipe is gone, so its records wait for keys that stand behind them.
        secrets_may_come: is_pipe && capture.may_hold_secrets(),
        ..Settings::default()
    };
    let mut pipeline = Pipeline::new(settings, typed.verify, showing);
    key_logs.pour(&mut pipeline)?;
    if !is_pipe {
        pipeline.feed(&mut decryption_secrets(file)?)?;
    }
    let threads = if is_pipe { 1 } else { threads(file, typed, &capture, pipeline.showing()) };
    if threads > 1 {
        return pipeline.read_by_threads(file, threads);
    }
    pipeline.feed(&mut capture)?;
    pipeline.finish()
}

/// How many threads are to read a file: as asked, or as it is worth.
fn threads(file: &Path, typed: &cli::Read, capture: &CaptureFile, showing: &Showing<'_>) -> u32 {
    if !showing.view.shows_only_told() {
        return 1;
    }
    if let Some(threads) = typed.threads {
        return threads.get().min(MOST_THREADS);
    }
    // Each thread would unpack all of a packed file for itself.
    let is_long = file.metadata().is_ok_and(|metadata| metadata.len() >= WORTH_THREADS);
    if !is_long || capture.is_packed() {
        return 1;
    }
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
    cores.min(DEFAULT_THREADS)
}

fn open(file: &Path, showing: &mut Showing<'_>) -> Result<CaptureFile, SourceError> {
    if file.as_os_str() != STANDARD_INPUT {
        return CaptureFile::open(file);
    }
    match showing.console.input.take() {
        Some(input) => CaptureFile::from_reader("standard input", input),
        None => CaptureFile::stdin(),
    }
}

fn showing<'a>(typed: &cli::Read, console: &'a mut Console<'_>) -> Showing<'a> {
    let settings = terminal::Settings {
        fields: typed.tree,
        hex: typed.hex,
        certificates: match typed.certs {
            None => Certificates::Brief,
            Some(cli::CertificateForm::Full) => Certificates::Full,
            Some(cli::CertificateForm::Pem) => Certificates::FullWithPem,
        },
        name_files: typed.files.len() > 1,
        ..typed.appearance.settings(console)
    };
    let view: Box<dyn View> =
        if typed.json { Box::new(v1::Lines::new()) } else { Box::new(Terminal::new(settings)) };
    // On the terminal that shows the connections, a bar would stand between them.
    let shows_progress = console.err_terminal.is_some() && console.out_terminal.is_none();
    Showing {
        shows_notices: !typed.json,
        until: Until {
            connections: typed.connections.map(NonZeroU64::get),
            first_failure: typed.first_failure,
        },
        progress: shows_progress.then(ProgressLine::new),
        ..Showing::new(console.lend(), view)
    }
}

/// The closing words: below the connections; beside JSON, only where there was nothing to print.
fn close(typed: &cli::Read, showing: &mut Showing<'_>) -> Result<(), Stop> {
    let words = closing::words(&showing.tally);
    if words.is_empty() {
        return Ok(());
    }
    if !typed.json {
        if showing.tally.connections > 0 {
            writeln!(showing.console.out)?;
        }
        writeln!(showing.console.out, "{words}")?;
    } else if showing.tally.connections == 0 && showing.exit < Exit::CouldNotLook {
        showing.console.complain(&words);
    }
    Ok(())
}
