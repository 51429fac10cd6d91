//! `mtlscope read --frames` and `-T fields`: frames instead of connections. Nothing is judged.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_diagnose::sealed::{Contents, Sealed};
use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{Source, decryption_secrets};
use mtlscope_views::fields::{Field, Wanted, connection};
use mtlscope_views::filter::Filter;
use mtlscope_views::packets::fields_table::{FieldsTable, Format};
use mtlscope_views::packets::{Frame, Frames, Known, Values, packet_list};
use mtlscope_views::printable::printable;
use mtlscope_views::wording;

use super::read::{STANDARD_INPUT, open};
use crate::cli::{self, Shows};
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use crate::packet_limit::PacketLimit;
use crate::passed_over::PassedOver;

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

/// Shows the frames of every file.
pub(crate) fn run(
    typed: &cli::Tshark,
    filter: Option<&str>,
    files: &[&Path],
    key_logs: &KeyLogs,
    console: &mut Console<'_>,
) -> Exit {
    let filter = match filter.map(Filter::compile).transpose() {
        Ok(filter) => filter,
        Err(error) => {
            console.complain(&error);
            return Exit::CouldNotLook;
        }
    };
    let view = match view(typed) {
        Ok(view) => view,
        Err(complaint) => {
            console.complain(&printable(&complaint));
            return Exit::CouldNotLook;
        }
    };
    let mut fields: Vec<&'static Field> = filter.iter().flat_map(Filter::fields).copied().collect();
    if let View::Table(table) = &view {
        fields.extend(table.fields());
    }
    fields.sort_unstable_by_key(|field| field.name);
    fields.dedup_by_key(|field| field.name);
    let asked = filter.as_ref().map_or(Contents::NONE, Filter::asks_for);
    let mut exit = Exit::Clean;
    let mut showing = Showing {
        view,
        filter,
        wanted: Wanted::Only(fields.iter().map(|field| field.name).collect()),
        of_connections: fields.into_iter().filter(|field| connection::is_own(field)).collect(),
        console,
        typed,
        at_once: false,
        shown: 0,
        connections: SealedConnections::new(asked),
    };
    if let Err(error) = showing.begin() {
        return showing.stopped(error);
    }
    for (place, file) in files.iter().enumerate() {
        if files.len() > 1
            && let Err(error) = showing.heading(place, file)
        {
            return exit.max(showing.stopped(error));
        }
        match showing.file(file, key_logs) {
            Ok(()) => {}
            Err(Stop::CouldNotLook) => exit = Exit::CouldNotLook,
            Err(Stop::Output(error)) => return exit.max(showing.stopped(error)),
        }
    }
    showing.close();
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
    /// Which frames are shown; all without one.
    filter: Option<Filter>,
    /// The fields whose values are needed.
    wanted: Wanted,
    /// Those of them that only a whole connection has.
    of_connections: Vec<&'static Field>,
    console: &'a mut Console<'console>,
    typed: &'a cli::Tshark,
    /// Whether each line is to be seen at once, since whoever watches may wait for it.
    at_once: bool,
    /// How many frames were shown.
    shown: u64,
    /// What of the connections is sealed, where the filter asks for it.
    connections: SealedConnections,
}

impl Showing<'_, '_> {
    fn begin(&mut self) -> io::Result<()> {
        match &self.view {
            View::List => Ok(()),
            View::Table(table) => table.begin(self.console.out),
        }
    }

    /// Names the file above its part of the packet list. A table is for programs, which want rows and nothing else.
    fn heading(&mut self, place: usize, file: &Path) -> io::Result<()> {
        match self.view {
            View::List => {
                let blank = if place > 0 { "\n" } else { "" };
                writeln!(self.console.out, "{blank}{}:", printable(&file.to_string_lossy()))
            }
            View::Table(_) => Ok(()),
        }
    }

