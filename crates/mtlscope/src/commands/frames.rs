//! `mtlscope read --frames` and `-T fields`: frames instead of connections. Nothing is judged.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use mtlscope_dissect::event::{ConnectionId, EventKind};
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{Source, decryption_secrets};
use mtlscope_views::fields::{Field, Wanted, connection};
use mtlscope_views::filter::Filter;
use mtlscope_views::packets::fields_table::{FieldsTable, Format};
use mtlscope_views::packets::{Frame, Frames, Values, Versions, packet_list};
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
    let mut wanted: Vec<&'static Field> = match &view {
        View::List => Vec::new(),
        View::Table(table) => table.fields().collect(),
    };
    wanted.extend(filter.iter().flat_map(|filter| filter.fields().iter().copied()));
    if let Some(own) = wanted.iter().find(|field| connection::is_own(field)) {
        console.complain(&format_args!(
            "{} is told of a whole connection, not of a frame: leave --frames and -T out, or use --json",
            own.name
        ));
        return Exit::CouldNotLook;
    }
    let wanted = Wanted::Only(wanted.into_iter().map(|field| field.name).collect());
    let mut exit = Exit::Clean;
    let mut showing = Showing {
        view,
        filter,
        wanted,
        console,
        typed,
        at_once: false,
        shown: 0,
        sealed: HashSet::new(),
        sealed_before: 0,
    };
    if let Err(error) = showing.begin() {
        return showing.stopped(error);
    }
    for file in files {
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
    console: &'a mut Console<'console>,
    typed: &'a cli::Tshark,
    /// Whether each line is to be seen at once, since whoever watches may wait for it.
    at_once: bool,
    /// How many frames were shown.
    shown: u64,
    /// The connections of this file with records that stay sealed, and how many the files before had.
    sealed: HashSet<ConnectionId>,
    sealed_before: usize,
}

impl Showing<'_, '_> {
    fn begin(&mut self) -> io::Result<()> {
        match &self.view {
            View::List => Ok(()),
            View::Table(table) => table.begin(self.console.out),
        }
    }

    fn file(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<(), Stop> {
        let is_pipe = file.as_os_str() == STANDARD_INPUT || !file.is_file();
        self.at_once = is_pipe || self.typed.line_by_line || self.console.out_terminal.is_some();
        self.sealed_before += std::mem::take(&mut self.sealed).len();
        let versions = match self.typed.two_passes && !is_pipe {
            true => self.first_pass(file, key_logs)?,
            false => Versions::default(),
        };
        let mut capture = open(file, self.console).map_err(|error| self.could_not(&error))?;
        let settings = Settings { packets: true, keep_bytes: true, ..Settings::default() };
        let mut reading = Reading {
            dissector: Dissector::new(settings),
            frames: Frames::default(),
            values: Values::new(self.wanted.clone(), versions),
            first: None,
        };
        key_logs.each(|input| reading.dissector.push(input));
        if !is_pipe {
            let mut secrets = decryption_secrets(file).map_err(|error| self.could_not(&error))?;
            self.read(&mut secrets, &mut reading)?;
        }
        self.read(&mut PacketLimit::new(&mut capture, self.typed.packets), &mut reading)
    }

    /// Finds out what only later frames tell of earlier ones.
    fn first_pass(&mut self, file: &Path, key_logs: &KeyLogs) -> Result<Versions, Stop> {
        let mut versions = Versions::default();
        let mut dissector = Dissector::new(Settings::default());
        key_logs.each(|input| dissector.push(input));
        let mut secrets = decryption_secrets(file).map_err(|error| self.could_not(&error))?;
        let mut capture = open(file, self.console).map_err(|error| self.could_not(&error))?;
        let mut capture = PacketLimit::new(&mut capture, self.typed.packets);
        for source in [&mut secrets as &mut dyn Source, &mut capture] {
            // What cannot be read is said in the second pass, behind what stands before it.
            while let Ok(Some(input)) = source.next() {
                dissector.push(input);
                while let Some(event) = dissector.poll() {
                    versions.hear(&event);
                }
            }
        }
        Ok(versions)
    }

    /// Shows all that a source has.
    fn read(&mut self, source: &mut dyn Source, reading: &mut Reading) -> Result<(), Stop> {
        loop {
            match source.next() {
                Ok(Some(input)) => reading.dissector.push(input),
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.could_not(&error)),
            }
            while let Some(event) = reading.dissector.poll() {
                match event.kind {
                    EventKind::Notice(notice) if event.connection.is_none() => self.notice(&notice),
                    EventKind::Sealed(_) if self.filter.is_some() => {
                        self.sealed.extend(event.connection);
                        reading.frames.hear(event);
                    }
                    _ => reading.frames.hear(event),
                }
            }
            if let Some(frame) = reading.frames.take() {
                self.frame(&frame, reading).map_err(Stop::Output)?;
            }
        }
    }

    fn frame(&mut self, frame: &Frame, reading: &mut Reading) -> io::Result<()> {
        let first = *reading.first.get_or_insert(frame.packet.time);
        let occurrences = reading.values.of(frame);
        let is_shown = self.filter.as_ref().is_none_or(|filter| filter.matches(&occurrences));
        reading.values.pass(&frame.packet, is_shown);
        if !is_shown {
            return Ok(());
        }
        self.shown += 1;
        match &self.view {
            View::List => packet_list::write(&packet_list::row(frame, first), self.console.out)?,
            View::Table(table) => table.frame(frame, &occurrences, first, self.console.out)?,
        }
        if self.at_once { self.console.out.flush() } else { Ok(()) }
    }

    /// Says why nothing was found, where that may be because it is encrypted.
    fn close(&mut self) {
        let sealed = (self.sealed_before + self.sealed.len()) as u64;
        let asks = self.filter.as_ref().is_some_and(Filter::asks_for_what_may_be_sealed);
        if self.shown > 0 || !asks || sealed == 0 || self.typed.quiet {
            return;
        }
        let (connections, are, they) = match sealed {
            1 => ("1 connection".to_owned(), "is", "it carries"),
            many => (format!("{} connections", wording::grouped(many)), "are", "they carry"),
        };
        self.console.complain(&format_args!(
            "no frame matches the filter; {connections} {are} encrypted and no key opened all of what {they}"
        ));
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

/// One capture while it is read.
struct Reading {
    dissector: Dissector,
    frames: Frames,
    values: Values,
    first: Option<Timestamp>,
}
