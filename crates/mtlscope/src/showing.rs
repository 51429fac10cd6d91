//! What becomes of each connection once it is told: it is shown and counted, its certificates are saved, and perhaps it
//! was the last that the user wants to see.

use std::io;

use mtlscope_diagnose::connection::{Connection, Verdict};
use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_diagnose::keyless::CertificateFile;
use mtlscope_dissect::event::{Event, EventKind, SessionKeys};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::{KeyLogWriter, Progress, Sink};
use mtlscope_views::packets::Frame;
use mtlscope_views::printable::printable;
use mtlscope_views::{Counted, View, wording};
use mtlscope_web::LiveView;

use crate::certificate_directory::CertificateDirectory;
use crate::closing;
use crate::connection_filter::ConnectionFilter;
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::failed_connections::FailedConnections;
use crate::progress::ProgressLine;

/// Where connections go.
pub(crate) struct Showing<'console> {
    pub(crate) console: Console<'console>,
    pub(crate) view: Box<dyn View>,
    /// A page in the browser that shows the same beside the view.
    pub(crate) page: Option<LiveView>,
    /// Whether the view shows the notices of an input at once; if not, standard error does, too.
    pub(crate) shows_notices: bool,
    /// Whether each connection is to be seen at once, since whoever watches may wait for it.
    pub(crate) at_once: bool,
    /// Which connections are shown; all without one.
    pub(crate) filter: Option<ConnectionFilter>,
    pub(crate) until: Until,
    pub(crate) certificates: Option<CertificateDirectory>,
    /// Where secrets go that opened something.
    pub(crate) exported_keys: Option<KeyLogWriter>,
    /// Where the packets of connections are held until they fail.
    pub(crate) failed: Option<FailedConnections>,
    /// Certificates that a client may have sent, to be named by their size.
    pub(crate) collection: Vec<CertificateFile>,
    pub(crate) progress: Option<ProgressLine>,
    pub(crate) tally: Tally,
    /// The worst so far.
    pub(crate) exit: Exit,
}

/// When to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Until {
    /// So many connections were shown.
    pub(crate) connections: Option<u64>,
    /// A connection with an error was shown.
    pub(crate) first_failure: bool,
}

/// Why nothing more is to be shown.
pub(crate) enum Stop {
    /// The user wanted no more than this.
    Enough,
    /// Nobody reads on.
    ClosedPipe,
    /// The output cannot be written.
    Output(io::Error),
}

/// What was seen, for the closing words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Inputs that could be opened.
    pub(crate) inputs: u64,
    pub(crate) frames: u64,
    pub(crate) connections: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) incomplete: u64,
    pub(crate) unknown: u64,
    /// Connections with a finding that is an error.
    pub(crate) failed: u64,
    /// Connections that keys opened.
    pub(crate) opened: u64,
    pub(crate) keys_given: bool,
    /// Whether the user's limit ended the run.
    pub(crate) stopped: bool,
}

impl<'console> Showing<'console> {
    /// Shows everything, to the end, and saves nothing.
    pub(crate) fn new(console: Console<'console>, view: Box<dyn View>) -> Self {
        Self {
            console,
            view,
            page: None,
            shows_notices: true,
            at_once: false,
            filter: None,
            until: Until::default(),
            certificates: None,
            exported_keys: None,
            failed: None,
            collection: Vec::new(),
            progress: None,
            tally: Tally::default(),
            exit: Exit::Clean,
        }
    }

    /// Whether what is inside messages is shown anywhere.
    pub(crate) fn shows_contents(&self) -> bool {
        self.page.is_some() || self.view.shows_contents()
    }

    /// From here on, what is shown comes from this input, named as it was typed.
    pub(crate) fn input(&mut self, name: &str) -> Result<(), Stop> {
        self.tally.inputs += 1;
        if let Some(filter) = &mut self.filter {
            filter.input();
        }
        Ok(self.view.file(name, self.console.out)?)
    }

    /// The input goes on in this file.
    pub(crate) fn goes_on(&mut self, name: &str) -> Result<(), Stop> {
        self.tally.inputs += 1;
        Ok(self.view.continues(name, self.console.out)?)
    }

