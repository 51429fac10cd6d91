//! `mtlscope read --frames` and `-T fields`: frames instead of connections. Nothing is judged.

use std::collections::HashSet;
use std::fmt::Display;
use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::event::{Event, EventKind};
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{Source, decryption_secrets};
use mtlscope_views::fields::{Field, Occurrence, Wanted, connection};
use mtlscope_views::filter::Filter;
use mtlscope_views::packets::fields_table::{FieldsTable, Format};
use mtlscope_views::packets::{Frame, Frames, Known, Telling, packet_list};
use mtlscope_views::printable::printable;
use mtlscope_views::wording;

use super::read::{STANDARD_INPUT, open};
use crate::cli::{self, Shows};
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use crate::packet_limit::PacketLimit;

/// Why an input was not read to its end.
enum Stop {
    /// It could not be read.
    CouldNotLook,
    /// Nobody reads on, or nothing can be written.
    Output(io::Error),
}

/// What frames become.
enum View {
    List,
    Table(FieldsTable),
}

/// Shows the frames of every file. `filter`: the text of one, if only some are to be shown.
pub(crate) fn run(
    typed: &cli::Read,
    filter: Option<&str>,
    files: &[&Path],
    key_logs: &KeyLogs,
    console: &mut Console<'_>,
) -> Exit {
    let view = match view(&typed.tshark) {
        Ok(view) => view,
        Err(complaint) => {
            console.complain(&printable(&complaint));
            return Exit::CouldNotLook;
        }
    };
    let filter = match filter.map(Filter::compile).transpose() {
        Ok(filter) => filter,
        Err(error) => {
            console.complain(&error);
            return Exit::CouldNotLook;
        }
    };
    let mut fields: Vec<&'static Field> = filter.iter().flat_map(Filter::fields).copied().collect();
    if let View::Table(table) = &view {
        fields.extend(table.fields());
    }
    let mut showing = Showing {
        view,
        filter,
        wanted: Wanted::Only(fields.iter().map(|field| field.name).collect::<HashSet<_>>()),
        of_connections: fields.into_iter().filter(|field| connection::is_own(field)).collect(),
        console,
        typed: &typed.tshark,
        at_once: false,
    };
    if let Err(error) = showing.begin() {
        return showing.stopped(error);
    }
    let mut exit = Exit::Clean;
    for file in files {
        match showing.file(file, key_logs) {
            Ok(()) => {}
            Err(Stop::CouldNotLook) => exit = Exit::CouldNotLook,
            Err(Stop::Output(error)) => return exit.max(showing.stopped(error)),
        }
    }
    exit
}

fn view(typed: &cli::Tshark) -> Result<View, String> {
    if typed.shows() == Shows::PacketList {
        return Ok(View::List);
    }
    let mut format = Format::default();
    for setting in &typed.format {
        format.set(setting)?;
    }
    FieldsTable::new(&typed.fields, format).map(View::Table)
}

/// The view, and where it writes.
struct Showing<'a, 'console> {
    view: View,
    filter: Option<Filter>,
    /// The fields whose values are needed.
    wanted: Wanted,
    /// Those of them that only a whole connection has.
    of_connections: Vec<&'static Field>,
    console: &'a mut Console<'console>,
    typed: &'a cli::Tshark,
    /// Whether each line is to be seen at once, since whoever watches may wait for it.
    at_once: bool,
}

impl Showing<'_, '_> {
    fn begin(&mut self) -> io::Result<()> {
        match &self.view {
            View::List => Ok(()),
            View::Table(table) => table.begin(self.console.out),
        }
    }

