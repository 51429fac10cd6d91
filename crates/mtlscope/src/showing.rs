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
use mtlscope_views::{View, wording};

use crate::certificate_directory::CertificateDirectory;
use crate::connection_filter::ConnectionFilter;
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::progress::ProgressLine;

/// Where connections go.
pub(crate) struct Showing<'console> {
    pub(crate) console: Console<'console>,
    pub(crate) view: Box<dyn View>,
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
            shows_notices: true,
            at_once: false,
            filter: None,
            until: Until::default(),
            certificates: None,
            exported_keys: None,
            collection: Vec::new(),
            progress: None,
            tally: Tally::default(),
            exit: Exit::Clean,
        }
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
        if self.filter.as_mut().is_some_and(|filter| !filter.passes(connection, findings)) {
            return Ok(());
        }
        self.view.connection(connection, findings, self.console.out)?;
        if self.at_once {
            self.console.out.flush()?;
        }
        self.save_certificates(connection);
        self.count(Standing::of(connection, findings))
    }

    /// A connection that the view's printer printed; it began in this frame.
    pub(crate) fn printed(
        &mut self,
        text: &[u8],
        first_frame: Option<FrameNumber>,
        standing: Standing,
    ) -> Result<(), Stop> {
        self.view.printed(text, first_frame, self.console.out)?;
        if self.at_once {
            self.console.out.flush()?;
        }
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

    pub(crate) fn notice(&mut self, notice: &Notice) -> Result<(), Stop> {
        self.view.notice(notice, self.console.out)?;
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
