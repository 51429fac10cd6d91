//! `mtlscope report`: what captures tell as one page, as a picture, or as Markdown.

mod gathering;

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::notice::Notice;
use mtlscope_views::View;
use mtlscope_views::printable::printable;

use super::read::{self, STANDARD_INPUT, Way};
use super::written;
use crate::cli;
use crate::closing;
use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::exit::Exit;
use crate::judging::Judging;
use crate::key_logs::KeyLogs;
use crate::numbered::Numbered;
use crate::progress::ProgressLine;
use crate::showing::Showing;
use gathering::Gathering;

pub(crate) fn run(typed: &cli::Report, console: &mut Console<'_>) -> Exit {
    match understood(typed, console) {
        Ok(meant) => tell(typed, &meant, console),
        Err(complaint) => {
            console.complain(&printable(&complaint));
            Exit::CouldNotLook
        }
    }
}

/// What is to be read, and which connections of it.
struct Meant {
    captures: Vec<PathBuf>,
    /// The one connection, if one is meant by its number.
    number: Option<u64>,
    filter: Option<String>,
}

/// Fails with one line that says what to do.
fn understood(typed: &cli::Report, console: &Console<'_>) -> Result<Meant, String> {
    if typed.output.is_none() && console.out_terminal.is_some() && !typed.markdown {
        let (what, name) = if typed.svg { ("a picture", "ladder.svg") } else { ("a page", "report.html") };
        return Err(format!("{what} is no good on a terminal: say where to write it, as in -o {name}"));
    }
    if let Some(output) = typed.output.as_deref()
        && typed.captures.iter().any(|capture| is_same_file(Path::new(capture), output))
    {
        return Err(format!("{} is what is to be read: give -o another name", output.display()));
    }
    let captures: Vec<Numbered> = typed.captures.iter().map(|text| Numbered::parse(text)).collect();
    let number = match captures.as_slice() {
        [only] => only.number,
        several if several.iter().any(|capture| capture.number.is_some()) => {
            return Err("CAPTURE#N picks a connection of one capture: give that alone".to_owned());
        }
        _ => None,
    };
    let only = number.map(|number| format!("connection.id == {number}"));
    let filter = match (&typed.filter, only) {
        (Some(filter), Some(only)) => Some(format!("({filter}) and {only}")),
        (Some(filter), None) => Some(filter.clone()),
        (None, only) => only,
    };
    // Understood alone first, so that what is wrong in it is shown as it was typed.
    if let Some(filter) = &typed.filter {
        ConnectionFilter::compile(filter).map_err(|error| error.to_string())?;
    }
    Ok(Meant { captures: captures.into_iter().map(|capture| capture.file).collect(), number, filter })
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

fn tell(typed: &cli::Report, meant: &Meant, console: &mut Console<'_>) -> Exit {
    let filter = match meant.filter.as_deref().map(ConnectionFilter::compile).transpose() {
        Ok(filter) => filter,
        Err(error) => {
            console.complain(&error);
            return Exit::CouldNotLook;
        }
    };
    let (judging, judging_errors) = Judging::read(&typed.known);
    let (key_logs, key_errors) = KeyLogs::given(&typed.keys, &typed.passphrase, &[]);
    let gathering = Rc::new(RefCell::new(Gathering::new(typed, &judging)));
    let view = Box::new(Shared(Rc::clone(&gathering)));
    let mut showing = Showing {
        filter,
        // A page shows them itself.
        shows_notices: !(typed.svg || typed.markdown),
        progress: console.err_terminal.is_some().then(ProgressLine::new),
        ..Showing::new(console.lend(), view)
    };
    for error in &judging_errors {
        showing.could_not(error);
    }
    for error in &key_errors {
        showing.could_not(error);
    }
    showing.collection = read::collection(&typed.keyless, &typed.passphrase, &mut showing);
    let files: Vec<&Path> = meant.captures.iter().map(PathBuf::as_path).collect();
    let way = Way {
        key_logs: &key_logs,
        judging: &judging,
        keep_bytes: typed.tree,
        verify: typed.verify,
        packets: None,
        threads: None,
    };
    if let Err(stop) = read::captures(&files, &way, &mut showing) {
        showing.stopped(&stop);
        return showing.exit;
    }
    // What a number passed over is not worth a word.
    let passed_over =
        showing.filter.as_ref().filter(|_| meant.number.is_none()).map(ConnectionFilter::passed_over);
    let words = closing::words(&showing.tally, passed_over);
    let (exit, tally) = (showing.exit, showing.tally);
    drop(showing);
    if tally.inputs == 0 {
        return exit;
    }
    if let (Some(number), 0, [file]) = (meant.number, tally.connections, files.as_slice()) {
        let complaint = format!(
            "{}: there is no connection {number}; `mtlscope read` lists them, FILE#N names one",
            file.display()
        );
        console.complain(&printable(&complaint));
        return Exit::CouldNotLook;
    }
    let text = gathering.take().finish(&words);
    match text {
        Some(text) => exit.max(write(typed, &text, &words, console)),
        None => {
            console.complain(&printable(&words));
            exit.max(Exit::CouldNotLook)
        }
    }
}

/// Writes the whole, and says how large it is where that can be seen.
fn write(typed: &cli::Report, text: &gathering::Written, words: &str, console: &mut Console<'_>) -> Exit {
    let output = typed.output.as_deref().filter(|path| path.as_os_str() != STANDARD_INPUT);
    let exit = match output {
        None => written(console.out.write_all(text.text.as_bytes()), console),
        Some(path) => match fs::write(path, &text.text) {
            Ok(()) => Exit::Clean,
            Err(error) => {
                let why = format!(
                    "cannot write {}: {error} (is the directory there, and may you?)",
                    path.display()
                );
                console.complain(&printable(&why));
                return Exit::CouldNotLook;
            }
        },
    };
    if let Some(path) = output {
        let size = size(text.text.len());
        console.complain(&printable(&format!("{}: {size}. {words}", path.display())));
    }
    if let Some(remark) = &text.remark {
        console.complain(&printable(remark));
    }
    exit
}

/// `143 KB`.
fn size(bytes: usize) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The view that gathers, shared with who writes at the end.
struct Shared(Rc<RefCell<Gathering>>);

impl View for Shared {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.0.borrow_mut().file(name, out)
    }

    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.0.borrow_mut().continues(name, out)
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.0.borrow_mut().connection(connection, findings, out)
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        self.0.borrow_mut().across(findings, out)
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.0.borrow_mut().notice(notice, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        assert_eq!([12, 1_000, 143_001, 1_950_000].map(size), ["12 bytes", "1 KB", "144 KB", "1.9 MB"]);
    }
}
