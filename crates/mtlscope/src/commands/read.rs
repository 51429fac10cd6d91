//! `mtlscope read`: every connection in every file given.

use std::iter::Peekable;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};

use mtlscope_diagnose::keyless::CertificateFile;
use mtlscope_dissect::Settings;
use mtlscope_sources::{CaptureFile, KeyLogWriter, Recorded, SourceError, decryption_secrets};
use mtlscope_views::View;
use mtlscope_views::fields::list;
use mtlscope_views::json::v1;
use mtlscope_views::printable::printable;
use mtlscope_views::terminal::{self, Certificates, Terminal};

use super::{frames, written};
use crate::certificate_directory::CertificateDirectory;
use crate::certificates_at_hand::CertificatesAtHand;
use crate::cli::{self, Shows};
use crate::closing;
use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::exit::Exit;
use crate::judging::Judging;
use crate::key_logs::KeyLogs;
use crate::live_pipe;
use crate::packet_limit::PacketLimit;
use crate::pipeline::{Interrupted, Pipeline};
use crate::progress::ProgressLine;
use crate::seams::{self, Given};
use crate::showing::{Showing, Stop, Until};

/// Threads at most: each walks the whole file, so that more of them gain little.
const MOST_THREADS: u32 = 64;

/// Standard input, as it is typed.
pub(super) const STANDARD_INPUT: &str = "-";

pub(crate) fn run(typed: &cli::Read, console: &mut Console<'_>) -> Exit {
    if let Some(pattern) = &typed.list_fields {
        return list_fields(pattern.as_deref(), console);
    }
    let understood = match typed.tshark.understood() {
        Ok(understood) => understood,
        Err(complaint) => {
            console.complain(&printable(&complaint));
            return Exit::CouldNotLook;
        }
    };
    for remark in understood.remarks.iter().filter(|_| !typed.tshark.quiet) {
        console.complain(&printable(remark));
    }
    let alone = alone(typed);
    let filter = typed.filter.as_deref().or(alone.as_deref());
    let files = if alone.is_some() { &[][..] } else { &typed.files };
    let files: Vec<&Path> = typed.read.iter().chain(files).map(PathBuf::as_path).collect();
    if typed.tshark.shows() != Shows::Connections {
        let (key_logs, errors) = KeyLogs::given(&typed.keys, &typed.passphrase, &understood.key_logs);
        for error in &errors {
            console.complain(error);
        }
        let exit = frames::run(&typed.tshark, filter, &files, &key_logs, console);
        return if errors.is_empty() { exit } else { Exit::CouldNotLook };
    }
    let filter = match filter.map(ConnectionFilter::compile).transpose() {
        Ok(filter) => filter,
        Err(error) => {
            console.complain(&error);
            return Exit::CouldNotLook;
        }
    };
    let mut showing = Showing { filter, ..showing(typed, console) };
    if let Some(directory) = &typed.save_certs {
        match CertificateDirectory::open(directory) {
            Ok(directory) => showing.certificates = Some(directory),
            Err(failure) => showing.could_not(&failure),
        }
    }
    showing.collection = collection(&typed.keyless, &typed.passphrase, &mut showing);
    let (key_logs, errors) = KeyLogs::given(&typed.keys, &typed.passphrase, &understood.key_logs);
    for error in &errors {
        showing.could_not(error);
    }
    let (judging, errors) = Judging::read(&typed.known);
    for error in &errors {
        showing.could_not(error);
    }
    if let Some(path) = &typed.export_keys {
        match KeyLogWriter::create(path) {
            Ok(writer) => showing.exported_keys = Some(writer),
            Err(error) => showing.could_not(&error),
        }
    }
    let way = Way {
        key_logs: &key_logs,
        judging: &judging,
        keep_bytes: typed.looks.tree || typed.looks.hex,
        verify: typed.verify,
        packets: typed.tshark.packets,
        threads: typed.threads,
    };
    if let Err(stop) = captures(&files, &way, &mut showing) {
        showing.stopped(&stop);
        return showing.exit;
    }
    showing.progress = None;
    if let Err(stop) = close(typed, &mut showing) {
        showing.stopped(&stop);
    }
    showing.exit
}