    /// What was seen, before it is part of a told connection.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), Stop> {
        if let EventKind::SessionKeys(keys) = &event.kind {
            self.export(keys);
            if let (Some(failed), Some(connection)) = (&mut self.failed, event.connection) {
                failed.secrets(connection, keys);
            }
        }
        Ok(self.view.event(event, self.console.out)?)
    }

    /// A frame, where the filter asks about frames.
    pub(crate) fn frame(&mut self, frame: &Frame) {
        if let Some(filter) = &mut self.filter {
            filter.frame(frame);
        }
    }

    pub(crate) fn connection(&mut self, connection: &Connection, findings: &[Finding]) -> Result<(), Stop> {
        let is_meant = self.filter.as_mut().is_none_or(|filter| filter.passes(connection, findings));
        let standing = Standing::of(connection, findings);
        if let Some(kept) = &mut self.failed {
            let is_refused = standing.verdict == Verdict::Refused;
            kept.over(connection, is_meant && (standing.has_error || is_refused));
        }
        if !is_meant {
            return Ok(());
        }
        self.write(|view, out| view.connection(connection, findings, out))?;
        self.save_certificates(connection);
        self.count(standing)
    }

    /// A connection that the view's printer printed; it began in this frame.
    pub(crate) fn printed(
        &mut self,
        text: &[u8],
        first_frame: Option<FrameNumber>,
        standing: Standing,
    ) -> Result<(), Stop> {
        self.write(|view, out| view.printed(text, first_frame, out))?;
        self.count(standing)
    }

    fn count(&mut self, standing: Standing) -> Result<(), Stop> {
        self.tally.count(standing);
        let failed = standing.has_error;
        if failed {
            self.exit = self.exit.max(Exit::Trouble);
        }
        let enough = self.until.connections.is_some_and(|limit| self.tally.connections >= limit);
        if enough || self.until.first_failure && failed {
            self.tally.stopped = true;
            return Err(Stop::Enough);
        }
        Ok(())
    }

    /// What the connections of an input tell together.
    pub(crate) fn across(&mut self, findings: &[Finding]) -> Result<(), Stop> {
        Ok(self.view.across(findings, self.console.out)?)
    }

    /// What was counted while packets were captured.
    pub(crate) fn counted(&mut self, counted: &[Counted]) -> Result<(), Stop> {
        Ok(self.view.counted(counted, self.console.out)?)
    }

    pub(crate) fn notice(&mut self, notice: &Notice) -> Result<(), Stop> {
        self.write(|view, out| view.notice(notice, out))?;
        if self.shows_notices {
            return Ok(());
        }
        self.say(&printable(&wording::notice(notice)));
        Ok(())
    }

    pub(crate) fn progress(&mut self, progress: Progress) {
        if let Some(line) = &mut self.progress {
            line.reached(progress);
        }
    }

    /// Writes what was shown so far, for who waits for it.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        Ok(self.console.out.flush()?)
    }

    /// How a live capture stands.
    pub(crate) fn stands(&mut self, packets: u64, dropped: u64) {
        let Some(line) = &mut self.progress else { return };
        line.stands(closing::so_far(&self.tally, packets, dropped));
    }

    /// Complains, and remembers that something could not be looked at.
    pub(crate) fn could_not(&mut self, what: &dyn std::fmt::Display) {
        self.exit = Exit::CouldNotLook;
        self.say(what);
    }

    /// What a stop means for the exit code.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        match stop {
            Stop::Enough | Stop::ClosedPipe => {}
            Stop::Output(error) => self.could_not(&console::cannot_write(error)),
        }
    }

    /// Writes while no bar is on the screen, which may be that of the output.
    fn write(
        &mut self,
        write: impl FnOnce(&mut dyn View, &mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let (view, out, at_once) = (&mut *self.view, &mut *self.console.out, self.at_once);
        let write = || {
            write(view, out)?;
            if at_once { out.flush() } else { Ok(()) }
        };
        match &self.progress {
            Some(line) if self.console.out_terminal.is_some() => line.aside(write),
            _ => write(),
        }
    }

    fn say(&mut self, what: &dyn std::fmt::Display) {
        match &self.progress {
            Some(line) => line.aside(|| self.console.complain(what)),
            None => self.console.complain(what),
        }
    }

    fn export(&mut self, keys: &SessionKeys) {
        let Some(writer) = &mut self.exported_keys else { return };
        let lines = keys.lines.as_bytes();
        if let Err(error) =
            writer.take(&Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }))
        {
            self.could_not(&error);
        }
    }

    fn save_certificates(&mut self, connection: &Connection) {
        let Some(directory) = &self.certificates else { return };
        if let Err(failure) = directory.save(connection) {
            // Once: what went wrong for one file will go wrong for the next.
            self.certificates = None;
            self.could_not(&failure);
        }
    }
}

/// What is counted of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    verdict: Verdict,
    /// Whether keys opened it.
    was_opened: bool,
    /// Whether a finding says that it failed.
    has_error: bool,
}

impl Standing {
    pub(crate) fn of(connection: &Connection, findings: &[Finding]) -> Self {
        Self {
            verdict: connection.outcome.verdict,
            was_opened: connection.decrypted_with.is_some(),
            has_error: findings.iter().any(|finding| finding.severity == Severity::Error),
        }
    }
}

impl Tally {
    fn count(&mut self, standing: Standing) {
        self.connections += 1;
        self.opened += u64::from(standing.was_opened);
        self.failed += u64::from(standing.has_error);
        *match standing.verdict {
            Verdict::Accepted => &mut self.accepted,
            Verdict::Refused => &mut self.refused,
            Verdict::Incomplete => &mut self.incomplete,
            Verdict::Unknown => &mut self.unknown,
        } += 1;
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if console::is_closed_pipe(&error) { Self::ClosedPipe } else { Self::Output(error) }
    }
}