    fn file(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<(), Stop> {
        let is_pipe = is_pipe(file);
        self.at_once = is_pipe || self.typed.line_by_line || self.console.out_terminal.is_some();
        self.connections.input();
        let mut known = Known::default();
        if self.typed.two_passes || !self.of_connections.is_empty() {
            if is_pipe {
                return Err(self.cannot_read_twice(file));
            }
            known = self.first_pass(file, key_logs)?;
        }
        let mut values = Values::new(self.wanted.clone(), known);
        let mut frames = Frames::default();
        read(file, key_logs, self, |showing, seen| {
            match seen {
                Seen::Event(Event { connection: None, kind: EventKind::Notice(notice) }) => {
                    showing.notice(&notice);
                }
                Seen::Event(event) => {
                    showing.connections.hear(&event);
                    frames.hear(event);
                }
                Seen::Input => {
                    if let Some(frame) = frames.take() {
                        showing.frame(&frame, &mut values)?;
                    }
                }
                Seen::Secret => {}
            }
            Ok(())
        })
    }

    /// Reads a file to its end for what only later frames tell of earlier ones.
    fn first_pass(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<Known, Stop> {
        let mut known = Known::default();
        let mut teller = Teller::default();
        let mut context = Context::default();
        read(file, key_logs, self, |showing, seen| {
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

    fn cannot_read_twice(&mut self, file: &Path) -> Stop {
        let why = match self.of_connections.first() {
            Some(field) => format!("{} is known only at a connection's end", field.name),
            None => "-2 reads twice".to_owned(),
        };
        let file = file.to_string_lossy();
        let name = if file == STANDARD_INPUT { "standard input" } else { &file };
        self.could_not(&format_args!("{why}, and {} can be read only once: save it first", printable(name)))
    }

    fn frame(&mut self, frame: &Frame, values: &mut Values) -> io::Result<()> {
        let occurrences = values.of(frame);
        let is_shown = self.filter.as_ref().is_none_or(|filter| filter.matches(&occurrences));
        values.pass(&frame.packet, is_shown);
        if !is_shown {
            return Ok(());
        }
        self.shown += 1;
        match &self.view {
            View::List => packet_list::write(&values.row(frame), self.console.out)?,
            View::Table(table) => table.frame(frame, &occurrences, || values.row(frame), self.console.out)?,
        }
        if self.at_once { self.console.out.flush() } else { Ok(()) }
    }

    /// Says why nothing was found, where that may be because it is encrypted.
    fn close(&mut self) {
        self.connections.input();
        let reasons = self.connections.passed_over.reasons();
        if self.shown == 0 && !reasons.is_empty() && !self.typed.quiet {
            let of = match self.connections.passed_over.connections {
                1 => "the only connection".to_owned(),
                all => format!("{} connections", wording::grouped(all)),
            };
            self.console.complain(&format_args!("no frame of {of} matches the filter.{reasons}"));
        }
    }

    fn notice(&mut self, notice: &Notice) {
        if !self.typed.quiet {
            self.console.complain(&printable(&wording::notice(notice)));
        }
    }

    fn could_not(&mut self, what: &dyn std::fmt::Display) -> Stop {
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

/// What of the connections of a file is sealed, and of those of the files before it.
struct SealedConnections {
    asked: Contents,
    open: HashMap<ConnectionId, Sealed>,
    passed_over: PassedOver,
}

impl SealedConnections {
    fn new(asked: Contents) -> Self {
        Self { asked, open: HashMap::new(), passed_over: PassedOver::default() }
    }

    fn hear(&mut self, event: &Event) {
        let Some(connection) = event.connection.filter(|_| self.asked != Contents::NONE) else { return };
        let sealed = self.open.entry(connection).or_default();
        sealed.hear(&event.kind);
        if matches!(event.kind, EventKind::Closed(_))
            && let Some(sealed) = self.open.remove(&connection)
        {
            self.passed_over.take_sealed(&sealed, self.asked);
        }
    }

    /// What is heard from here on is of another input.
    fn input(&mut self) {
        for (_, sealed) in self.open.drain() {
            self.passed_over.take_sealed(&sealed, self.asked);
        }
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
    let mut ahead = match !is_pipe(file) && capture.may_hold_secrets() {
        true => Some(decryption_secrets(file).map_err(|error| showing.could_not(&error))?),
        false => None,
    };
    let mut packets = PacketLimit::new(&mut capture, showing.typed.packets);
    let ahead = ahead.as_mut().map(|secrets| secrets as &mut dyn Source);
    for source in ahead.into_iter().chain([&mut packets as &mut dyn Source]) {
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