/// How captures are read, whoever shows what they tell.
pub(super) struct Way<'a> {
    pub(super) key_logs: &'a KeyLogs,
    pub(super) judging: &'a Judging,
    /// Whether the bytes of each message are wanted.
    pub(super) keep_bytes: bool,
    /// Whether every client's signature is checked.
    pub(super) verify: bool,
    /// So many packets at most.
    pub(super) packets: Option<NonZeroU64>,
    /// Threads, where they were asked for.
    pub(super) threads: Option<NonZeroU32>,
}

/// Reads captures one after the other. What cannot be read is told, and the next one is read.
pub(super) fn captures(files: &[&Path], way: &Way<'_>, showing: &mut Showing<'_>) -> Result<(), Stop> {
    let mut files = seams::in_order(files).into_iter().peekable();
    while let Some(file) = files.next() {
        match capture(file, &mut files, way, showing) {
            Ok(()) => {}
            Err(Interrupted::Source(error)) => showing.could_not(&error),
            Err(Interrupted::Showing(Stop::Enough)) => break,
            Err(Interrupted::Showing(stop)) => return Err(stop),
        }
    }
    Ok(())
}

/// What stands alone beside `-r FILE` is a filter, as in tshark.
fn alone(typed: &cli::Read) -> Option<String> {
    let words: Vec<_> = typed.files.iter().map(|word| word.to_string_lossy()).collect();
    (!typed.read.is_empty() && typed.filter.is_none() && !words.is_empty()).then(|| words.join(" "))
}

/// Reads the certificates that a client may have sent.
pub(super) fn collection(
    typed: &cli::Keyless,
    passphrase: &cli::Passphrase,
    showing: &mut Showing<'_>,
) -> Vec<CertificateFile> {
    match CertificatesAtHand::read(typed, passphrase) {
        Ok(CertificatesAtHand { files, notices }) => {
            for notice in &notices {
                showing.console.complain(notice);
            }
            files
        }
        Err(error) => {
            showing.could_not(&error);
            Vec::new()
        }
    }
}

/// Reads one capture to its end, and on into those that follow it.
fn capture(
    mut given: Given,
    following: &mut Peekable<impl Iterator<Item = Given>>,
    way: &Way<'_>,
    showing: &mut Showing<'_>,
) -> Result<(), Interrupted> {
    let (secrets, series) = (given.take_secrets(), given.series());
    let file = given.path.as_path();
    let is_pipe = file.as_os_str() == STANDARD_INPUT || !file.is_file();
    let is_standard_input = file.as_os_str() == STANDARD_INPUT && showing.console.input.is_none();
    let mut capture = open(file, &mut showing.console)?;
    showing.input(&file.to_string_lossy())?;
    showing.at_once = is_pipe || showing.console.out_terminal.is_some();
    let asks_about_frames = showing.filter.as_ref().is_some_and(ConnectionFilter::needs_frames);
    let settings = Settings {
        keep_bytes: way.keep_bytes || asks_about_frames,
        packets: asks_about_frames,
        // What is read of a pipe is gone, so its records wait for keys that stand behind them. The next file may hold
        // keys to this one.
        secrets_may_come: is_pipe && capture.may_hold_secrets() || given.secrets_follow(),
        session_keys: showing.exported_keys.is_some(),
        ..Settings::default()
    };
    let mut pipeline =
        Pipeline::new(settings, way.verify, showing).judging(way.judging.context()).comparing();
    way.key_logs.pour(&mut pipeline)?;
    if let Some(mut secrets) = secrets {
        pipeline.feed(&mut secrets)?;
    } else if !is_pipe && capture.may_hold_secrets() {
        pipeline.feed(&mut decryption_secrets(file)?)?;
    }
    let goes_on = following.peek().is_some();
    let threads = if is_pipe || goes_on || pipeline.has_keys() {
        1
    } else {
        threads(way, &capture, pipeline.showing())
    };
    if threads > 1 {
        return pipeline.read_by_threads(file, threads);
    }
    match (is_standard_input, way.packets) {
        (false, None) => pipeline.feed(&mut capture)?,
        (false, limit) => pipeline.feed(&mut PacketLimit::new(&mut capture, limit))?,
        (true, limit) => live_pipe::feed(&mut pipeline, &mut PacketLimit::new(&mut capture, limit))?,
    }
    let mut number: u16 = 0;
    while let Some(mut next) = following.next_if(|next| next.goes_on_from(series, pipeline.last_frame())) {
        let capture = match CaptureFile::open(&next.path) {
            Ok(capture) => capture,
            Err(error) => {
                pipeline.showing().could_not(&error);
                continue;
            }
        };
        number = number.saturating_add(1);
        pipeline.showing().goes_on(&next.path.to_string_lossy())?;
        if let Some(mut secrets) = next.take_secrets() {
            pipeline.feed(&mut secrets)?;
        }
        pipeline.feed(&mut PacketLimit::new(&mut capture.as_file(number), way.packets))?;
    }
    pipeline.finish()
}