    fn file(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<(), Stop> {
        let is_pipe = is_pipe(file);
        self.at_once = is_pipe || self.typed.line_by_line || self.console.out_terminal.is_some();
        let mut telling = Telling::default();
        if self.typed.two_passes || !self.of_connections.is_empty() {
            if is_pipe {
                let why = match self.of_connections.first() {
                    Some(field) => format!("{} is known only at a connection's end", field.name),
                    None => "-2 reads twice".to_owned(),
                };
                let file = file.to_string_lossy();
                return Err(self.could_not(&format_args!(
                    "{why}, and {} can be read only once: save it to a file first",
                    printable(if file == STANDARD_INPUT { "standard input" } else { &file })
                )));
            }
            telling = Telling::knowing(self.first_pass(file, key_logs)?);
        }
        let mut frames = Frames::default();
        let packets = self.typed.packets;
        read(file, packets, key_logs, self, |showing, seen| {
            match seen {
                Seen::Event(Event { connection: None, kind: EventKind::Notice(notice) }) => {
                    showing.notice(&notice);
                }
                Seen::Event(event) => {
                    if let (EventKind::Closed(_), Some(connection)) = (&event.kind, event.connection) {
                        telling.forget(connection);
                    }
                    frames.hear(event);
                }
                Seen::Input => {
                    if let Some(frame) = frames.take() {
                        showing.frame(&frame, &mut telling)?;
                    }
                }
                Seen::Secret => {}
            }
            Ok(())
        })
    }

    /// Reads a file to its end for what its connections are as a whole.
    fn first_pass(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<Known, Stop> {
        let mut known = Known::default();
        let mut teller = Teller::default();
        let mut context = Context::default();
        let packets = self.typed.packets;
        read(file, packets, key_logs, self, |showing, seen| {
            match seen {
                Seen::Event(event) => {
                    known.hear(&event);
                    if !showing.of_connections.is_empty() {
                        teller.hear(event);
                    }
                }
                Seen::Secret => context.keys_given = true,
                Seen::Input => {}
            }
            while let Some(told) = teller.poll() {
                if let Told::Connection(connection) = told {
                    let findings = diagnose(&connection, &context);
                    known.connection(&connection, &findings, &showing.of_connections);
                }
            }
            Ok(())
        })?;
        Ok(known)
    }

    fn frame(&mut self, frame: &Frame, telling: &mut Telling) -> io::Result<()> {
        let mut occurrences: Vec<Occurrence> = Vec::new();
        telling.tell(frame, &self.wanted, &mut occurrences);
        let is_shown = self.filter.as_ref().is_none_or(|filter| filter.matches(&occurrences));
        telling.pass(frame, is_shown);
        if !is_shown {
            return Ok(());
        }
        match &self.view {
            View::List => packet_list::write(&telling.row(frame), self.console.out)?,
            View::Table(table) => {
                table.frame(frame, &occurrences, || telling.row(frame), self.console.out)?
            }
        }
        if self.at_once { self.console.out.flush() } else { Ok(()) }
    }

    fn notice(&mut self, notice: &Notice) {
        if !self.typed.quiet {
            self.console.complain(&printable(&wording::notice(notice)));
        }
    }

    fn could_not(&mut self, what: &dyn Display) -> Stop {
        self.console.complain(what);
        Stop::CouldNotLook
    }

    /// What output that cannot be written means for the exit code.
    fn stopped(&mut self, error: io::Error) -> Exit {
        if console::is_closed_pipe(&error) {
            return Exit::Clean;
        }
        self.console.complain(&console::cannot_write(&error));
        Exit::CouldNotLook
    }
}

/// What is seen of a capture while it is read.
enum Seen {
    /// The dissector tells something.
    Event(Event),
    /// Keys were given to it.
    Secret,
    /// It has told all of one input.
    Input,
}

/// Reads a capture to its end, and tells what is seen.
fn read<'a, 'console>(
    file: &Path,
    packets: Option<NonZeroU64>,
    key_logs: &KeyLogs,
    showing: &mut Showing<'a, 'console>,
    mut see: impl FnMut(&mut Showing<'a, 'console>, Seen) -> io::Result<()>,
) -> Result<(), Stop> {
    let settings = Settings { packets: true, keep_bytes: true, ..Settings::default() };
    let mut dissector = Dissector::new(settings);
    let mut capture = open(file, showing.console).map_err(|error| showing.could_not(&error))?;
    let mut keys_given = false;
    key_logs.each(|input| {
        keys_given |= matches!(input, Input::Secret(_));
        dissector.push(input);
    });
    if keys_given {
        see(showing, Seen::Secret).map_err(Stop::Output)?;
    }
    let mut ahead = match is_pipe(file) {
        true => None,
        false => Some(decryption_secrets(file).map_err(|error| showing.could_not(&error))?),
    };
    let mut first_packets = PacketLimit::new(&mut capture, packets);
    let ahead = ahead.as_mut().map(|secrets| secrets as &mut dyn Source);
    for source in ahead.into_iter().chain([&mut first_packets as &mut dyn Source]) {
        loop {
            match source.next() {
                Ok(Some(input)) => {
                    let is_secret = matches!(input, Input::Secret(_));
                    dissector.push(input);
                    if is_secret {
                        see(showing, Seen::Secret).map_err(Stop::Output)?;
                    }
                }
                Ok(None) => break,
                Err(error) => return Err(showing.could_not(&error)),
            }
            while let Some(event) = dissector.poll() {
                see(showing, Seen::Event(event)).map_err(Stop::Output)?;
            }
            see(showing, Seen::Input).map_err(Stop::Output)?;
        }
    }
    dissector.finish();
    while let Some(event) = dissector.poll() {
        see(showing, Seen::Event(event)).map_err(Stop::Output)?;
    }
    see(showing, Seen::Input).map_err(Stop::Output)
}

/// Whether what is read of it is gone.
fn is_pipe(file: &Path) -> bool {
    file.as_os_str() == STANDARD_INPUT || !file.is_file()
}
