//! `mtlscope read --frames` and `-T fields`: frames instead of connections. Nothing is judged.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use mtlscope_dissect::event::EventKind;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{Source, decryption_secrets};
use mtlscope_views::fields::packet::Times;
use mtlscope_views::fields::{Occurrence, Wanted};
use mtlscope_views::packets::fields_table::{FieldsTable, Format};
use mtlscope_views::packets::{Frame, Frames, packet_list};
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
pub(crate) fn run(typed: &cli::Read, files: &[&Path], key_logs: &KeyLogs, console: &mut Console<'_>) -> Exit {
    let view = match view(&typed.tshark) {
        Ok(view) => view,
        Err(complaint) => {
            console.complain(&printable(&complaint));
            return Exit::CouldNotLook;
        }
    };
    let wanted = match &view {
        View::List => Wanted::Only(HashSet::new()),
        View::Table(table) => Wanted::Only(table.fields().map(|field| field.name).collect()),
    };
    let mut exit = Exit::Clean;
    let mut showing = Showing { view, wanted, console, typed: &typed.tshark, at_once: false };
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
    /// The fields whose values are needed.
    wanted: Wanted,
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
        let is_pipe = file.as_os_str() == STANDARD_INPUT || !file.is_file();
        self.at_once = is_pipe || self.typed.line_by_line || self.console.out_terminal.is_some();
        let mut capture = open(file, self.console).map_err(|error| self.could_not(&error))?;
        let settings = Settings { packets: true, ..Settings::default() };
        let mut reading = Reading { dissector: Dissector::new(settings), ..Reading::default() };
        key_logs.each(|input| reading.dissector.push(input));
        if !is_pipe {
            let mut secrets = decryption_secrets(file).map_err(|error| self.could_not(&error))?;
            self.read(&mut secrets, &mut reading)?;
        }
        self.read(&mut PacketLimit::new(&mut capture, self.typed.packets), &mut reading)
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
                    _ => reading.frames.hear(event),
                }
            }
            if let Some(frame) = reading.frames.take() {
                self.frame(&frame, reading).map_err(Stop::Output)?;
            }
        }
    }

    fn frame(&mut self, frame: &Frame, reading: &mut Reading) -> io::Result<()> {
        let mut occurrences: Vec<Occurrence> = Vec::new();
        let first = *reading.first.get_or_insert(frame.packet.time);
        reading.times.tell(&frame.packet, &frame.carries(), &self.wanted, &mut occurrences);
        reading.times.pass(&frame.packet, true);
        match &self.view {
            View::List => packet_list::write(&packet_list::row(frame, first), self.console.out)?,
            View::Table(table) => table.frame(frame, &occurrences, first, self.console.out)?,
        }
        if self.at_once { self.console.out.flush() } else { Ok(()) }
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
    times: Times,
    first: Option<Timestamp>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            dissector: Dissector::new(Settings::default()),
            frames: Frames::default(),
            times: Times::default(),
            first: None,
        }
    }
}
