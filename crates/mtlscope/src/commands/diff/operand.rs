//! What stands for one of the two connections: a capture, one connection of a capture, or a URL.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mtlscope_diagnose::comparison;
use mtlscope_diagnose::connection::{Connection, Verdict};
use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_dissect::Settings;
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::{Recorded, decryption_secrets};
use mtlscope_views::View;

use crate::cli;
use crate::commands::connect;
use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::key_logs::KeyLogs;
use crate::numbered::Numbered;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop};

/// One of the two, as it was typed.
pub(super) enum Operand {
    /// A capture or a printout, and the number of the connection if it was named.
    Capture { file: PathBuf, number: Option<u64>, typed: String },
    /// Where to connect.
    Url(String),
}

/// Which connection of a capture is meant where no number says so.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// The first that was accepted.
    Accepted,
    /// The first that was refused, or has a finding that is an error.
    Failed,
    /// The first that shows this message.
    Showing(&'static str),
}

/// A connection that was told, and what the rules say of it.
type Told = (Connection, Vec<Finding>);

/// The connection that is meant.
pub(super) struct Found {
    pub(super) connection: Connection,
    pub(super) findings: Vec<Finding>,
    /// Where it is from, as it was typed.
    pub(super) name: String,
}

impl Operand {
    pub(super) fn parse(text: &str) -> Self {
        let typed = text.to_owned();
        if text.contains("://") {
            return Self::Url(typed);
        }
        let Numbered { file, number } = Numbered::parse(text);
        Self::Capture { file, number, typed }
    }

    /// Finds the connection. The error is a sentence.
    pub(super) fn find(
        self,
        wanted: Wanted,
        key_logs: &KeyLogs,
        typed: &cli::Diff,
        console: &mut Console<'_>,
    ) -> Result<Found, String> {
        match self {
            Self::Capture { file, number, typed: name } => {
                let told = read(&file, key_logs, typed.filter.as_deref(), console)?;
                pick(told, number, wanted, name).map_err(|error| match &typed.filter {
                    Some(filter) => format!("{error} (of those that the filter {filter} means)"),
                    None => error,
                })
            }
            Self::Url(url) => {
                let arguments = ["mtlscope".into(), "connect".into(), url.clone().into()];
                let arguments = arguments.into_iter().chain(typed.connect_options.iter().cloned());
                let parsed = cli::parse(arguments, console).map_err(|_| {
                    "what stands behind `--` must be options of `mtlscope connect`".to_owned()
                })?;
                let cli::Command::Connect(parsed) = parsed.command else {
                    return Err("what stands behind `--` must be options of `mtlscope connect`".to_owned());
                };
                let told = connect::watched(&parsed, console)?;
                pick(told, None, Wanted::Showing("ClientHello"), url)
            }
        }
    }
}

/// Every connection of a capture, with its findings.
fn read(
    file: &Path,
    key_logs: &KeyLogs,
    filter: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Vec<Told>, String> {
    let mut recorded = Recorded::open(file).map_err(|error| error.to_string())?;
    let filter = filter.map(ConnectionFilter::compile).transpose().map_err(|error| error.to_string())?;
    let asks_about_frames = filter.as_ref().is_some_and(ConnectionFilter::needs_frames);
    let gathering = Gathering::default();
    let told = Rc::clone(&gathering.0);
    let mut showing =
        Showing { shows_notices: false, filter, ..Showing::new(console.lend(), Box::new(gathering)) };
    let settings =
        Settings { keep_bytes: asks_about_frames, packets: asks_about_frames, ..Settings::default() };
    let fed = showing.input(&file.to_string_lossy()).map_err(Interrupted::from).and_then(|()| {
        let mut pipeline = Pipeline::new(settings, true, &mut showing);
        key_logs.pour(&mut pipeline)?;
        if recorded.may_hold_secrets() {
            pipeline.feed(&mut decryption_secrets(file)?)?;
        }
        pipeline.feed(&mut recorded)?;
        pipeline.finish()
    });
    match fed {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => {}
        Err(Interrupted::Showing(Stop::Output(error))) => return Err(error.to_string()),
        Err(Interrupted::Source(error)) => return Err(error.to_string()),
    }
    let told = std::mem::take(&mut *told.borrow_mut());
    Ok(told)
}

/// The one connection that is meant.
fn pick(told: Vec<Told>, number: Option<u64>, wanted: Wanted, name: String) -> Result<Found, String> {
    let count = told.len();
    let is_only = count == 1;
    let fits = |(connection, findings): &Told| match (number, wanted) {
        (Some(number), _) => connection.id.0 == number,
        (None, Wanted::Showing(message)) => comparison::shows(connection, message),
        _ if is_only => true,
        (None, Wanted::Accepted) => connection.outcome.verdict == Verdict::Accepted && !failed(findings),
        (None, Wanted::Failed) => connection.outcome.verdict == Verdict::Refused || failed(findings),
    };
    match told.into_iter().find(fits) {
        Some((connection, findings)) => Ok(Found { connection, findings, name }),
        None => Err(not_found(count, number, wanted, &name)),
    }
}

fn failed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

fn not_found(count: usize, number: Option<u64>, wanted: Wanted, name: &str) -> String {
    let list = "`mtlscope read` lists them, FILE#N names one";
    match (count, number, wanted) {
        (0, ..) => format!("{name}: no TLS connection in it"),
        (_, Some(number), _) => format!("{name}: there is no connection {number}; {list}"),
        (_, None, Wanted::Showing("ClientHello")) => format!("{name}: no connection shows a ClientHello"),
        (_, None, Wanted::Showing(message)) => {
            format!(
                "{name}: no connection shows a {message}; where it is encrypted, give the keys with --keylog"
            )
        }
        (_, None, Wanted::Accepted) => {
            format!("{name}: none of its {count} connections was accepted; {list}")
        }
        (_, None, Wanted::Failed) => format!("{name}: none of its {count} connections failed; {list}"),
    }
}

/// A view that shows nothing, and keeps what is told.
#[derive(Default)]
struct Gathering(Rc<RefCell<Vec<Told>>>);

impl View for Gathering {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        self.0.borrow_mut().push((connection.clone(), findings.to_vec()));
        Ok(())
    }

    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