/// How many threads are to read a file: one unless asked, since several take more CPU time in all. Keys keep it to one, since
/// those of one connection may open another.
fn threads(way: &Way<'_>, capture: &Recorded, showing: &Showing<'_>) -> u32 {
    let Recorded::Capture(_) = capture else { return 1 };
    let hears_all = showing.filter.is_some()
        || showing.exported_keys.is_some()
        || showing.certificates.is_some()
        || !showing.collection.is_empty();
    if hears_all || way.packets.is_some() || showing.view.printer().is_none() {
        return 1;
    }
    way.threads.map_or(1, |threads| threads.get().min(MOST_THREADS))
}

pub(super) fn open(file: &Path, console: &mut Console<'_>) -> Result<Recorded, SourceError> {
    if file.as_os_str() != STANDARD_INPUT {
        return Recorded::open(file);
    }
    match console.input.take() {
        Some(input) => Recorded::from_reader("standard input", input),
        None => Recorded::stdin(),
    }
}

fn showing<'a>(typed: &cli::Read, console: &'a mut Console<'_>) -> Showing<'a> {
    let several = typed.read.len() + typed.files.len() > 1;
    let view = view(typed.looks, typed.across, several, typed.appearance.settings(console));
    // On the terminal that shows the connections, a bar would stand between them.
    let shows_progress = console.err_terminal.is_some() && console.out_terminal.is_none();
    Showing {
        shows_notices: !typed.looks.json,
        until: Until {
            connections: typed.connections.map(NonZeroU64::get),
            first_failure: typed.first_failure,
        },
        progress: shows_progress.then(ProgressLine::new),
        ..Showing::new(console.lend(), view)
    }
}

/// The view that was asked for.
pub(super) fn view(
    looks: cli::Looks,
    across: bool,
    name_files: bool,
    settings: terminal::Settings,
) -> Box<dyn View> {
    if looks.json {
        return Box::new(v1::Lines::new().telling_across(across));
    }
    Box::new(Terminal::new(terminal::Settings {
        fields: looks.tree,
        hex: looks.hex,
        certificates: match looks.certs {
            None => Certificates::Brief,
            Some(cli::CertificateForm::Full) => Certificates::Full,
            Some(cli::CertificateForm::Pem) => Certificates::FullWithPem,
        },
        how: looks.how,
        name_files,
        ..settings
    }))
}

/// `--fields`: the fields, and nothing else.
fn list_fields(pattern: Option<&str>, console: &mut Console<'_>) -> Exit {
    let fields = list::matching(pattern);
    if let (true, Some(pattern)) = (fields.is_empty(), pattern) {
        console.complain(&format_args!("no field has {} in its name or description", printable(pattern)));
        return Exit::CouldNotLook;
    }
    let result = list::write(&fields, console.out);
    written(result, console)
}

/// The closing words: below the connections; beside JSON, only where there was nothing to print.
fn close(typed: &cli::Read, showing: &mut Showing<'_>) -> Result<(), Stop> {
    let words = closing::words(&showing.tally, showing.filter.as_ref().map(ConnectionFilter::passed_over));
    if words.is_empty() {
        return Ok(());
    }
    if !typed.looks.json {
        if showing.tally.connections > 0 {
            writeln!(showing.console.out)?;
        }
        writeln!(showing.console.out, "{words}")?;
    } else if showing.tally.connections == 0 && showing.exit < Exit::CouldNotLook {
        showing.console.complain(&words);
    }
    Ok(())
}
